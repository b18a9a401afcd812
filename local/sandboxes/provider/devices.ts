import { type Fingerprint, fingerprint, type IssuedToken, isExpired } from './fingerprint.ts';
import { TokenError } from './token-error.ts';
import type { DeviceForm } from './token-form.ts';

/** A device asked to be let in (RFC 8628 §3.1). */
export interface DeviceAsked {
  readonly type: 'device-asked';
  readonly device: IssuedToken;
  /** What the person types, as it is compared: {@link plainUserCode}. */
  readonly userCode: Fingerprint;
  readonly client: Fingerprint;
  readonly scope: string;
}

/** The person with the user code allowed it, or did not. */
export interface DeviceDecided {
  readonly type: 'device-decided';
  readonly userCode: Fingerprint;
  readonly allowed: boolean;
}

interface KnownDevice extends DeviceAsked {
  allowed: boolean | undefined;
  spent: boolean;
  polledAtMs: number | undefined;
}

/** A user code as it is compared: a person may type it in lower case and without the dash (RFC 8628 §6.1). */
export function plainUserCode(text: string): string {
  return text.replace(/[^a-z]/gi, '').toUpperCase();
}

/** Devices that wait for a person, each let in once. */
export class Devices {
  readonly #intervalMs: number;
  readonly #byDevice = new Map<Fingerprint, KnownDevice>();
  readonly #byUserCode = new Map<Fingerprint, KnownDevice>();

  /** @param intervalMs how long a device waits between two questions at least (RFC 8628 §3.5). */
  constructor(intervalMs: number) {
    this.#intervalMs = intervalMs;
  }

  ask(asked: DeviceAsked): void {
    const known = { ...asked, allowed: undefined, spent: false, polledAtMs: undefined };
    this.#byDevice.set(asked.device.fingerprint, known);
    this.#byUserCode.set(asked.userCode, known);
  }

  decide({ userCode, allowed }: DeviceDecided): void {
    const found = this.#byUserCode.get(userCode);
    if (found) found.allowed = allowed;
  }

  spend(device: Fingerprint): void {
    const found = this.#byDevice.get(device);
    if (found) found.spent = true;
  }

  /** The device that waits for the person with this code at `nowMs`; undefined: none does. */
  waiting(userCode: string, nowMs: number): DeviceAsked | undefined {
    const found = this.#byUserCode.get(fingerprint(plainUserCode(userCode)));
    return found && found.allowed === undefined && !isExpired(found.device, nowMs) ? found : undefined;
  }

  /** What a device code is good for at `nowMs`, or throws {@link TokenError} (RFC 8628 §3.5). */
  judge(form: DeviceForm, client: Fingerprint, nowMs: number): DeviceAsked {
    const found = this.#byDevice.get(fingerprint(form.deviceCode));
    if (found?.client !== client) {
      throw new TokenError('invalid_grant', 'device_code: was not issued to this client');
    }
    if (found.spent) throw new TokenError('invalid_grant', 'device_code: was used before; ask for another');
    if (isExpired(found.device, nowMs)) throw new TokenError('expired_token', 'device_code: ask for another');
    const { polledAtMs = -Infinity } = found;
    found.polledAtMs = nowMs;
    if (found.allowed === false) throw new TokenError('access_denied', 'device_code: the person refused');
    if (found.allowed) return found;
    // Clocks of client and server may round apart by a moment.
    if (nowMs - polledAtMs < this.#intervalMs * 0.9) {
      throw new TokenError('slow_down', 'device_code: wait for the interval, and five seconds more');
    }
    throw new TokenError('authorization_pending', 'device_code: the person has not decided yet');
  }
}
