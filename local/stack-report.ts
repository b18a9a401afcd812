import type { BusEvent } from './aws/event-bus.ts';
import type { LostPart } from './data/lost-part.ts';
import type { DemoOutcome } from './demo.ts';
import type { ProviderEvent } from './sandboxes/provider/provider.ts';

/** What a running stack tells its watcher. */
export type StackReport =
  /** A tick has ended; `answer` is what the refresh function says it did. */
  | { readonly type: 'tick'; readonly atMs: number; readonly answer: unknown }
  /** A function threw, crashed or took too long. */
  | { readonly type: 'function-failed'; readonly name: string; readonly errorType: string }
  /** The domain announced something. */
  | { readonly type: 'event'; readonly event: BusEvent }
  /** A part of the state in the data folder is gone. */
  | { readonly type: 'data-lost'; readonly part: LostPart }
  | { readonly type: 'demo'; readonly outcome: DemoOutcome }
  | { readonly type: 'provider'; readonly event: ProviderEvent }
  /** A part of the stack itself is broken. */
  | { readonly type: 'defect'; readonly code: string };
