/** The one change that an advance may make. Sites look in parallel; whoever comes first makes it, the others at the next advance. */
export class Budget {
  #spent = false;

  isSpent(): boolean {
    return this.#spent;
  }

  /** Takes the change; false when it is gone. */
  spend(): boolean {
    const mine = !this.#spent;
    this.#spent = true;
    return mine;
  }
}
