/** From the SDK's raw statuses and the wire to the status that people see. */

import type { Status } from "../traits.js";

const KNOWN: ReadonlySet<string> = new Set<Status>([
  "new",
  "trying",
  "ringing",
  "connecting",
  "connected",
  "recovering",
  "disconnecting",
  "disconnected",
  "destroyed",
  "failed",
]);

export const FINAL: ReadonlySet<Status> = new Set<Status>(["destroyed", "failed"]);

/**
 * After early media the SDK says `connected` before the far side answered, and sticks at
 * `connecting` afterwards. Here it is `ringing` until the answer, then `connected`. And it says
 * `disconnected` for a media path that is lost and for a far side that has hung up; here the
 * first is `recovering`, for it may come back.
 */
export class StatusReader {
  #raw: string | null = null;
  #early = false;
  #answered = false;
  #mediaUp = false;
  #leaving = false;
  #reported: Status | null = null;

  /** The status that people see, null before the first. */
  get current(): Status | null {
    return this.#reported;
  }

  /** What the SDK said last. */
  get lastRaw(): string | null {
    return this.#raw;
  }

  /** Take a raw status of the SDK; the new status, or null where nothing changes for people. */
  raw(status: string): Status | null {
    this.#raw = status;
    if (status === "connected") this.#mediaUp = true;
    return this.#next();
  }

  earlyMedia(): Status | null {
    this.#early = true;
    return this.#next();
  }

  answered(): Status | null {
    this.#answered = true;
    return this.#next();
  }

  /** Somebody has hung up: what is lost from now on does not come back. */
  leaving(): void {
    this.#leaving = true;
  }

  /** The attempt is over, and this is why: the SDK says `destroyed` also of a call that nobody took. */
  end(status: Status): void {
    this.#reported = status;
  }

  #next(): Status | null {
    const status = this.#seen();
    // A final status stays: the SDK adds `destroyed` after `failed`.
    if (status === null || status === this.#reported || (this.#reported && FINAL.has(this.#reported))) return null;
    this.#reported = status;
    return status;
  }

  #seen(): Status | null {
    const raw = this.#raw;
    if (raw === null || !KNOWN.has(raw)) return null;
    if (raw === "disconnected" && this.#mediaUp && !this.#leaving) return this.#early && !this.#answered ? "ringing" : "recovering";
    const rising = raw === "trying" || raw === "ringing" || raw === "connecting" || raw === "connected";
    if (!this.#early || !rising) return raw as Status;
    if (!this.#answered) return "ringing";
    return this.#mediaUp ? "connected" : "connecting";
  }
}
