import { readFileSync } from 'node:fs';

/** The cases that the clients of all languages share; the file's own header says what each member means. */
export interface Vectors {
  readonly start: string;
  readonly schemes: readonly { readonly token_type: string; readonly scheme: string }[];
  readonly urls: readonly { readonly url: string; readonly allowed: boolean }[];
  readonly base_urls: readonly { readonly url: string; readonly asks?: string; readonly error?: string }[];
  readonly retry_after: readonly {
    readonly retry_after: string;
    readonly date: string | null;
    readonly seconds: number | null;
  }[];
  readonly lanes: readonly {
    readonly at: string;
    readonly lanes: number;
    readonly day_seconds: number;
    readonly lane: number;
    readonly before: number;
  }[];
  readonly signatures: readonly SignatureVector[];
  readonly scenarios: readonly Scenario[];
}

export interface SignatureVector {
  readonly method: string;
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly access_key_id: string;
  readonly secret_access_key: string;
  readonly session_token?: string;
  readonly region: string;
  readonly service: string;
  readonly at: string;
  readonly authorization: string;
}

export interface Scenario {
  readonly name: string;
  readonly via: 'read-api' | 'secrets-manager';
  readonly url?: string;
  readonly steps: readonly Step[];
}

export type Step =
  | { readonly do: 'advance'; readonly ms: number }
  | { readonly do: 'answer'; readonly answers: readonly Answer[] }
  | {
      readonly do: 'publish';
      readonly placeholders?: number;
      readonly secrets?: Record<string, Stored | null>;
    }
  | {
      readonly do: 'refreshed';
      readonly detail: { readonly credential: string; readonly generation: number };
    }
  | ({ readonly do: 'get'; readonly min_ttl_seconds?: number; readonly expect: Expected } & Traffic)
  | ({
      readonly do: 'fetch';
      readonly url: string;
      readonly alive: readonly string[];
      readonly expect: { readonly status: number } | ExpectedError;
      readonly sent: readonly string[];
      readonly user_agents?: readonly string[];
    } & Traffic);

export interface Answer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly network?: 'reset' | 'refused';
  readonly takes_ms?: number;
}

/** A published value, a text that is none, or the name of Secrets Manager's error. */
export type Stored = string | { readonly error: string } | Readonly<Record<string, unknown>>;

export type Expected = ExpectedError | Readonly<Record<string, unknown>>;

export interface ExpectedError {
  readonly error: string;
  readonly temporary: boolean;
  readonly retry_after_seconds?: number;
  readonly message_names?: readonly string[];
}

export interface Traffic {
  readonly asked?: readonly Asked[];
  readonly read?: readonly number[];
}

export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly query?: string;
  readonly headers?: Readonly<Record<string, string | null>>;
  readonly body?: unknown;
}

export function readVectors(): Vectors {
  return JSON.parse(readFileSync(new URL('../../../client/test-vectors.json', import.meta.url), 'utf8'));
}
