/** What can be done in a call that is up, beside ending it. */

import type { Call } from "@signalwire/js";

import type { CallEvent, InCallCommand } from "../protocol.js";
import { MEDIA, type Devices, type Media } from "./devices.js";
import { Failure, reasonOf } from "./failure.js";

export interface InCallHooks {
  /** The SDK's call, null before it was created. */
  call(): Call | null;
  over(): boolean;
  /** The far side can be told something. */
  signalling(): boolean;
  report(event: CallEvent): void;
  failed(failure: Failure): void;
  log(level: "info" | "warning", text: string): void;
  changed(): void;
}

export class InCall {
  held = false;
  /** The far side has agreed to go on to another destination. */
  transferred = false;

  /** Nobody knows whether the far side holds: it did not answer. */
  #unknown = false;
  readonly #telling: Record<Media, Promise<void>> = { audio: Promise.resolve(), video: Promise.resolve() };
  // One after the other: the SDK knows only how to toggle.
  #holding: Promise<void> = Promise.resolve();

  constructor(
    private readonly devices: Devices,
    private readonly hooks: InCallHooks,
  ) {}

  /** Do it, and never throw: what fails is reported. */
  async perform(command: InCallCommand): Promise<void> {
    switch (command.command) {
      case "mute":
        return this.mute(command.media, command.muted);
      case "hold":
        return this.hold(command.held);
      case "digits":
        return this.digits(command.digits);
      case "transfer":
        return this.#transfer(command.destination);
      case "device":
        return this.devices.use(command.media, command.constraints ?? true);
    }
  }

  async mute(media: Media, muted: boolean): Promise<void> {
    const { devices, hooks } = this;
    if (hooks.over() || devices.muted[media] === muted) return;
    hooks.report({ type: "muted", media, muted });
    const done = devices.mute(media, muted);
    hooks.changed();
    // First: the SDK opens a device for itself where it unmutes and finds none.
    await done;
    await this.#tellMuted(media);
  }

  /** Connected, maybe again: tell the far side what was muted before it could be told. */
  async connected(): Promise<void> {
    this.devices.begin();
    for (const media of MEDIA) if (this.devices.muted[media]) await this.#tellMuted(media);
  }

  #tellMuted(media: Media): Promise<void> {
    // One after the other, as the SDK opens and closes the device when it is answered.
    this.#telling[media] = this.#telling[media].then(() => this.#sayMuted(media));
    return this.#telling[media];
  }

  async #sayMuted(media: Media): Promise<void> {
    // Asked to unmute what this call never sent, the SDK would open it.
    if (this.hooks.over() || !this.devices.uses(media)) return;
    const muted = this.devices.muted[media];
    try {
      const self = this.hooks.call()?.self;
      if (media === "audio") await (muted ? self?.mute() : self?.unmute());
      else await (muted ? self?.muteVideo() : self?.unmuteVideo());
    } catch (error) {
      this.hooks.log("warning", `The far side was not told that ${media} is ${muted ? "muted" : "on"}: ${reasonOf(error)}`);
    }
    // The SDK has closed the device just now, be it that it was opened again meanwhile.
    await this.devices.mend(media);
  }

  hold(held: boolean): Promise<void> {
    this.#holding = this.#holding.then(() =>
      this.#try(held ? "hold" : "go on with", "HoldRefused", async (call) => {
        if (this.held === held && !this.#unknown) return;
        // After a hold without an answer the SDK takes the call for not held, and knows no other way.
        if (this.#unknown && !held && !this.held) await call.toggleHold();
        try {
          await call.toggleHold();
          this.#unknown = false;
        } catch (error) {
          this.#unknown ||= isUnanswered(error);
          throw error;
        }
        this.held = held;
        this.hooks.report({ type: "held", held });
        this.hooks.changed();
      }),
    );
    return this.#holding;
  }

  digits(digits: string): Promise<void> {
    return this.#try("take the digits of", "DigitsRefused", async (call) => {
      await call.sendDigits(digits);
      const count = digits.length;
      this.hooks.log("info", `${count} digit${count === 1 ? "" : "s"} sent`); // not which: it may be a code
    });
  }

  #transfer(destination: string): Promise<void> {
    return this.#try("transfer", "TransferRefused", async (call) => {
      // Its goodbye may come before the answer to this.
      this.transferred = true;
      try {
        await call.transfer({ destination });
      } catch (error) {
        this.transferred = isUnanswered(error);
        throw error;
      }
    });
  }

  async #try(verb: string, name: string, work: (call: Call) => Promise<void>): Promise<void> {
    const call = this.hooks.call();
    try {
      if (!call) throw new Error("it is not connected yet");
      // The SDK would send it before it has introduced itself anew, and be refused.
      if (!this.hooks.signalling()) throw new Error("the connection to the far side is lost");
      await work(call);
    } catch (error) {
      if (this.hooks.over()) return;
      const failure = isUnanswered(error)
        ? new Failure("network", "NoReply", `nobody answered whether the far side would ${verb} the call; it may still`)
        : new Failure("call", name, `the far side did not ${verb} the call: ${reasonOf(error)}`);
      this.hooks.failed(failure);
    }
  }
}

/** The SDK gave up on the answer to a request, which may have arrived all the same. */
function isUnanswered(error: unknown): boolean {
  return error instanceof Error && error.name === "RPCTimeoutError";
}
