/**
 * Reads, and never changes, what crosses the SDK's WebSocket.
 *
 * The SDK loses the reason of a refused invite (all codes but three) and the cause of every
 * bye; and after early media its status no longer tells when the far side answered. All of
 * it is on the wire.
 */

/** Why an invite was refused, in the words of the far side. */
export interface Refusal {
  code: number | string | null;
  message: string;
}

/** How the far side ended the call (Q.850 or FreeSWITCH name and number). */
export interface Bye {
  cause: string | null;
  causeCode: number | null;
}

/** What the token allows for the session. */
export interface Authorisation {
  /** When it runs out, in seconds of Unix time; null where the far side does not say. */
  expiresAt: number | null;
  /** The SDK asks for the next one before: the token is bound to this client's key. */
  renews: boolean;
}

export type WireEvent =
  | { type: "invited"; callId: string; sdp: string }
  | { type: "refused"; refusal: Refusal }
  | { type: "early media" }
  | { type: "answered" }
  | { type: "bye"; bye: Bye }
  | { type: "authorised"; authorisation: Authorisation };

type Json = Record<string, unknown>;

function object(value: unknown): Json {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Json) : {};
}

function text(value: unknown): string | null {
  return typeof value === "string" && value !== "" ? value : null;
}

function parse(frame: unknown): Json {
  if (typeof frame !== "string") return {};
  try {
    return object(JSON.parse(frame));
  } catch {
    return {};
  }
}

/** Enough of a token's signature to tell it from others. */
const TAIL = 16;

/** Follows the frames of one attempt; feed it both directions in their order. */
export class WireReader {
  /** Ids of the requests that carried an invite, or the answer to one, and have no reply yet. */
  readonly #invites = new Set<string>();
  /** The tokens of requests that are not answered yet; of each no more than its end. */
  readonly #tokens = new Map<string, string>();
  /** The first token, which was given; others the SDK has asked for itself, and does so again. */
  #given: string | null = null;
  #renews = false;

  /** Whether the request of this id carried an invite or its answer, and has no reply yet. */
  isInvite(id: unknown): boolean {
    return typeof id === "string" && this.#invites.has(id);
  }

  /** A frame that the SDK sent. */
  sent(frame: unknown): WireEvent | null {
    const message = parse(frame);
    if (typeof message.id === "string" && (message.method === "signalwire.reauthenticate" || message.method === "signalwire.connect")) {
      const token = text(object(object(message.params).authentication).jwt_token) ?? "";
      this.#tokens.set(message.id, token.slice(-TAIL));
    }
    if (message.method !== "webrtc.verto") return null;
    const verto = object(object(message.params).message);
    if (verto.method !== "verto.invite" && verto.method !== "verto.answer") return null;
    if (typeof message.id === "string") this.#invites.add(message.id);
    if (verto.method === "verto.answer") return { type: "answered" };
    const params = object(verto.params);
    return {
      type: "invited",
      callId: text(object(params.dialogParams).callID) ?? "",
      sdp: text(params.sdp) ?? "",
    };
  }

  /** A frame that the SDK receives, seen before the SDK sees it. */
  received(frame: unknown): WireEvent | null {
    const message = parse(frame);
    return message.method === "signalwire.event" ? this.#event(message) : this.#reply(message);
  }

  #reply(message: Json): WireEvent | null {
    if (typeof message.id !== "string") return null;
    const result = object(message.result);
    const token = this.#tokens.get(message.id);
    if (token !== undefined) {
      this.#tokens.delete(message.id);
      return "error" in message ? null : this.#authorised(result, token);
    }
    if (!this.#invites.delete(message.id)) return null;
    const error = "error" in message ? object(message.error) : object(result.result).error;
    if (error !== undefined) return refused(object(error));
    // The platform's envelope may carry a code of its own beside an empty result.
    if (typeof result.code === "string" && result.code !== "200") return refused(result);
    return null;
  }

  #authorised(result: Json, token: string): WireEvent {
    this.#given ??= token;
    // For good: a socket that was lost and is back begins with a connect again.
    this.#renews ||= token !== this.#given;
    const { expires_at } = object(object(result.authorization).fabric_subscriber);
    const known = typeof expires_at === "number" && Number.isFinite(expires_at) && expires_at > 0;
    return { type: "authorised", authorisation: { expiresAt: known ? expires_at : null, renews: this.#renews } };
  }

  #event(message: Json): WireEvent | null {
    const params = object(message.params);
    if (params.event_type !== "webrtc.message") return null;
    const verto = object(params.params);
    switch (verto.method) {
      case "verto.media":
        return { type: "early media" };
      case "verto.answer":
        return { type: "answered" };
      case "verto.bye": {
        const { cause, causeCode } = object(verto.params);
        const code = Number(causeCode);
        const known = causeCode !== undefined && causeCode !== null && Number.isFinite(code);
        return { type: "bye", bye: { cause: text(cause), causeCode: known ? code : null } };
      }
      default:
        return null;
    }
  }
}

function refused(error: Json): WireEvent {
  const code = error.code;
  return {
    type: "refused",
    refusal: {
      code: typeof code === "number" || typeof code === "string" ? code : null,
      message: text(error.message) ?? "no reason given",
    },
  };
}
