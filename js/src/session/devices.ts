/** Microphone and camera of one call: what they send, and what takes their place when they go. */

import type { Failure } from "./failure.js";
import { captureFailure } from "./preflight.js";

export const MEDIA = ["audio", "video"] as const;

export type Media = (typeof MEDIA)[number];

type Choice = MediaTrackConstraints | true;

const NAMES: Readonly<Record<Media, string>> = { audio: "microphone", video: "camera" };

const nothing = (): undefined => undefined;

export interface DevicesHooks {
  capture(constraints: MediaStreamConstraints): Promise<MediaStream>;
  /** The connection that sends, while there is one. */
  connection(): RTCPeerConnection | undefined;
  failed(failure: Failure): void;
  log(level: "info" | "warning", text: string): void;
  changed(): void;
}

/**
 * The SDK opens the devices of a dial, and opens and closes them by itself when it mutes, unmutes and
 * finds the connection too slow.  So what is sent is looked up each time, and of two tracks of a
 * kind the newer one stays.
 */
export class Devices {
  /** What this side sends: the SDK's own stream, in which tracks are replaced. */
  stream: MediaStream | null = null;
  readonly muted: Record<Media, boolean> = { audio: false, video: false };

  readonly #watched = new WeakSet<MediaStreamTrack>();
  /** What this call has ever sent: nothing else is opened in it. */
  readonly #used = new Set<Media>();
  /** What no device was found for, so that the next that comes is taken. */
  readonly #missing = new Set<Media>();
  /** The device that was asked for last, where one was. */
  readonly #wished: Partial<Record<Media, Choice>> = {};
  /** What is opened at this moment: the wish, or what takes its place. */
  readonly #opening: Partial<Record<Media, Choice | undefined>> = {};
  // One change after the other: the last wish is the one that stays.
  readonly #changing: Record<Media, Promise<unknown>> = { audio: Promise.resolve(), video: Promise.resolve() };
  #begun = false;
  #listens = false;

  constructor(
    private readonly hooks: DevicesHooks,
    private readonly signal: AbortSignal,
  ) {}

  /** Follow the stream that the SDK captured. */
  follow(stream: MediaStream | null): void {
    this.stream = stream;
    for (const track of stream?.getTracks() ?? []) if (!this.#watched.has(track)) this.#add(track);
    this.#silence();
  }

  /** The call is up: close what was muted before or is not wanted, and open what was lost. */
  begin(): void {
    if (this.#begun) return;
    this.#begun = true;
    for (const media of [...this.#used]) {
      if (!this.#sender(media)) this.#refused(media);
      else if (this.muted[media]) this.#close(media);
      else void this.mend(media);
    }
  }

  /** Open another device where the call should send from one and does not, and say so. */
  async mend(media: Media): Promise<void> {
    this.#wentOn(await this.#restore(media).catch(nothing));
  }

  /** Whether the call has sent this, and so may again. */
  uses(media: Media): boolean {
    return this.#used.has(media);
  }

  /** Close the device at once, or open it again; before the call is up it is only silent. */
  async mute(media: Media, muted: boolean): Promise<void> {
    this.muted[media] = muted;
    this.#silence();
    if (!this.#begun) return;
    if (muted) {
      this.#close(media);
      return;
    }
    await this.#restore(media).catch((error: unknown) => {
      this.#failed(media, error);
    });
  }

  /** Open this device from now on, also where the SDK opens one by itself. */
  wish(media: Media, constraints: Choice): void {
    this.#wished[media] = constraints;
  }

  /**
   * What to open instead of what the SDK asks for: it knows no wish of after the dial, and opens
   * the camera again when the connection is better, whether or not that was muted meanwhile.
   */
  adjust(constraints: MediaStreamConstraints): MediaStreamConstraints {
    const adjusted = { ...constraints };
    for (const media of MEDIA) {
      if (!adjusted[media]) continue;
      if (this.#begun && this.muted[media]) adjusted[media] = false;
      else adjusted[media] = this.#opening[media] ?? this.#wished[media] ?? adjusted[media];
    }
    return adjusted;
  }

  /** Send from another device, in the same call and without asking the far side. */
  async use(media: Media, constraints: Choice): Promise<void> {
    await this.#inTurn(media, async () => {
      if (this.#sends(media) || this.#missing.has(media)) {
        this.#wentOn(await this.#replace(media, [constraints]));
      } else {
        this.hooks.log("info", `This call sends no ${media} now: the ${NAMES[media]} is used when it does`);
      }
      this.wish(media, constraints); // one that does not open is not asked for again
    }).catch((error: unknown) => {
      this.#failed(media, error);
    });
  }

  // --- what is sent ---------------------------------------------------------------------

  #sender(media: Media): RTCRtpSender | undefined {
    // By its receiver: a sender without a track does not say what it is for.
    return this.hooks.connection()?.getTransceivers().find(({ receiver }) => receiver.track.kind === media)?.sender;
  }

  #sends(media: Media): boolean {
    return this.#sender(media)?.track?.readyState === "live";
  }

  #tracks(media: Media): MediaStreamTrack[] {
    return this.stream?.getTracks().filter(({ kind }) => kind === media) ?? [];
  }

  /** Silence what is muted at once, and what is captured only later as soon as it is there. */
  #silence(): void {
    for (const track of this.stream?.getTracks() ?? []) track.enabled = !this.muted[track.kind as Media];
  }

  /** Take note of a new track in the stream, which ends those of its kind that are there. */
  #add(track: MediaStreamTrack): void {
    const media = track.kind as Media;
    this.#watched.add(track);
    this.#used.add(media);
    this.#missing.delete(media);
    // Only a device that goes away ends a track so; stop() makes no event.
    track.addEventListener("ended", () => {
      this.#lost(track);
    }, { signal: this.signal });
    this.#close(media, track);
    // Muted while the SDK has opened it.
    if (this.#begun && this.muted[media]) this.#close(media);
  }

  /** Stop every track of this kind, or all but one. */
  #close(media: Media, except?: MediaStreamTrack): void {
    for (const track of this.#tracks(media)) {
      if (track === except) continue;
      track.stop();
      this.stream?.removeTrack(track);
    }
    if (!except) this.hooks.changed();
  }

  /** Nobody sees what a far side refuses that takes sound only, so nobody shall be filmed for it. */
  #refused(media: Media): void {
    this.#used.delete(media);
    this.#close(media);
    this.hooks.log("info", `The far side takes no ${media}: the ${NAMES[media]} is closed`);
  }

  // --- what comes in its place ----------------------------------------------------------

  #lost(track: MediaStreamTrack): void {
    const media = track.kind as Media;
    this.hooks.failed(captureFailure(new DOMException("", "DeviceLost"), [], [NAMES[media]]));
    this.hooks.changed();
    void this.mend(media);
  }

  /** Open a device where one should send and none does; where that fails, the next that comes. */
  #restore(media: Media): Promise<MediaStreamTrack | undefined> {
    return this.#inTurn(media, async () => {
      if (!this.#lacks(media)) return undefined;
      const wished = this.#wished[media];
      try {
        // The device that was asked for may be the one that is gone: then whichever there is.
        return await this.#replace(media, wished && wished !== true ? [wished, true] : [true], () => this.#lacks(media));
      } catch (error) {
        this.#wait(media);
        throw error;
      }
    });
  }

  /** Take the next device that comes. */
  #wait(media: Media): void {
    this.#missing.add(media);
    if (this.#listens || this.signal.aborted) return;
    this.#listens = true;
    navigator.mediaDevices.addEventListener("devicechange", () => {
      for (const missing of this.#missing) void this.mend(missing);
    }, { signal: this.signal });
  }

  #lacks(media: Media): boolean {
    return this.#sender(media) !== undefined && this.#used.has(media) && !this.muted[media] && !this.#sends(media);
  }

  /** Send from a device that is opened now; undefined where nobody wants it any more. */
  async #replace(
    media: Media,
    choices: readonly Choice[],
    stillWanted = (): boolean => !this.muted[media],
  ): Promise<MediaStreamTrack | undefined> {
    const track = await this.#open(media, choices);
    const { stream } = this;
    const sender = this.#sender(media);
    if (this.signal.aborted || !stream || !sender || !stillWanted()) {
      track.stop();
      return undefined;
    }
    stream.addTrack(track);
    this.#add(track);
    this.#silence();
    try {
      await sender.replaceTrack(track);
    } catch (error) {
      this.#close(media);
      throw error;
    }
    // The browser tells only of the tracks that it adds itself, and views listen.
    stream.dispatchEvent(new MediaStreamTrackEvent("addtrack", { track }));
    this.hooks.changed();
    return track;
  }

  async #open(media: Media, choices: readonly Choice[]): Promise<MediaStreamTrack> {
    let reason: unknown;
    for (const [tried, choice] of choices.entries()) {
      try {
        this.#opening[media] = choice;
        const [track] = (await this.hooks.capture({ [media]: choice })).getTracks();
        if (!track) continue; // opened, and gone again
        if (tried > 0) this.hooks.log("warning", `The ${NAMES[media]} that was asked for does not open: another does`);
        return track;
      } catch (error) {
        reason = error;
        if (isDenied(error)) break; // nor would another be allowed
      } finally {
        this.#opening[media] = undefined;
      }
    }
    throw reason;
  }

  #inTurn<Result>(media: Media, work: () => Promise<Result>): Promise<Result | undefined> {
    const turn = this.#changing[media].then(() => (this.signal.aborted ? undefined : work()));
    this.#changing[media] = turn.catch(nothing);
    return turn;
  }

  #wentOn(track: MediaStreamTrack | undefined): void {
    if (track) this.hooks.log("info", `The call goes on with the ${NAMES[track.kind as Media]} “${track.label}”`);
  }

  #failed(media: Media, error: unknown): void {
    if (!this.signal.aborted) this.hooks.failed(captureFailure(error, [], [NAMES[media]]));
  }
}

function isDenied(error: unknown): boolean {
  return ["NotAllowedError", "SecurityError"].includes((error as Partial<Error> | null)?.name ?? "");
}
