/** Options of `node` under which a program takes it for another version. */
export function asNode(version: string): string[] {
  const script = `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '${version}' } })`;
  return ['--import', `data:text/javascript,${encodeURIComponent(script)}`];
}

/** The last version that `engines` (`>=24`) leaves out, and the first that it lets in. */
export function aroundEngine({ node }: { readonly node: string }): {
  readonly old: string;
  readonly first: string;
} {
  const major = Number(/^>=(\d+)$/.exec(node)?.[1]);
  return { old: `${major - 1}.99.0`, first: `${major}.0.0` };
}
