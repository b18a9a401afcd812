import type { ServeContext } from '../../../functions/serve-read.ts';
import { timing } from '../../../shared/config/timing.ts';
import type { CredentialRecord, SealedPair } from '../../../shared/credential/credential.ts';
import { type ReadRequest, readToken } from '../../../shared/read/read-token.ts';
import { type CurrentToken, TokenMemory } from '../../../shared/read/token-memory.ts';
import type { RefreshResult } from '../../../shared/refresh/context.ts';
import type { RefreshRequest } from '../../../shared/refresh-service/refresh-service.ts';
import { Secret } from '../../../shared/secret/secret.ts';
import { StoreUnavailableError } from '../../../shared/table/table.ts';
import { ManualClock } from '../../support/fakes/manual-clock.ts';
import { MemoryLedger } from '../../support/fakes/memory-ledger.ts';
import { MemorySealer } from '../../support/fakes/memory-sealer.ts';
import { AT_MS, aPair, aRecord } from '../../support/records.ts';

export const LIFE_MS = 300_000;

/** A reader over a ledger in memory. What the refresh function does when it is asked is up to the test. */
export class ReadWorld {
  readonly clock = new ManualClock(AT_MS);
  readonly timing = timing(1);
  readonly sealer = new MemorySealer();
  /** Whether the stores answer the reader. */
  readonly away = { ledger: false, vault: false };
  readonly ledger = new MemoryLedger<CredentialRecord>({
    hooks: { faults: () => (this.away.ledger ? 'before' : undefined) },
  });
  /** What the refresh function was asked. */
  readonly asked: RefreshRequest[] = [];
  /** Seals that the reader opened, or tried to. */
  opened = 0;
  onRefresh: () => Promise<void> = async () => {};
  /** What the refresh function answers. */
  refreshed: RefreshResult = { result: 'refreshed' };

  /** One container. */
  readonly context: ServeContext = {
    clock: this.clock,
    timing: this.timing,
    ledger: this.ledger,
    sealer: {
      accessToken: async (credential, pair) => {
        this.opened += 1;
        if (this.away.vault) throw new StoreUnavailableError('away');
        return this.sealer.accessToken(credential, pair);
      },
      readyToRead: async () => {
        if (this.away.vault) throw new StoreUnavailableError('away');
      },
    },
    memory: new TokenMemory(),
    refreshService: {
      refresh: async (trigger) => {
        this.asked.push(trigger);
        await this.onRefresh();
        return this.refreshed;
      },
    },
  };

  /** The credential as it is from now on; its access token is `fake-access-<generation>`. */
  async set(overrides: Partial<CredentialRecord> = {}, pair: Partial<SealedPair> = {}): Promise<void> {
    const record = aRecord(overrides);
    const before = await this.ledger.load(record.credential);
    const { sealedAccess: _, sealedRefresh: __, ...bare } = aPair({ generation: record.generation, ...pair });
    const accessToken = new Secret(`fake-access-${record.generation}`);
    const sealed = await this.sealer.sealPair(record.credential, bare, { accessToken });
    const revision = (before?.revision ?? 0) + 1;
    await this.ledger.save({ ...record, pair: sealed, ...overrides, revision, writer: `writer-${revision}` });
  }

  /** The next pair is current, issued now. */
  async renew(generation: number): Promise<void> {
    const issuedAtMs = this.clock.nowMs();
    await this.set(
      { generation },
      { issuedAtMs, expiresAtMs: issuedAtMs + LIFE_MS, refreshAfterMs: issuedAtMs + LIFE_MS / 2 },
    );
  }

  async read(request: Partial<ReadRequest> = {}, context = this.context): Promise<CurrentToken> {
    let done = false;
    const reading = readToken(context, { credential: 'acme', ...request }).finally(() => {
      done = true;
    });
    reading.catch(() => undefined);
    await this.clock.advance(0);
    while (!done) await this.clock.advance(50);
    return reading;
  }
}
