/** A client of the SDK with nothing of ours but what points it at a space. */

import { ClientPreferences, embeddableCall, SignalWire, StaticCredentialProvider, type Call } from "@signalwire/js";

import { CURES, curedProvider, DEFAULT_ICE } from "../src/sdk/cures.js";
import { routeFetch } from "../src/sdk/fetch.js";
import { MemoryStorage } from "../src/sdk/storage.js";
import type { SpaceAddress } from "../src/protocol.js";

export interface Access {
  token: string;
  space: SpaceAddress;
  /** Whether it has our provider; alone, the SDK calls nobody unless the space answers STUN. */
  cured: boolean;
  /** Whether it takes up again, after the page was reloaded, the calls that it had. */
  reattaches: boolean;
}

/** What an error says, and what the SDK has wrapped in it. */
export function words(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const inner = (error as { error?: unknown }).error ?? error.cause;
  const own = `${error.name}: ${error.message}`;
  return inner === undefined ? own : `${own} < ${words(inner)}`;
}

/** The frequencies to tell apart, in Hertz: ringing, the menu's beep, the bars, and the keypad's. */
const TONES = [440, 480, 600, 697, 770, 852, 941, 1209, 1336, 1477, 1633];

/** A call, and every status that it has had since it was there. */
export class Watched {
  readonly statuses: string[] = [];
  /** The tones that were heard since `listen`, as `440+480`, each with the status at its begin. */
  readonly heard: { tone: string; status: string }[] = [];

  constructor(readonly call: Call) {
    call.status$.subscribe((status) => {
      // Whether an outgoing call is still new once it has been dialled depends on a scheduler.
      if (status !== "new") this.statuses.push(status);
    });
  }

  /** Write down which tones come in, until the call is over. */
  listen(): void {
    const context = new AudioContext();
    const analyser = new AnalyserNode(context, { fftSize: 8192, smoothingTimeConstant: 0 });
    const player = new Audio(); // what nobody plays reaches no analyser
    const levels = new Float32Array(analyser.frequencyBinCount);
    const level = (hertz: number): number => {
      const bin = Math.round((hertz * analyser.fftSize) / context.sampleRate);
      return Math.max(...levels.subarray(bin - 1, bin + 2));
    };
    const timer = setInterval(() => {
      analyser.getFloatFrequencyData(levels);
      const loudest = Math.max(...TONES.map(level));
      const tone = loudest > -60 ? TONES.filter((hertz) => level(hertz) > loudest - 10).join("+") : "";
      if (tone !== (this.heard.at(-1)?.tone ?? "")) this.heard.push({ tone, status: this.status });
    }, 30);
    this.call.remoteStream$.subscribe({
      next: (stream) => {
        if (stream.getAudioTracks().length === 0) return;
        player.srcObject = stream;
        void player.play();
        new MediaStreamAudioSourceNode(context, { mediaStream: stream }).connect(analyser);
      },
      complete: () => {
        clearInterval(timer);
        void context.close();
      },
    });
  }

  get status(): string {
    return this.statuses.at(-1) ?? "";
  }
}

const nothing = (): void => undefined;

/** Somebody who is online. */
export class Client {
  readonly sdk: SignalWire;
  readonly incoming: Watched[] = [];
  readonly #routes = new AbortController();

  constructor({ token, space, cured, reattaches }: Access) {
    routeFetch({ token, space, answered: nothing }, this.#routes.signal);
    this.sdk = new SignalWire(new StaticCredentialProvider({ token }), {
      // Each is somebody else, and the page's own storage would be shared; it outlives a reload.
      ...(reattaches ? { reconnectAttachedCalls: true } : { storageImplementation: new MemoryStorage() }),
      webSocketConstructor: class extends WebSocket {
        constructor() {
          super(space.url.replace("http", "ws"));
        }
      },
      ...(cured
        ? {
            webRTCApiProvider: curedProvider(nothing, nothing, (wanted) => wanted, () => DEFAULT_ICE, new Set(CURES)),
          }
        : {}),
    });
  }

  /** Resolve once it can be called; reject with what the SDK says instead. */
  async online(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.sdk.isRegistered$.subscribe((registered) => {
        if (registered) resolve();
      });
      this.sdk.errors$.subscribe(reject);
    });
    this.listen();
  }

  /** Watch the calls that come in; anew after each `connect` of the SDK. */
  listen(): void {
    this.sdk.session.incomingCalls$.subscribe((calls) => {
      for (const call of calls) {
        if (!this.incoming.some((known) => known.call === call)) this.incoming.push(new Watched(call));
      }
    });
  }

  /** Resolve with the call that was taken up again. */
  reattached(): Promise<Watched> {
    return new Promise((resolve) => {
      this.sdk.session.calls$.subscribe(([call]) => {
        if (call) resolve(new Watched(call));
      });
    });
  }

  /** Give everything back. */
  dispose(): void {
    this.#routes.abort();
    this.sdk.destroy();
  }
}

/** Call as a click-to-call button does, with its public token and no client of ours. */
export async function embedded(space: SpaceAddress, embedToken: string, to: string): Promise<Watched> {
  // These two point the SDK at the space; the page is for nothing else.
  new ClientPreferences().relayHost = space.url.replace("http", "ws");
  routeFetch({ token: "", space, answered: nothing }, new AbortController().signal);
  return new Watched(await embeddableCall({ to, embedToken, host: `fabric.${space.domain}` }));
}
