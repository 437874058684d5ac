/** What all copies of this code share in one page: hosts evaluate the loader once per model. */

import type { Model } from "./model.js";
import type { Session } from "./session/types.js";

/** What `application.js` exports. */
export interface Application {
  /** The call session of one model in this page; it ends when `signal` aborts. */
  openSession: (model: Model, signal: AbortSignal) => Session;
  /** Draw a view of it into `el`; it goes when `signal` aborts. */
  mountView: (session: Session, el: HTMLElement, signal: AbortSignal) => void;
}

/** One model that waits for the application. */
export interface Waiter {
  /** Stands for the model's kernel: what the models of one notebook share. */
  readonly kernel: unknown;
  /** Put the question to this model's kernel. */
  ask: () => void;
  settle: (result: Application | Error) => void;
}

/** The application of one hash. Of those that wait one per kernel asks; the first answer serves all. */
export interface Loading {
  application?: Application;
  readonly waiting: Set<Waiter>;
}

export interface Shared {
  /** Names this page to the kernel. */
  readonly page: string;
  /** Counts the requests of all models. */
  lastRequest: number;
  readonly applications: Map<string, Loading>;
}

const KEY = Symbol.for("sw_notebook");

export function shared(): Shared {
  const holder = globalThis as unknown as Record<symbol, Shared | undefined>;
  return (holder[KEY] ??= { page: randomId(), lastRequest: 0, applications: new Map() });
}

function randomId(): string {
  // `crypto.randomUUID` is missing where the page is not a secure context.
  return Array.from(crypto.getRandomValues(new Uint32Array(2)), (word) => word.toString(36)).join("");
}
