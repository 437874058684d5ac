/** From the SDK's raw statuses and the wire to the status that people see. */

import type { Status } from "../protocol.js";

const KNOWN: ReadonlySet<string> = new Set<Status>([
  "new",
  "trying",
  "ringing",
  "connecting",
  "connected",
  "disconnecting",
  "disconnected",
  "destroyed",
  "failed",
]);

export const FINAL: ReadonlySet<Status> = new Set<Status>(["destroyed", "failed"]);

/**
 * After early media the SDK says `connected` before the far side answered, and sticks at
 * `connecting` afterwards. Here it is `ringing` until the answer, then `connected`.
 */
export class StatusReader {
  #raw: string | null = null;
  #early = false;
  #answered = false;
  #mediaUp = false;
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

  #next(): Status | null {
    const status = this.#seen();
    // A final status stays: the SDK adds `destroyed` after `failed`.
    if (status === null || status === this.#reported || (this.#reported && FINAL.has(this.#reported))) return null;
    this.#reported = status;
    return status;
  }

  #seen(): Status | null {
    const raw = this.#raw === "recovering" ? "connected" : this.#raw;
    if (raw === null || !KNOWN.has(raw)) return null;
    const rising = raw === "trying" || raw === "ringing" || raw === "connecting" || raw === "connected";
    if (!this.#early || !rising) return raw as Status;
    if (!this.#answered) return "ringing";
    return this.#mediaUp ? "connected" : "connecting";
  }
}
