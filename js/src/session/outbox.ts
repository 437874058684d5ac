/** Tells the kernel what happened: at once, but what follows within 8 ms goes together. */

import type { CallEvent, EventsMessage, NumberedEvent } from "../protocol.js";
import { FINAL } from "./status.js";

/**
 * One message costs JupyterLab as much as the events in it are many: at 1000 events a second one
 * by one, the page was seconds behind. At 100 a second there is nothing to gather, and with 16 ms the
 * latency was no better.
 */
const GATHER_MS = 8;

export class Outbox {
  #waiting: NumberedEvent[] = [];
  #seq = 0;
  #sent = -Infinity;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly page: string,
    private readonly send: (message: EventsMessage) => void,
  ) {}

  /** Report an event of an attempt. */
  report(attempt: number, event: CallEvent): void {
    const time = Date.now() / 1000; // the performance clock stops while the computer sleeps
    this.#waiting.push({ seq: ++this.#seq, time, attempt, event });
    const wait = this.#sent + GATHER_MS - performance.now();
    if (wait <= 0 || isUrgent(event)) this.flush();
    else this.#timer ??= setTimeout(() => { this.flush(); }, wait);
  }

  /** Send what waits, so that what is sent next comes after it. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#waiting.length === 0) return;
    const events = this.#waiting;
    this.#waiting = [];
    this.#sent = performance.now();
    this.send({ kind: "events", page: this.page, events });
  }
}

/** With the end a page may go, and nothing of it runs later; and a cell waits for both. */
function isUrgent(event: CallEvent): boolean {
  return event.type === "status" && (event.status === "connected" || FINAL.has(event.status));
}
