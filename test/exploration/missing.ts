/**
 * Thrown where a step needs what only a run of the real code can tell, which takes a promise. Whoever catches it lets
 * it be found, and takes the step again: no step changes anything but the state that it makes.
 */
export class Missing {
  readonly find: () => Promise<void>;

  constructor(find: () => Promise<void>) {
    this.find = find;
  }
}

/** Does `step`, which needs no promise once all that it needs is known. */
export async function withFound<Result>(step: () => Result): Promise<Result> {
  for (;;) {
    try {
      return step();
    } catch (error) {
      if (!(error instanceof Missing)) throw error;
      await error.find();
    }
  }
}
