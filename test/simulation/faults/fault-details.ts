import type { Dice } from '../dice.ts';
import type { CallFault, ProviderFault } from './faults.ts';

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;

/** The details of a fault of a given kind. */
export function callFault(kind: CallFault['do'], point: CallFault['point'], dice: Dice): CallFault {
  switch (kind) {
    case 'freeze':
      return { ...fault(kind, point), ms: dice.magnitude(SECOND_MS, 3 * MINUTE_MS) };
    case 'slow':
      return { ...fault(kind, point), ms: dice.magnitude(200, 6000) };
    case 'twice':
      return { ...fault(kind, point), ms: dice.between(100, 2500) };
    case 'late':
      return { ...fault(kind, point), ms: dice.between(50, 5000) };
    default:
      return fault(kind, point);
  }
}

/** The details of a provider's fault. A request that is processed at all is within 25 s of its arrival. */
export function providerFault(kind: ProviderFault['do'], dice: Dice): ProviderFault {
  switch (kind) {
    case 'slow-before':
      return { do: kind, ms: dice.magnitude(SECOND_MS, 25 * SECOND_MS) };
    case 'slow-after':
      return { do: kind, ms: dice.magnitude(SECOND_MS, 40 * SECOND_MS) };
    case 'throttle':
      return { do: kind, ms: dice.magnitude(1, 15 * 60) * SECOND_MS };
    case 'block':
      return { do: kind, ms: dice.between(60, 15 * 60) * SECOND_MS };
    default:
      return { do: kind, ms: dice.between(20, 3000) };
  }
}

/** A fault without further details. */
export function fault(kind: CallFault['do'], point: CallFault['point']): CallFault {
  return { do: kind, point, ms: 0 };
}
