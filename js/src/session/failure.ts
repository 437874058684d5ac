/** Why an attempt failed, as kind, name and message; the kernel adds the advice. */

import { RequestError } from "../requests.js";
import type { Bye, Refusal } from "../sdk/wire.js";

/** What failed: the first word of the explanation. */
export type FailureKind = "destination" | "token" | "media" | "network" | "page" | "kernel" | "space" | "call";

export class Failure extends Error {
  constructor(
    readonly kind: FailureKind,
    override readonly name: string,
    message: string,
  ) {
    super(message);
  }
}

/** What is known of an attempt beside the error that ended it. */
export interface Evidence {
  /** What the browser said when the SDK opened a device, where it refused. */
  capture: Failure | null;
  refusal: Refusal | null;
  /** The far side's goodbye, where it said one. */
  bye: Bye | null;
  /** HTTP status of the answer to the request for the token's own profile. */
  httpStatus: number | null;
  /** The invite left the page. */
  invited: boolean;
  /** Only relays may be used. */
  relayOnly: boolean;
  /** The call goes to a loopback space. */
  loopback: boolean;
}

/** Of the SDK's errors, those of a WebSocket that does not open or of a session that does not begin. */
const UNREACHABLE: ReadonlySet<string> = new Set([
  "SessionTimeout", "TimeoutError", "TransportConnectionError", "WebSocketTimeoutError", "WebSocketConnectionError",
]);

/** What a refused request to the kernel was about; everything else is the kernel's own trouble. */
const REQUEST_KINDS: Readonly<Record<string, FailureKind>> = { token: "token", space: "space" };

function named(error: unknown): { name: string; message: string } {
  if (error instanceof Error || error instanceof DOMException) return { name: error.name, message: error.message };
  return { name: "Error", message: String(error) };
}

/** The innermost message: the SDK wraps what it caught in `error` or `cause`. */
function innermost(error: unknown): unknown {
  let inner = error;
  for (let depth = 0; depth < 5; depth++) {
    const wrapped = inner as { error?: unknown; cause?: unknown } | null;
    const next = wrapped?.error ?? wrapped?.cause;
    if (!(next instanceof Error)) return inner;
    inner = next;
  }
  return inner;
}

/** What a person may read of whatever was thrown. */
export function reasonOf(error: unknown): string {
  const { name, message } = named(innermost(error));
  return message || name;
}

/** Causes with a name of their own, and what they mean to a person (ITU-T Q.850). */
const CAUSES: Readonly<Record<number, readonly [name: string, words: string]>> = {
  1: ["NoSuchNumber", "there is no such number"],
  3: ["NoRoute", "no way leads to that destination"],
  17: ["UserBusy", "the far side is busy"],
  18: ["NoAnswer", "the far side did not respond"],
  19: ["NoAnswer", "nobody answered"],
  20: ["SubscriberAbsent", "the far side is not online"],
  21: ["CallRejected", "the far side rejected the call"],
  34: ["LinesBusy", "all lines are in use"],
  88: ["NoCommonMedia", "the two sides have no media in common"],
  806: ["SubscriberAbsent", "the far side is not online"], // FreeSWITCH's own number
};

/** FreeSWITCH takes every invite and refuses with a bye: before the answer that is a failure. */
export function refusedBy({ cause, causeCode }: Bye, name = "CallRefused"): Failure {
  const code = [cause, causeCode].filter((part) => part !== null).join(" ") || "no cause";
  const [known, words] = CAUSES[causeCode ?? 0] ?? [name, "the far side refused the call"];
  return new Failure("destination", known, `${words} (${code})`);
}

/** Turn whatever was thrown into a failure, with what the wire and the HTTP answers told. */
export function explain(error: unknown, evidence: Evidence): Failure {
  if (error instanceof Failure) return error;
  if (error instanceof RequestError) return new Failure(REQUEST_KINDS[error.kind] ?? "kernel", error.name, error.message);
  const { name, message } = named(error);
  if (evidence.refusal) {
    return new Failure("destination", name, `${evidence.refusal.message} (${String(evidence.refusal.code ?? "no code")})`);
  }
  if (evidence.capture && name === "CallCreateError") return evidence.capture;
  if (evidence.bye) return refusedBy(evidence.bye, name);
  if (evidence.httpStatus === 401 || evidence.httpStatus === 403) {
    return new Failure("token", name, `the token was refused (HTTP ${evidence.httpStatus})`);
  }
  if (name === "InvalidCredentialsError") {
    return new Failure("token", name, /expired/i.test(message) ? "the token has expired" : "the token is not a valid token");
  }
  const inner = named(innermost(error));
  if (name === "UnexpectedError" && message.includes("user information")) {
    return evidence.loopback
      ? new Failure("space", name, "the loopback space does not answer")
      : new Failure("network", name, "the platform does not answer");
  }
  if (UNREACHABLE.has(name)) {
    return evidence.loopback
      ? new Failure("space", name, "the loopback space does not answer")
      : new Failure("network", name, "no connection to the platform came about");
  }
  if (name === "JSONRPCError") return new Failure("token", name, `the session was refused: ${message}`);
  if (name === "CallCreateError" && /timeout/i.test(message)) {
    if (!evidence.invited && evidence.relayOnly) return new Failure("network", "NoRelayError", "no TURN server gave a relay");
    return evidence.invited
      ? new Failure("call", name, "the far side did not answer the invite in time")
      : new Failure("network", name, "the call could not be prepared within six seconds");
  }
  const detail = inner.message && inner.message !== message ? ` (${inner.message})` : "";
  return new Failure("call", name, `${message}${detail}`);
}
