/**
 * A frozen copy of `value` as DynamoDB would give it back: plain objects, arrays, strings, finite
 * numbers, booleans and null; what is undefined is left out. Nobody can change what was stored
 * through an object kept from before the save or from after a load.
 * Throws TypeError, naming the path and never the value, for what DynamoDB could not hold.
 */
export function frozenCopy<Value>(value: Value, path = 'item'): Value {
  return copy(value, path) as Value;
}

/** Copies that were made before: nobody can change them, so they need no copy of their own. */
const copies = new WeakSet<object>();

function copy(value: unknown, path: string): unknown {
  if (isScalar(value) || (typeof value === 'object' && value !== null && copies.has(value))) return value;
  if (Array.isArray(value)) {
    const elements = value.filter((element) => element !== undefined);
    return remembered(elements.map((element, index) => copy(element, `${path}[${index}]`)));
  }
  if (!isPlainObject(value)) {
    throw new TypeError(
      `${path}: only plain objects, arrays, strings, numbers, booleans and null are stored`,
    );
  }
  const result: Record<string, unknown> = {};
  for (const key of Object.keys(value)) {
    const property = value[key];
    if (property === undefined) continue;
    result[key] = isScalar(property) ? property : copy(property, `${path}.${key}`);
  }
  return remembered(result);
}

function remembered(value: object): object {
  copies.add(value);
  return Object.freeze(value);
}

/** The marshaller refuses a number that would not come back as the same one. */
function isScalar(value: unknown): boolean {
  if (typeof value !== 'number')
    return typeof value === 'string' || typeof value === 'boolean' || value === null;
  return Number.isFinite(value) && Math.abs(value) <= Number.MAX_SAFE_INTEGER;
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
