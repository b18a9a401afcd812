/** Scope is a set: order and repetition mean nothing (RFC 6749 §3.3). */
export function sameScope(left: string, right: string): boolean {
  return isWithin(left, right) && isWithin(right, left);
}

/** Whether every name of `less` is in `more`. */
export function isWithin(less: string, more: string): boolean {
  const names = new Set(namesOf(more));
  return namesOf(less).every((name) => names.has(name));
}

const namesOf = (scope: string) => scope.split(' ').filter((name) => name !== '');
