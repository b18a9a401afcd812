/** What a release is judged by; read by release.ts, so that the judgement needs no repository. */
export interface ReleaseState {
  /** The version that each file says, by its path. */
  readonly versions: Readonly<Record<string, string | undefined>>;
  readonly changelog: string;
  /** Tags of the commit that is checked out. */
  readonly tags: readonly string[];
  /** Files that differ from that commit, or that it does not know. */
  readonly changedFiles: readonly string[];
}

/** What hinders the release of `version`, as sentences that say what to do; empty if nothing does. */
export function hindrances(version: string, state: ReleaseState): string[] {
  const { versions, changelog, tags, changedFiles } = state;
  return [
    ...(SEMANTIC.test(version) ? [] : ['package.json: expected a semantic version, such as 1.2.3.']),
    ...Object.entries(versions)
      .filter(([, found]) => found !== version)
      .map(([path, found = 'none']) => `${path}: expected version ${version}, found ${found}; set it.`),
    ...changelogHindrances(version, changelog),
    ...(tags.includes(`v${version}`)
      ? []
      : [`git: expected the tag v${version} on this commit; git tag -a v${version} -m "Renova ${version}".`]),
    ...(changedFiles.length === 0
      ? []
      : [`git: expected no change beside the commit, found ${changedFiles.length}; commit or undo them.`]),
  ];
}

const SEMANTIC = /^\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?$/;

function changelogHindrances(version: string, changelog: string): string[] {
  const section = sectionOf(version, changelog);
  if (!section) {
    return [`CHANGELOG.md: expected a heading "## ${version} - <date>"; give "Unreleased" that name.`];
  }
  const [heading = '', ...lines] = section.split('\n');
  const hasDate = /\d{4}-\d{2}-\d{2}\s*$/.test(heading);
  return [
    ...(hasDate ? [] : [`CHANGELOG.md: expected the date of ${version} in its heading, such as 2026-12-31.`]),
    ...(lines.some((line) => line.startsWith('- '))
      ? []
      : [`CHANGELOG.md: expected what is new in ${version}; found nothing under its heading.`]),
  ];
}

/** What users read of a version: its section of the changelog, without the heading. */
export function releaseNotes(version: string, changelog: string): string {
  return `${sectionOf(version, changelog)?.split('\n').slice(1).join('\n').trim() ?? ''}\n`;
}

function sectionOf(version: string, changelog: string): string | undefined {
  const sections = changelog.split(/^## /m).slice(1);
  return sections.find((text) => [`${version} `, `[${version}] `].some((start) => text.startsWith(start)));
}
