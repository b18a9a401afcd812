import type { Invoke, JsonObject } from '../context.ts';

/**
 * Sends a request and gives its answer; one that comes in pages is put together from all of them: lists are joined,
 * counts are summed. An error on any page is the answer.
 */
export async function everyPage(
  invoke: Invoke,
  target: Parameters<Invoke>[0],
  request: JsonObject,
): Promise<JsonObject> {
  let answer = await invoke(target, request);
  if (typeof answer.next !== 'string') return answer;
  while (typeof answer.next === 'string') {
    const { next, ...sofar } = answer;
    const page = await invoke(target, { ...request, after: next });
    if (page.error !== undefined) return page;
    answer = joined(sofar, page);
  }
  const { credentials } = answer;
  return Array.isArray(credentials) ? { ...answer, credentials: credentials.toSorted(byId) } : answer;
}

function joined(before: JsonObject, page: JsonObject): JsonObject {
  const members = Object.entries(page).map(([name, value]) => [name, added(before[name], value)]);
  return { ...before, ...Object.fromEntries(members) };
}

function added(before: unknown, value: unknown): unknown {
  if (Array.isArray(before) && Array.isArray(value)) return before.concat(value);
  if (typeof before === 'number' && typeof value === 'number') return before + value;
  if (isObject(before) && isObject(value)) return joined(before, value);
  return value;
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function byId(a: JsonObject, b: JsonObject): number {
  return String(a.credential) < String(b.credential) ? -1 : 1;
}
