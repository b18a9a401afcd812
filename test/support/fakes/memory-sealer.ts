import type { SealedPair } from '../../../shared/credential/credential.ts';
import { type SealBinding, SealError } from '../../../shared/sealing/seal.ts';
import type { AnswerPlace, OpenTokens, Sealer, UnsealedPair } from '../../../shared/sealing/sealer.ts';
import { Secret } from '../../../shared/secret/secret.ts';

/**
 * {@link Sealer} without cryptography, for tests and simulations: what it seals is kept in memory under a
 * number, bound as the real one binds it. Takes no time at all, so that virtual time stays exact.
 */
export class MemorySealer implements Sealer {
  readonly #sealed = new Map<string, { readonly value: string; readonly binding: string }>();

  async ready(): Promise<void> {}

  async reload(): Promise<void> {}

  async sealPair(credential: string, pair: UnsealedPair, tokens: OpenTokens): Promise<SealedPair> {
    const { accessToken, refreshToken } = tokens;
    return {
      ...pair,
      ...(accessToken && { sealedAccess: this.#seal(accessToken, bind(credential, pair, 'access')) }),
      ...(refreshToken && { sealedRefresh: this.#seal(refreshToken, bind(credential, pair, 'refresh')) }),
    };
  }

  async accessToken(credential: string, pair: SealedPair): Promise<Secret | undefined> {
    return pair.sealedAccess === undefined
      ? undefined
      : this.#open(pair.sealedAccess, bind(credential, pair, 'access'));
  }

  async refreshToken(credential: string, pair: SealedPair): Promise<Secret | undefined> {
    return pair.sealedRefresh === undefined
      ? undefined
      : this.#open(pair.sealedRefresh, bind(credential, pair, 'refresh'));
  }

  async reseal(): Promise<undefined> {
    return undefined;
  }

  async resealAnswer(): Promise<undefined> {
    return undefined;
  }

  async openAnswer(sealed: string, at: AnswerPlace): Promise<Secret> {
    return this.#open(sealed, { ...at, use: 'answer' });
  }

  async sealAnswer(body: Secret, at: AnswerPlace): Promise<string> {
    return this.#seal(body, { ...at, use: 'answer' });
  }

  #seal(value: Secret, binding: SealBinding): string {
    const id = `sealed-${this.#sealed.size + 1}`;
    this.#sealed.set(id, { value: value.reveal(), binding: key(binding) });
    return id;
  }

  #open(sealed: string, binding: SealBinding): Secret {
    const found = this.#sealed.get(sealed);
    if (found?.binding !== key(binding)) throw new SealError('broken-seal', 'It does not belong here.');
    return new Secret(found.value);
  }
}

function bind(credential: string, pair: UnsealedPair, use: SealBinding['use']): SealBinding {
  return { credential, chain: pair.chain, generation: pair.generation, use };
}

function key({ credential, chain, generation, use }: SealBinding): string {
  return [credential, chain, generation, use].join(' ');
}
