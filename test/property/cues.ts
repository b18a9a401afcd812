/** Who waits for how many calls. */
export class Cues {
  #calls = 0;
  #waiting: { readonly calls: number; readonly give: () => void }[] = [];

  at(calls: number): Promise<void> {
    if (calls <= this.#calls) return Promise.resolve();
    return new Promise((give) => {
      this.#waiting.push({ calls, give });
      this.#waiting.sort((a, b) => a.calls - b.calls);
    });
  }

  count(): void {
    this.#calls += 1;
    while (this.#waiting[0] && this.#waiting[0].calls <= this.#calls) this.#waiting.shift()?.give();
  }

  /** Nothing else happens any more. False if nobody waits. */
  giveNext(): boolean {
    const next = this.#waiting.shift();
    next?.give();
    return next !== undefined;
  }
}
