import type { BsnRecord } from '../../local/sandboxes/bsn/bsn-record.ts';
import {
  type Fingerprint,
  fingerprint,
  type IssuedToken,
} from '../../local/sandboxes/provider/fingerprint.ts';
import type { ProviderEvent } from '../../local/sandboxes/provider/provider.ts';
import type { SandboxRecord } from '../../local/sandboxes/provider/sandbox-record.ts';

/** An access token as the provider gave it out. */
interface Issue {
  readonly atMs: number;
  readonly endMs: number;
}

/**
 * What a provider wrote down of each owner (a client, or a user): the witness of a test, which nothing of Renova's has a
 * part in.
 */
export class ProviderRecord {
  readonly #issues = new Map<Fingerprint, Issue[]>();
  readonly #ownerOf = new Map<Fingerprint, Fingerprint>();
  readonly #newest = new Map<Fingerprint, Fingerprint>();
  readonly #arrivals: number[] = [];
  throttled = 0;
  reused = 0;
  refused = 0;

  event(event: ProviderEvent): void {
    if (event.type === 'throttled') this.throttled += 1;
    if (event.type === 'refused') this.refused += 1;
  }

  add(entry: SandboxRecord | BsnRecord): void {
    switch (entry.type) {
      case 'arrived':
        this.#arrivals.push(entry.atMs);
        return;
      case 'reused':
        this.reused += 1;
        return;
      case 'granted':
        this.#follow(entry.client, undefined, entry.refreshToken.fingerprint);
        return;
      case 'logged-in':
        this.#issue(entry.client, entry.atMs, entry.accessToken, entry.refreshToken?.fingerprint);
        return;
      case 'rotated': {
        const owner = this.#ownerOf.get(entry.spent) ?? '';
        this.#issue(owner, entry.atMs, entry.accessToken, entry.refreshToken.fingerprint);
        return;
      }
      case 'issued':
        // The BSN sandbox stamps arrivals alone.
        this.#issue(
          fingerprint(entry.username),
          this.#arrivals.at(-1) ?? 0,
          entry.accessToken,
          entry.refreshToken,
        );
        return;
      default:
        return;
    }
  }

  /** How many access tokens an owner was given. */
  tokensOf(owner: string): number {
    return this.#issuesOf(owner).length;
  }

  /** Seconds between the first token of an owner and `untilMs` in which none lived. */
  expiredSeconds(owner: string, untilMs: number): number {
    let [aliveUntilMs, expiredMs] = [Number.POSITIVE_INFINITY, 0];
    for (const { atMs, endMs } of [...this.#issuesOf(owner), { atMs: untilMs, endMs: untilMs }]) {
      expiredMs += Math.max(0, atMs - aliveUntilMs);
      aliveUntilMs = aliveUntilMs === Number.POSITIVE_INFINITY ? endMs : Math.max(aliveUntilMs, endMs);
    }
    return expiredMs / 1000;
  }

  /** Whether this is the refresh token that the provider gave out last to an owner. */
  isNewest(owner: string, refreshToken: string): boolean {
    return this.#newest.get(fingerprint(owner)) === fingerprint(refreshToken);
  }

  /** The most token requests in any window, whoever made them. */
  busiestWindow(windowMs: number): number {
    let [from, busiest] = [0, 0];
    for (const [at, atMs] of this.#arrivals.entries()) {
      while ((this.#arrivals[from] ?? 0) <= atMs - windowMs) from += 1;
      busiest = Math.max(busiest, at - from + 1);
    }
    return busiest;
  }

  #issuesOf(owner: string): readonly Issue[] {
    return this.#issues.get(fingerprint(owner)) ?? [];
  }

  #issue(owner: Fingerprint, atMs: number, token: IssuedToken, refreshToken: Fingerprint | undefined): void {
    this.#follow(owner, { atMs, endMs: token.expiresAtMs ?? Number.POSITIVE_INFINITY }, refreshToken);
  }

  #follow(owner: Fingerprint, issue: Issue | undefined, refreshToken: Fingerprint | undefined): void {
    if (issue) this.#issues.set(owner, [...(this.#issues.get(owner) ?? []), issue]);
    if (refreshToken === undefined) return;
    this.#ownerOf.set(refreshToken, owner);
    this.#newest.set(owner, refreshToken);
  }
}
