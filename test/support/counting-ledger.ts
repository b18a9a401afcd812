import type { Shard } from '../../shared/config/shards.ts';
import type { CredentialRecord } from '../../shared/credential/credential.ts';
import type { ListOptions } from '../../shared/ledger/ledger.ts';
import { MemoryLedger } from './fakes/memory-ledger.ts';

/** A ledger in memory that counts what is read of it: records and entries of indexes, as DynamoDB charges for them. */
export class CountingLedger extends MemoryLedger<CredentialRecord> {
  /** By the method of the port. */
  readonly reads: Record<'load' | 'due' | 'list' | 'sharing' | 'attention', number> = {
    load: 0,
    due: 0,
    list: 0,
    sharing: 0,
    attention: 0,
  };

  get total(): number {
    return Object.values(this.reads).reduce((sum, count) => sum + count, 0);
  }

  override load(credential: string) {
    this.reads.load += 1;
    return super.load(credential);
  }

  override async due(byMs: number, limit: number, shard?: Shard) {
    const found = await super.due(byMs, limit, shard);
    this.reads.due += found.length;
    return found;
  }

  override list(options?: ListOptions) {
    return this.#counted('list', super.list(options));
  }

  override sharing(quotaKey?: string) {
    return this.#counted('sharing', super.sharing(quotaKey));
  }

  override attention(kind: NonNullable<CredentialRecord['attention']>) {
    return this.#counted('attention', super.attention(kind));
  }

  async *#counted<Read>(method: 'list' | 'sharing' | 'attention', all: AsyncIterable<Read>) {
    for await (const one of all) {
      this.reads[method] += 1;
      yield one;
    }
  }
}
