/** One dial, from the click to the last track stopped, in the page that owns it. */

import type { Call, CallError } from "@signalwire/js";

import type { CallEvent, CredentialResult, DialCommand, EndReason, MediaInfo, SpaceResult, Status } from "../protocol.js";
import { Connection, type Credential } from "../sdk/connection.js";
import { loopbackDomain, readClaims } from "../sdk/token.js";
import type { Bye, Refusal, WireEvent } from "../sdk/wire.js";
import type { Request } from "../requests.js";
import { explain, Failure, refusedBy } from "./failure.js";
import { askPermission, capture, checkNetwork, checkPage, negotiated } from "./preflight.js";
import { FINAL, StatusReader } from "./status.js";

const SILENT: MediaInfo = { audio: false, video: false, width: 0, height: 0 };

/** How often sizes and tracks are looked at during a call; no event tells of a new size. */
const MEDIA_POLL_MS = 1000;

export interface AttemptHooks {
  report(event: CallEvent): void;
  /** Something that views show has changed. */
  changed(): void;
  request: Request;
  pastedToken: string | null;
}

interface Subscription {
  unsubscribe(): void;
}

export class Attempt {
  localStream: MediaStream | null = null;
  remoteStream: MediaStream | null = null;
  readonly muted = { audio: false, video: false };

  readonly #over = new AbortController();
  readonly #hungUp = new Promise((resolve) => {
    this.#over.signal.addEventListener("abort", resolve);
  });
  readonly #statuses = new StatusReader();
  readonly #subscriptions: Subscription[] = [];
  readonly #media = { local: SILENT, remote: SILENT };
  #connection: Connection | null = null;
  #call: Call | null = null;
  #timer: ReturnType<typeof setInterval> | undefined;
  #directions = "{}";
  #ending: EndReason | null = null;
  #dialling = false;
  #left: Promise<void> | null = null;
  #failing = false;
  #failure: Failure | null = null;
  #bye: Bye | null = null;
  #answered = false;
  #refusal: Refusal | null = null;
  #httpStatus: number | null = null;
  #invited = false;
  #loopback = false;

  constructor(
    readonly command: DialCommand,
    private readonly hooks: AttemptHooks,
  ) {}

  get status(): Status {
    return this.#statuses.current ?? "new";
  }

  get over(): boolean {
    return this.#over.signal.aborted;
  }

  /** Dial, and never throw: every ending is reported. */
  async run(): Promise<void> {
    this.hooks.report({ type: "accepted" });
    try {
      const { destination, options } = this.command;
      checkPage();
      const connection = (this.#connection = this.#connect());
      await Promise.race([this.#prepare(connection), this.#hungUp]);
      if (this.#over.signal.aborted) return;
      this.#dialling = true;
      const call = await connection.dial(destination, options);
      // Subscribed in the tick in which dial() resolved: status$ replays only the latest.
      if (this.over) void this.#leave(call);
      else this.#follow(call);
    } catch (error) {
      this.#fail(error);
    } finally {
      this.#dialling = false;
      if (this.over) await this.#release();
    }
  }

  /** Everything that must be so before the SDK may dial. */
  async #prepare(connection: Connection): Promise<void> {
    const { destination, options } = this.command;
    const { signal } = this.#over;
    const waiting = (): void => {
      this.#log("info", "Waiting for the browser's permission…");
    };
    await Promise.all([
      connection.ready(),
      checkNetwork(signal),
      askPermission(capture(destination, options), waiting, signal),
    ]);
    // The session may have gone while the prompt was open, and then dial() would wait for ever.
    await connection.ready();
  }

  /** End the attempt; safe to call twice, and at any time. */
  hangup(reason: EndReason): void {
    if (this.over) return;
    if (this.#ending !== null) {
      // A click and then the page itself: nobody is left to wait for the answer to the bye.
      if (reason !== "hangup") this.#end("destroyed");
      return;
    }
    this.#ending = reason;
    const left = this.#call ? this.#leave(this.#call) : Promise.resolve();
    // A person may watch the call go; when page, model or kernel go there is no later.
    if (!this.#call || reason !== "hangup") this.#end("destroyed");
    else void left.then(() => { this.#end("destroyed"); });
  }

  async mute(media: "audio" | "video", muted: boolean): Promise<void> {
    if (this.over || this.muted[media] === muted) return;
    this.muted[media] = muted;
    this.hooks.report({ type: "muted", media, muted });
    this.hooks.changed();
    this.#silence();
    await this.#tellMuted(media);
  }

  /** Silence what is muted at once, and what is captured only later as soon as it is there. */
  #silence(): void {
    for (const track of this.localStream?.getTracks() ?? []) {
      if (track.kind === "audio" || track.kind === "video") track.enabled = !this.muted[track.kind];
    }
  }

  /** Let the SDK tell the far side; it can do so once the call is joined. */
  async #tellMuted(media: "audio" | "video"): Promise<void> {
    const muted = this.muted[media];
    try {
      const self = this.#call?.self;
      if (media === "audio") await (muted ? self?.mute() : self?.unmute());
      else await (muted ? self?.muteVideo() : self?.unmuteVideo());
    } catch (error) {
      this.#log("warning", `The far side was not told that ${media} is ${muted ? "muted" : "on"}: ${String(error)}`);
    }
  }

  // --- connecting -----------------------------------------------------------------------

  #connect(): Connection {
    return new Connection({
      credential: (fingerprint) => this.#credential(fingerprint),
      wire: (event) => {
        this.#wire(event);
      },
      httpStatus: (status) => {
        if (this.#call === null) this.#httpStatus = status;
      },
    });
  }

  async #credential(fingerprint: string | undefined): Promise<Credential> {
    const token = this.hooks.pastedToken;
    if (this.command.pasted_token) {
      if (token === null) throw new Failure("token", "NoTokenError", "the token box of this page is empty");
      const { ch, expiryAt } = readClaims(token);
      const domain = loopbackDomain(ch);
      const answer = domain === null ? null : await this.hooks.request("space", { domain });
      const space = (answer?.result as SpaceResult | undefined)?.space ?? null;
      this.#loopback = domain !== null;
      return { token, space, ...(expiryAt === null ? {} : { expiry_at: expiryAt }) };
    }
    const { attempt } = this.command;
    const { result } = await this.hooks.request("credential", fingerprint === undefined ? { attempt } : { attempt, fingerprint });
    const credential = result as unknown as CredentialResult;
    this.#loopback = credential.space !== undefined;
    return credential;
  }

  #wire(event: WireEvent): void {
    switch (event.type) {
      case "invited":
        this.#invited = true;
        break;
      case "refused":
        this.#refusal = event.refusal;
        break;
      case "bye":
        this.#bye = event.bye;
        break;
      case "early media":
        this.#status(this.#statuses.earlyMedia());
        break;
      case "answered":
        this.#answered = true;
        this.#status(this.#statuses.answered());
        break;
    }
  }

  // --- the call -------------------------------------------------------------------------

  #follow(call: Call): void {
    this.#call = call;
    this.hooks.report({ type: "dialled", call_id: call.id });
    this.#subscriptions.push(
      call.status$.subscribe((status) => {
        this.#raw(status);
      }),
      call.errors$.subscribe((error) => {
        this.#callError(error);
      }),
      call.localStream$.subscribe((stream) => {
        this.localStream = stream;
        this.#silence();
        this.#lookAtMedia();
        this.hooks.changed();
      }),
      call.remoteStream$.subscribe((stream) => {
        this.remoteStream = stream;
        this.#lookAtMedia();
        this.hooks.changed();
      }),
    );
    this.#timer = setInterval(() => {
      this.#lookAtMedia();
    }, MEDIA_POLL_MS);
  }

  #raw(status: string): void {
    if (this.#failing) return; // the SDK says destroyed right after failed
    if (status === "failed") {
      this.#failing = true;
      // The error that explains it is emitted beside it, in no promised order.
      setTimeout(() => {
        this.#fail(this.#failure ?? new Failure("network", "ConnectionLost", "the far side stopped answering"));
      });
      return;
    }
    const next = this.#statuses.raw(status);
    if (next === "connected") {
      this.#lookAtMedia();
      for (const media of ["audio", "video"] as const) if (this.muted[media]) void this.#tellMuted(media);
    }
    if (next && FINAL.has(next)) this.#finish(next);
    else this.#status(next);
  }

  #status(status: Status | null): void {
    if (status === null || this.over) return;
    this.hooks.report({ type: "status", status, raw: this.#statuses.lastRaw });
    this.hooks.changed();
  }

  #callError({ error, fatal, kind }: CallError): void {
    if (this.over) return;
    const failure = new Failure(kind === "network" || kind === "media" ? kind : "call", error.name, error.message);
    if (fatal) this.#failure = failure;
    else this.#error(failure, false);
  }

  /** Report directions and sizes where they changed. */
  #lookAtMedia(): void {
    // The SDK's getters throw for a call that is over.
    const connection = this.over ? undefined : this.#call?.rtcPeerConnection;
    if (!connection) return;
    const directions = negotiated(connection);
    const text = JSON.stringify(directions);
    if (text !== this.#directions) {
      this.#directions = text;
      this.hooks.report({ type: "directions", directions });
    }
    for (const side of ["local", "remote"] as const) {
      const media = describe(side === "local" ? this.localStream : this.remoteStream);
      if (same(media, this.#media[side])) continue;
      this.#media[side] = media;
      this.hooks.report({ type: "media", side, media });
    }
  }

  /** The SDK's call is over: it was hung up, or the far side said goodbye. */
  #finish(status: Status): void {
    if (this.#ending === null && this.#bye && !this.#answered) this.#fail(refusedBy(this.#bye));
    else this.#end(status);
  }

  // --- ending ---------------------------------------------------------------------------

  /** Say goodbye to the far side; resolves when it has answered, or never will. */
  #leave(call: Call): Promise<void> {
    // Sends verto.bye before it waits for anything, so that it leaves even in pagehide.  Where no
    // answer comes, the far side notices by itself.
    this.#left ??= call.hangup().catch(() => undefined);
    this.#connection?.stopCapture();
    return this.#left;
  }

  /** Give the connection back when nothing of it is under way: the SDK throws at what it loses. */
  async #release(): Promise<void> {
    if (this.#dialling) return; // run() comes here when the SDK has dialled
    await this.#left;
    await this.#connection?.settled();
    this.#connection?.dispose();
  }

  #fail(error: unknown): void {
    if (this.over) return;
    const failure = explain(error, {
      refusal: this.#refusal,
      bye: this.#bye,
      httpStatus: this.#httpStatus,
      invited: this.#invited,
      loopback: this.#loopback,
    });
    this.#error(failure, true);
    this.#ending ??= "error";
    if (this.#call) void this.#leave(this.#call);
    this.#end("failed");
  }

  #error(failure: Failure, fatal: boolean): void {
    const { kind, name, message } = failure;
    this.hooks.report({ type: "error", error_kind: kind, name, message, fatal });
  }

  #end(status: Status): void {
    if (this.over) return;
    const reason = this.#ending ?? (this.#bye ? "remote" : "hangup");
    this.hooks.report({
      type: "ended",
      reason,
      cause: this.#bye?.cause ?? null,
      cause_code: this.#bye?.causeCode ?? null,
    });
    this.hooks.report({ type: "status", status, raw: this.#statuses.lastRaw });
    this.#statuses.raw(status);
    this.#over.abort();
    clearInterval(this.#timer);
    for (const subscription of this.#subscriptions) subscription.unsubscribe();
    this.localStream = null;
    this.remoteStream = null;
    this.#connection?.stopCapture();
    void this.#release();
    this.hooks.changed();
  }

  #log(level: "info" | "warning", text: string): void {
    if (!this.over) this.hooks.report({ type: "log", level, text });
  }
}

function describe(stream: MediaStream | null): MediaInfo {
  const live = stream?.getTracks().filter((track) => track.readyState === "live") ?? [];
  const video = live.find((track) => track.kind === "video");
  const { width = 0, height = 0 } = video?.getSettings() ?? {};
  return { audio: live.some((track) => track.kind === "audio"), video: video !== undefined, width, height };
}

function same(one: MediaInfo, other: MediaInfo): boolean {
  return one.audio === other.audio && one.video === other.video && one.width === other.width && one.height === other.height;
}
