/** Tags of a secret or a parameter, by name. */
export type Tags = Readonly<Record<string, string>>;

/** Tags to set, and the names of those to take away. */
export interface TagChanges {
  readonly set: Tags;
  readonly drop: readonly string[];
}

/** What leads from the tags `before` to those `after`: all of these are set, and what they have no more is taken away. Pure. */
export function tagChanges(before: Tags, after: Tags): TagChanges {
  return { set: after, drop: Object.keys(before).filter((name) => !Object.hasOwn(after, name)) };
}

/** The same changes where the environment has tags too: those win, and stay. Pure. */
export function withTagsOfEnvironment({ set, drop }: TagChanges, environment: Tags = {}): TagChanges {
  const all = { ...set, ...environment };
  return { set: all, drop: drop.filter((name) => !Object.hasOwn(all, name)) };
}
