/** One call, dialled or taken, from the click to the last track stopped, in the page that owns it. */

import type { Call, CallError } from "@signalwire/js";

import type { BeginCommand, CallEvent, CredentialMessage, EndReason } from "../protocol.js";
import type { Connection, Credential } from "../sdk/connection.js";
import type { WireEvent } from "../sdk/wire.js";
import type { Request } from "../requests.js";
import type { Status } from "../traits.js";
import { Delivery, obtainCredential } from "./credential.js";
import { Devices, MEDIA } from "./devices.js";
import type { Failure } from "./failure.js";
import { Flow } from "./flow.js";
import { InCall } from "./incall.js";
import { Intent, type Options } from "./intent.js";
import { checkNetwork, checkPage, checkRelays } from "./preflight.js";
import { Progress } from "./progress.js";
import { Signalling } from "./signalling.js";
import { returnConnection, takeConnection } from "./spare.js";
import { FINAL } from "./status.js";
import { subscribe } from "./subscriptions.js";
import { TokenWatch } from "./tokenwatch.js";

/** How long a person watches the call go; an answer to the goodbye that comes later is not waited for. */
const BYE_MS = 2000;

export interface AttemptHooks {
  report(event: CallEvent): void;
  /** Something that views show has changed. */
  changed(): void;
  request: Request;
  pastedToken: string | null;
}

export class Attempt {
  remoteStream: MediaStream | null = null;
  /** What can be done in the call. */
  readonly inCall: InCall;

  readonly #over = new AbortController();
  readonly #hungUp = new Promise((resolve) => {
    this.#over.signal.addEventListener("abort", resolve);
  });
  readonly #devices: Devices;
  readonly #delivery = new Delivery(this.#over.signal);
  readonly #intent: Intent;
  readonly #progress: Progress;
  readonly #flow: Flow;
  readonly #token: TokenWatch;
  readonly #signalling: Signalling;
  #authorised: () => void = () => undefined;
  #connection: Connection | null = null;
  #call: Call | null = null;
  #ending: EndReason | null = null;
  #dialling = false;
  #left: Promise<void> | null = null;

  constructor(
    readonly command: BeginCommand,
    private readonly hooks: AttemptHooks,
  ) {
    this.#progress = new Progress(command.command, command.ice.relay_only);
    const inside = {
      failed: (failure: Failure): void => {
        this.#error(failure, false);
      },
      log: (level: "info" | "warning", text: string): void => {
        this.#log(level, text);
      },
      changed: (): void => {
        hooks.changed();
      },
      report: (event: CallEvent): void => {
        hooks.report(event);
      },
    };
    const { signal } = this.#over;
    this.#intent = new Intent(() => {
      this.#log("info", "Waiting for the browser's permission…");
    }, signal);
    this.#signalling = new Signalling({
      ...inside,
      gone: (failure) => {
        this.#fail(failure);
      },
    }, signal);
    this.#token = new TokenWatch(inside, signal);
    this.#flow = new Flow({
      ...inside,
      connection: () => this.#peer(),
      stream: (side) => (side === "local" ? this.localStream : this.remoteStream),
    }, signal);
    this.#devices = new Devices({
      ...inside,
      capture: (constraints) => this.#connection?.capture(constraints) ?? Promise.reject(new Error("the call is over")),
      connection: () => this.#peer(),
      changed: () => {
        this.#flow.look();
        hooks.changed();
      },
    }, signal);
    if (command.command === "dial") this.#wish(command.options, command.destination);
    this.inCall = new InCall(this.#devices, {
      ...inside,
      call: () => this.#call,
      over: () => this.over,
      signalling: () => this.#signalling.isOpen,
    });
  }

  get status(): Status {
    return this.#progress.status;
  }

  get localStream(): MediaStream | null {
    return this.over ? null : this.#devices.stream;
  }

  get muted(): Readonly<Record<"audio" | "video", boolean>> {
    return this.#devices.muted;
  }

  get over(): boolean {
    return this.#over.signal.aborted;
  }

  /** Dial or wait to be rung, and never throw: every ending is reported. */
  async run(): Promise<void> {
    this.hooks.report({ type: "accepted" });
    try {
      checkPage();
      this.#intent.checkFrame();
      const connection = (this.#connection = this.#connect());
      if (this.command.asks_key) {
        void connection.fingerprint.then((fingerprint) => {
          this.hooks.report({ type: "key", fingerprint });
        });
      }
      await Promise.race([this.#prepare(connection), this.#hungUp]);
      if (this.#over.signal.aborted) return;
      if (this.command.command === "listen") {
        await Promise.race([this.#listen(connection), this.#hungUp]);
        return;
      }
      this.#dialling = true;
      const call = await connection.dial(this.command.destination, this.#intent.options);
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

  /** Wait until somebody rings; no device is opened before the answer. */
  async #listen(connection: Connection): Promise<void> {
    await connection.reachable();
    if (this.over) return;
    this.#progress.listen();
    this.hooks.report({ type: "status", status: "listening", raw: null });
    this.hooks.changed();
    const call = await connection.incoming();
    if (this.#over.signal.aborted) return;
    this.hooks.report({ type: "incoming", name: call.fromName ?? "", number: call.from ?? "" });
    this.#follow(call);
  }

  /** Take the call that rings, with these options of a dial. */
  async answer(options: Options): Promise<void> {
    const call = this.#call;
    if (!call || this.over || this.#ending !== null) return;
    this.#wish(options);
    try {
      this.#intent.checkFrame();
      await this.#intent.askPermission();
      const { audio, video } = this.#intent.capture;
      // The caller may have given up while the prompt was open.
      if (!this.#over.signal.aborted) call.answer({ ...options, audio, video });
    } catch (error) {
      this.#fail(error);
    }
  }

  /** Do not take the call that rings; the caller hears that this side is busy. */
  reject(): void {
    if (!this.#call || this.over || this.#ending !== null) return;
    this.#ending = "rejected";
    this.#progress.leave();
    this.#call.reject();
    void after(BYE_MS).then(() => { this.#end("destroyed"); });
  }

  #wish(options: Options, destination?: string): void {
    this.#intent.wish(options, destination);
    const { inputAudioDeviceConstraints: audio, inputVideoDeviceConstraints: video } = options;
    if (audio) this.#devices.wish("audio", audio);
    if (video) this.#devices.wish("video", video);
  }

  /** Everything that must be so before the SDK may dial or be rung. */
  async #prepare(connection: Connection): Promise<void> {
    const { ice } = this.command;
    const { signal } = this.#over;
    const authorised = new Promise<void>((resolve) => {
      this.#authorised = resolve;
    });
    await Promise.all([
      connection.ready().then(() => {
        if (this.#progress.loopback && !ice.servers) checkRelays(ice, "the loopback space");
      }),
      // While the session connects: earlier, it would only keep the token waiting.
      authorised.then(() => checkNetwork(ice, signal)),
      this.#intent.askPermission(),
    ]);
    // The session may have gone while the prompt was open, and then dial() would wait for ever.
    await connection.ready();
  }

  /** Take the kernel's token. */
  deliver(message: CredentialMessage): void {
    this.#delivery.arrive(message);
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
    this.#progress.leave();
    const left = this.#call ? this.#leave(this.#call) : Promise.resolve();
    // A person may watch the call go; when page, model or kernel go there is no later.
    if (!this.#call || reason !== "hangup") this.#end("destroyed");
    else void Promise.race([left, after(BYE_MS)]).then(() => { this.#end("destroyed"); });
  }

  // --- connecting -----------------------------------------------------------------------

  #connect(): Connection {
    const connection = takeConnection();
    connection.begin({
      credential: () => this.#credential(),
      wire: (event) => {
        this.#wire(event);
      },
      httpStatus: (status) => {
        if (this.#call === null) this.#progress.httpStatus = status;
      },
      adjust: (constraints) => this.#devices.adjust(constraints),
      refused: (error) => {
        this.#progress.capture = this.#intent.refused(error);
      },
      socket: (isOpen) => {
        const matters = this.#call !== null && this.#ending === null && !this.over;
        if (matters) this.#signalling.changed(isOpen, this.#progress.loopback);
      },
    }, this.command.ice);
    return connection;
  }

  async #credential(): Promise<Credential> {
    const { request, pastedToken } = this.hooks;
    const credential = await obtainCredential(this.command, request, pastedToken, this.#delivery);
    this.#authorised();
    this.#progress.loopback = credential.space !== undefined;
    return credential;
  }

  #wire(event: WireEvent): void {
    if (event.type === "authorised") this.#token.granted(event.authorisation);
    else this.#status(this.#progress.wire(event));
  }

  // --- the call -------------------------------------------------------------------------

  #follow(call: Call): void {
    this.#call = call;
    this.hooks.report({ type: "dialled", call_id: call.id });
    subscribe(call, {
      status: (status) => {
        this.#raw(status);
      },
      error: (error) => {
        this.#callError(error);
      },
      local: (stream) => {
        this.#devices.follow(stream);
        this.#flow.look();
        this.hooks.changed();
      },
      remote: (stream) => {
        this.remoteStream = stream;
        this.#flow.look();
        this.hooks.changed();
      },
      participants: (participants) => {
        this.hooks.report({ type: "participants", participants });
      },
      log: (level, text) => {
        this.#log(level, text);
      },
    }, this.#over.signal);
    this.#flow.watch();
  }

  #raw(status: string): void {
    if (this.#progress.lost) return; // the SDK says destroyed right after failed
    if (status === "failed") {
      this.#progress.lose();
      // The error that explains it is emitted beside it, in no promised order.
      setTimeout(() => {
        this.#fail(this.#progress.loss);
      });
      return;
    }
    const next = this.#progress.heard(status);
    if (next && FINAL.has(next)) this.#finish(next);
    else this.#status(next);
  }

  #status(status: Status | null): void {
    if (status === null || this.over) return;
    // Whoever waits for the call to be up finds what flows in it.
    if (status === "connected") this.#flow.look();
    this.hooks.report({ type: "status", status, raw: this.#progress.raw });
    this.hooks.changed();
    if (status === "connected") void this.inCall.connected();
  }

  #callError(reported: CallError): void {
    if (this.over) return;
    const failure = this.#progress.failureOf(reported);
    if (!reported.fatal) this.#error(failure, false);
    // The SDK did not get the device that it wanted to open again: then whichever there is.
    if (reported.error.name === "MediaTrackError") for (const media of MEDIA) void this.#devices.mend(media);
  }

  #peer(): RTCPeerConnection | undefined {
    // The SDK's getters throw for a call that is over.
    return this.over ? undefined : this.#call?.rtcPeerConnection;
  }

  /** The SDK's call is over: it was hung up, or the far side said goodbye. */
  #finish(status: Status): void {
    const { refused } = this.#progress;
    if (refused && this.#ending === null) this.#fail(refused);
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
    if (this.#connection) returnConnection(this.#connection);
  }

  #fail(error: unknown): void {
    if (this.over) return;
    this.#error(this.#progress.explain(error), true);
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
    const gone = this.inCall.transferred ? "transferred" : "remote";
    const { bye } = this.#progress;
    const reason = this.#ending ?? (bye ? gone : "hangup");
    this.hooks.report({
      type: "ended",
      reason,
      cause: bye?.cause ?? null,
      cause_code: bye?.causeCode ?? null,
    });
    this.hooks.report({ type: "status", status, raw: this.#progress.raw });
    this.#progress.end(status);
    this.#over.abort();
    this.remoteStream = null;
    this.#connection?.stopCapture();
    void this.#release();
    this.hooks.changed();
  }

  #log(level: "info" | "warning", text: string): void {
    if (!this.over) this.hooks.report({ type: "log", level, text });
  }
}

function after(milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, milliseconds);
  });
}
