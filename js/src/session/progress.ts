/** How far a call has come, as SDK, wire and HTTP tell it, and from that why it went no further. */

import type { CallError } from "@signalwire/js";

import type { Bye, Refusal, WireEvent } from "../sdk/wire.js";
import type { Status } from "../traits.js";
import { type Evidence, explain, Failure, refusedBy } from "./failure.js";
import { StatusReader } from "./status.js";

export class Progress implements Evidence {
  capture: Failure | null = null;
  httpStatus: number | null = null;
  loopback = false;
  invited = false;
  refusal: Refusal | null = null;
  bye: Bye | null = null;

  readonly #statuses = new StatusReader();
  #listening = false;
  #answered = false;
  #lost = false;
  #fatal: Failure | null = null;

  constructor(
    private readonly side: "dial" | "listen",
    readonly relayOnly: boolean,
  ) {}

  get status(): Status {
    return this.#statuses.current ?? (this.#listening ? "listening" : "new");
  }

  /** What the SDK said last. */
  get raw(): string | null {
    return this.#statuses.lastRaw;
  }

  /** Take what crossed the wire; the new status, or null where nothing changes for people. */
  wire(event: WireEvent): Status | null {
    switch (event.type) {
      case "invited":
        this.invited = true;
        return null;
      case "refused":
        this.refusal = event.refusal;
        return null;
      case "bye":
        this.bye = event.bye;
        this.#statuses.leaving();
        return null;
      case "early media":
        return this.#statuses.earlyMedia();
      case "answered":
        this.#answered = true;
        return this.#statuses.answered();
      case "authorised":
        return null;
    }
  }

  /** Take the SDK's word for where the call is; the new status, or null as before. */
  heard(status: string): Status | null {
    return this.#statuses.raw(status);
  }

  /** It waits for somebody who rings. */
  listen(): void {
    this.#listening = true;
  }

  /** Somebody on this side has hung up. */
  leave(): void {
    this.#statuses.leaving();
  }

  /** It is over, whatever the SDK says from now on. */
  end(status: Status): void {
    this.#statuses.end(status);
  }

  /** The SDK has given the call up. */
  lose(): void {
    this.#lost = true;
  }

  get lost(): boolean {
    return this.#lost;
  }

  /** Why the SDK gave the call up, as far as it has said. */
  get loss(): Failure {
    return this.#fatal ?? new Failure("network", "ConnectionLost", "the far side stopped answering");
  }

  /** Why the far side said goodbye before it had answered; null where it did not, or this side dialled nobody. */
  get refused(): Failure | null {
    return this.side === "dial" && !this.#answered && this.bye ? refusedBy(this.bye) : null;
  }

  /** What an error means that the SDK reports of its call; a fatal one is why the call is lost. */
  failureOf({ error, kind, fatal }: CallError): Failure {
    const failure =
      // In a call that comes in, all that can be refused before it is up is the answer.
      this.side === "listen" && this.refusal
        ? new Failure("call", "AnswerRefused", this.refusal.message)
        : new Failure(kind === "network" || kind === "media" ? kind : "call", error.name, error.message);
    if (fatal) this.#fatal = failure;
    return failure;
  }

  /** What an error means that was thrown on the way. */
  explain(error: unknown): Failure {
    return explain(error, this);
  }
}
