/** One SDK client for one call, with everything it is given and everything it must give back. */

import { SignalWire, type Call, type DialOptions, type SDKLogger, type WebRTCMediaDevices } from "@signalwire/js";

import type { IceOptions, SpaceAddress } from "../protocol.js";
import { CURES, curedProvider, type Cure, DEFAULT_ICE } from "./cures.js";
import { routeFetch } from "./fetch.js";
import { readableWebSocket } from "./socket.js";
import { MemoryStorage } from "./storage.js";
import { WireReader, type WireEvent } from "./wire.js";

export interface Credential {
  token: string;
  /** Unix time in milliseconds. */
  expiry_at?: number;
  space?: SpaceAddress | null;
}

export interface ConnectionHooks {
  credential(): Promise<Credential>;
  wire(event: WireEvent): void;
  httpStatus(status: number): void;
  /** Another device than the one that the SDK asks for. */
  adjust: (constraints: MediaStreamConstraints) => MediaStreamConstraints;
  /** The browser did not open a device. */
  refused: (error: unknown) => void;
  /** The signalling socket opened or closed. */
  socket(isOpen: boolean): void;
}

/** The SDK's own log would show tokens' details in the console; what matters is reported. */
const nothing = (): void => undefined;
const SILENT: SDKLogger = { error: nothing, warn: nothing, info: nothing, debug: nothing, trace: nothing };

const PROFILE = "/api/fabric/subscriber/info";

/** Waits for the session at most this long: the SDK itself would wait for ever. */
const READY_TIMEOUT_MS = 20_000;

class SessionTimeout extends Error {
  override readonly name = "SessionTimeout";
}

/** What the SDK's `destroy()` trips over when it never connected. */
interface Unconnected {
  _transport?: { destroy(): void } | undefined;
  _clientSession?: { destroy(): void } | undefined;
}

/** What is needed of an observable. */
interface Values<T> {
  subscribe(listener: (value: T) => void): { unsubscribe(): void };
}

/** The call for which the client was made will not be. */
class NotWanted extends Error {
  override readonly name = "NotWanted";
}

export class Connection {
  readonly #client: SignalWire;
  #hooks: ConnectionHooks | null = null;
  #ice: IceOptions = DEFAULT_ICE;
  #begin!: (hooks: ConnectionHooks) => void;
  #abandon!: (error: NotWanted) => void;
  readonly #streams = new Set<MediaStream>();
  readonly #routes = new AbortController();
  /** The thumbprint (RFC 7638) of the client's key, null where the browser makes none. */
  readonly fingerprint: Promise<string | null>;
  #keyed!: (fingerprint: string | null) => void;
  readonly #failed: Promise<never>;
  readonly #devices: WebRTCMediaDevices;
  #space: SpaceAddress | null = null;
  #capturing = true;
  #starting: Promise<void> = Promise.resolve();

  constructor(cures: ReadonlySet<Cure> = new Set(CURES)) {
    const reader = new WireReader();
    const tell = (event: WireEvent | null): void => {
      if (event) this.#hooks?.wire(event);
    };
    this.fingerprint = new Promise((resolve) => {
      this.#keyed = resolve;
    });
    const begun = new Promise<ConnectionHooks>((resolve, reject) => {
      this.#begin = resolve;
      this.#abandon = reject;
    });
    begun.catch(nothing);
    // The SDK wraps what its credential provider throws; the first cause is the one to show.
    let credentialError: unknown;
    const provider = {
      authenticate: async (context?: { fingerprint?: string }) => {
        this.#keyed(context?.fingerprint ?? null);
        try {
          const hooks = await begun;
          const { token, expiry_at, space } = await hooks.credential();
          // Given up meanwhile: without a token the SDK stops here, and nothing is connected.
          this.#routes.signal.throwIfAborted();
          this.#space = space ?? null;
          const answered = (path: string, status: number): void => {
            // The one request whose refusal means that the token is refused.
            if (path === PROFILE) hooks.httpStatus(status);
          };
          routeFetch({ token, space: this.#space, answered }, this.#routes.signal);
          return expiry_at === undefined ? { token } : { token, expiry_at };
        } catch (error) {
          credentialError = error;
          throw error;
        }
      },
    };
    const webRTCApiProvider = curedProvider((stream) => {
      this.#captured(stream);
    }, (error) => {
      this.#hooks?.refused(error);
    }, (constraints) => this.#hooks?.adjust(constraints) ?? constraints, () => this.#ice, cures);
    this.#devices = webRTCApiProvider.mediaDevices;
    this.#client = new SignalWire(provider, {
      storageImplementation: new MemoryStorage(),
      webRTCApiProvider,
      logger: SILENT,
      skipDeviceMonitoring: true, // see the cure lateSelection
      webSocketConstructor: readableWebSocket(
        () => this.#space,
        (frame) => {
          tell(reader.sent(frame));
        },
        (frame) => {
          tell(reader.received(frame));
        },
        (isOpen) => {
          this.#hooks?.socket(isOpen);
        },
        (id) => reader.isInvite(id),
      ),
    });
    this.#failed = new Promise((_, reject) => {
      const subscription = this.#client.errors$.subscribe((error) => {
        // A lost device does not end a dial, and a socket is tried again until the timeout.
        if (["MediaTrackError", "WebSocketConnectionError", "DOMException"].includes(error.name)) return;
        reject(credentialError instanceof Error ? credentialError : error);
      });
      this.#routes.signal.addEventListener("abort", () => {
        subscription.unsubscribe();
      });
    });
    this.#failed.catch(() => undefined); // may fail before anyone waits
  }

  /** Ask for the token and connect; until then the client has only made its key. */
  begin(hooks: ConnectionHooks, ice: IceOptions = DEFAULT_ICE): void {
    this.#hooks = hooks;
    this.#ice = ice;
    this.#begin(hooks);
  }

  /** Give up a client that has not begun. */
  async abandon(): Promise<void> {
    this.#abandon(new NotWanted("no call came"));
    await this.ready().catch(nothing);
    this.dispose();
  }

  /** Resolve when the session is authenticated; reject where the SDK would hang. */
  ready(): Promise<void> {
    const ready = this.#ready();
    // What others need to ring it follows: destroyed in the middle of that, the SDK asks once more
    // on a socket that is gone, and throws where nobody catches.
    this.#starting = ready.then(() => this.reachable()).catch(nothing);
    return ready;
  }

  /** Resolve when nothing of the start is under way: the SDK cannot be stopped in it. */
  settled(): Promise<void> {
    return this.#starting;
  }

  async #ready(): Promise<void> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        reject(new SessionTimeout("the session was not authenticated in time"));
      }, READY_TIMEOUT_MS);
    });
    const authenticated = this.#first(this.#client.ready$, (is) => is || null);
    try {
      await Promise.race([authenticated, this.#failed, late]);
    } finally {
      clearTimeout(timer);
    }
  }

  /** Dial; the SDK gives up after six seconds, as long as the session is ready. */
  dial(destination: string, options: DialOptions): Promise<Call> {
    return this.#client.dial(destination, options);
  }

  /** Resolve once others can ring; reject where the far side does not let them. */
  async reachable(): Promise<void> {
    await Promise.race([this.#first(this.#client.isRegistered$, (is) => is || null), this.#failed]);
  }

  /** Resolve with the first call that rings; reject where the session ends before. */
  incoming(): Promise<Call> {
    const ringing = this.#first(this.#client.session.incomingCalls$, ([call]) => call ?? null);
    return Promise.race([ringing, this.#failed]);
  }

  /** What is picked first; nothing is any more once this is disposed. */
  #first<T, P>(values: Values<T>, pick: (value: T) => P | null): Promise<P> {
    return new Promise((resolve) => {
      const subscription = values.subscribe((value) => {
        const picked = pick(value);
        if (picked !== null) resolve(picked);
      });
      this.#routes.signal.addEventListener("abort", () => {
        subscription.unsubscribe();
      });
    });
  }

  /** Open a device in the call; it is stopped with all others that were opened for it. */
  capture(constraints: MediaStreamConstraints): Promise<MediaStream> {
    return this.#devices.getUserMedia(constraints);
  }

  #captured(stream: MediaStream): void {
    this.#streams.add(stream);
    // The SDK may open a device again while its call ends, or get it only then.
    if (!this.#capturing) this.stopCapture();
  }

  /** Stop every track that was captured for this attempt, and any that is captured yet. */
  stopCapture(): void {
    this.#capturing = false;
    for (const stream of this.#streams) for (const track of stream.getTracks()) track.stop();
  }

  /** Give everything back; safe to call twice. Hang up first: the SDK says no bye from here. */
  dispose(): void {
    if (this.#routes.signal.aborted) return;
    this.#routes.abort();
    this.stopCapture();
    // beta.12 throws in destroy() before it lets go of its window listeners if it never connected.
    const client = this.#client as unknown as Unconnected;
    client._transport ??= { destroy: () => undefined };
    client._clientSession ??= { destroy: () => undefined };
    // A tab that was hidden and shown again has switched the monitor on after all.
    this.#client.disableDeviceMonitoring();
    this.#client.destroy();
  }
}
