/** A model without a kernel: a test plays the kernel. */

import { IDLE } from "../dev/fake.js";
import type { Model } from "../src/model.js";
import type { KernelMessage, PageMessage, RequestMessage } from "../src/protocol.js";
import type { Traits } from "../src/traits.js";

type Listener = (...args: never[]) => void;

export class FakeModel {
  readonly sent: PageMessage[] = [];
  widget_manager?: object;
  /** Throw on send, as a comm whose kernel has gone. */
  dead = false;
  readonly #listeners = new Map<string, Set<Listener>>();

  constructor(readonly traits: Partial<Traits> = {}) {}

  get<K extends keyof Traits>(name: K): Traits[K] | undefined;
  get(name: "layout"): undefined;
  get<K extends keyof Traits>(name: K): Traits[K] | undefined {
    return { ...IDLE, ...this.traits }[name];
  }

  on(event: string, listener: Listener): void {
    const listeners = this.#listeners.get(event) ?? new Set();
    this.#listeners.set(event, listeners.add(listener));
  }

  off(event: string, listener: Listener): void {
    this.#listeners.get(event)?.delete(listener);
  }

  send(message: PageMessage): void {
    if (this.dead) throw new Error("Cannot send");
    this.sent.push(message);
  }

  emit(event: string, ...args: unknown[]): void {
    for (const listener of this.#listeners.get(event) ?? []) listener(...(args as never[]));
  }

  listening(): number {
    return [...this.#listeners.values()].reduce((sum, { size }) => sum + size, 0);
  }

  /** What this model asked its kernel. */
  asked(what: RequestMessage["what"]): RequestMessage[] {
    return this.sent.filter((message) => message.kind === "request" && message.what === what) as RequestMessage[];
  }

  answer({ page, id }: Pick<RequestMessage, "page" | "id">, buffers: DataView[] = []): void {
    this.deliver({ kind: "reply", page, id, result: {} }, buffers);
  }

  deliver(message: KernelMessage, buffers: DataView[] = []): void {
    this.emit("msg:custom", message, buffers);
  }
}

export function asModel(model: FakeModel): Model {
  return model;
}
