/** A value that a person chose here and the kernel has not confirmed yet. */

/** Shows the wish until the kernel's value moves, so that a control does not jump back and forth. */
export class Wish<T> {
  #open: { wanted: T; before: T } | null = null;

  /** The person wants `wanted`, while the kernel still says `before`. */
  want(wanted: T, before: T): void {
    this.#open = wanted === before ? null : { wanted, before };
  }

  /** What to show, now that the kernel says `actual`. */
  show(actual: T): T {
    if (this.#open && actual !== this.#open.before) this.#open = null;
    return this.#open ? this.#open.wanted : actual;
  }
}
