#!/usr/bin/env node
// Plain JavaScript, so that a Node that is too old to run TypeScript says so in a sentence.
if (Number(process.versions.node.split('.')[0]) < 24) {
  process.stderr.write(
    `renova: Node 24 or newer is needed and this is ${process.versions.node}; run it as "npx renova" after "npm ci".\n`,
  );
  process.exit(1);
}
await import('./main.ts');
