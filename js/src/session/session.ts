/** The call of one model in one page: it owns the attempt, and outlives every view. */

import type { Model } from "../model.js";
import type { Request } from "../requests.js";
import type {
  Act,
  CallEvent,
  CommandMessage,
  DialCommand,
  EndReason,
  KernelMessage,
  LogMessage,
  MessagesResult,
  Status,
  Traits,
} from "../protocol.js";
import { Attempt } from "./attempt.js";
import { watchHost } from "./host.js";
import type { Session, SessionState } from "./types.js";

/** How many lines of the log a page keeps. */
const LOG_LINES = 500;

const TRAITS = [
  "protocol", "version", "application", "title", "destination", "destination_kind",
  "audio", "video", "receive_audio", "receive_video",
  "status", "status_time", "dial_time", "connected_time", "attempt", "direction", "call_id",
  "media_directions", "local_media", "remote_media", "audio_muted", "video_muted",
  "end_reason", "errors", "token_box", "space_label", "owner",
] as const satisfies readonly (keyof Traits)[];

export interface SessionOptions {
  model: Model;
  /** Aborts when the model is closed. */
  signal: AbortSignal;
  page: string;
  request: Request;
}

export function createSession(options: SessionOptions): Session {
  return new CallSession(options);
}

class CallSession implements Session {
  readonly #model: Model;
  readonly #signal: AbortSignal;
  readonly #page: string;
  readonly #request: Request;
  readonly #listeners = new Set<(state: SessionState) => void>();
  #state: SessionState;
  #messages: readonly LogMessage[] = [];
  #attempt: Attempt | null = null;
  #pastedToken: string | null = null;
  #kernelGone = false;
  #views = 0;
  #seq = 0;
  #scheduled = false;

  constructor({ model, signal, page, request }: SessionOptions) {
    this.#model = model;
    this.#signal = signal;
    this.#page = page;
    this.#request = request;
    this.#state = this.#snapshot();
    const changed = (): void => {
      this.#changed();
    };
    const received = (message: KernelMessage): void => {
      this.#received(message);
    };
    model.on("change", changed);
    model.on("msg:custom", received);
    signal.addEventListener("abort", () => {
      this.#attempt?.hangup("model closed");
      model.off("change", changed);
      model.off("msg:custom", received);
    });
    watchHost(model, signal, (reason) => {
      this.#gone(reason);
    });
    // A page that the browser kept and shows again has its views still.
    addEventListener("pageshow", ({ persisted }) => {
      if (persisted) this.#tellViews(this.#views);
    }, { signal });
    void this.#backlog();
  }

  get state(): SessionState {
    return this.#state;
  }

  subscribe(listener: (state: SessionState) => void, signal: AbortSignal): void {
    this.#listeners.add(listener);
    signal.addEventListener("abort", () => this.#listeners.delete(listener));
  }

  viewShown(signal: AbortSignal): void {
    const count = (change: number): void => {
      this.#views += change;
      this.#tellViews(this.#views);
    };
    count(1);
    signal.addEventListener("abort", () => {
      count(-1);
    });
  }

  act(act: Act, pastedToken?: string): void {
    const attempt = this.#live();
    if (act.act === "dial") {
      this.#pastedToken = act.pasted_token && pastedToken !== undefined ? pastedToken : null;
    } else if (attempt && act.act === "hangup") {
      // At once and in this page: a busy kernel must not keep the microphone open.
      attempt.hangup("hangup");
      return;
    } else if (attempt && act.act === "mute") {
      void attempt.mute(act.media, act.muted);
      return;
    }
    this.#send({ kind: "act", page: this.#page, ...act });
  }

  // --- from the kernel ------------------------------------------------------------------

  #received(message: KernelMessage): void {
    switch (message.kind) {
      case "message":
        this.#messages = [...this.#messages, message.message].slice(-LOG_LINES);
        this.#changed();
        break;
      case "command":
        if (message.page === this.#page) this.#command(message);
        break;
      case "reply":
        break; // the Requests helper takes these
    }
  }

  #command(command: CommandMessage): void {
    if (command.command === "dial") {
      this.#dial(command);
      return;
    }
    const attempt = this.#live();
    if (attempt?.command.attempt !== command.attempt) return;
    if (command.command === "hangup") attempt.hangup("hangup");
    else void attempt.mute(command.media, command.muted);
  }

  #dial(command: DialCommand): void {
    // The kernel dials again only when it holds the last attempt for ended.
    this.#attempt?.hangup("hangup");
    const attempt = new Attempt(command, {
      report: (event) => {
        this.#report(command.attempt, event);
      },
      changed: () => {
        this.#changed();
      },
      request: this.#request,
      pastedToken: this.#pastedToken,
    });
    this.#attempt = attempt;
    void attempt.run();
    this.#changed();
  }

  async #backlog(): Promise<void> {
    try {
      const { result } = await this.#request("messages");
      const { messages } = result as unknown as MessagesResult;
      const last = messages.at(-1)?.index ?? 0;
      const newer = this.#messages.filter(({ index }) => index > last);
      this.#messages = [...messages, ...newer].slice(-LOG_LINES);
      this.#changed();
    } catch {
      // No kernel: the log stays empty, and dialling will say why.
    }
  }

  // --- to the kernel --------------------------------------------------------------------

  #report(attempt: number, event: CallEvent): void {
    const time = Date.now() / 1000; // the performance clock stops while the computer sleeps
    this.#send({ kind: "event", page: this.#page, seq: ++this.#seq, time, attempt, event });
  }

  #send(message: Parameters<Model["send"]>[0]): void {
    // A closed model has no comm; what its attempt still reports is for nobody.
    if (this.#signal.aborted || this.#kernelGone) return;
    try {
      this.#model.send(message);
    } catch {
      this.#gone("send failed");
    }
  }

  #gone(reason: EndReason): void {
    const attempt = this.#live();
    // The kernel still hears a page that closes, so tell it before the line is given up.
    attempt?.hangup(reason);
    if (reason === "page closed" || reason === "document closed") this.#tellViews(0);
    if (reason !== "page closed") this.#kernelGone = true;
    this.#changed();
  }

  #tellViews(count: number): void {
    this.#send({ kind: "view", page: this.#page, count });
  }

  // --- to the views ---------------------------------------------------------------------

  #live(): Attempt | null {
    return this.#attempt && !this.#attempt.over ? this.#attempt : null;
  }

  #snapshot(): SessionState {
    const written = Object.fromEntries(TRAITS.map((name) => [name, this.#model.get(name)])) as unknown as Traits;
    const attempt = this.#live();
    const here = this.#overlay(written, this.#attempt);
    return {
      traits: { ...written, ...here },
      live: attempt !== null,
      localStream: attempt?.localStream ?? null,
      remoteStream: attempt?.remoteStream ?? null,
      messages: this.#messages,
      kernelGone: this.#kernelGone,
    };
  }

  /** What this page knows before the kernel does: a busy kernel must not show a dead call as live. */
  #overlay(written: Traits, attempt: Attempt | null): Partial<Traits> {
    if (attempt === null || attempt.command.attempt < written.attempt) return {};
    const status: Status = attempt.status;
    return {
      status,
      audio_muted: attempt.muted.audio,
      video_muted: attempt.muted.video,
    };
  }

  #changed(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    queueMicrotask(() => {
      this.#scheduled = false;
      this.#state = this.#snapshot();
      for (const listener of this.#listeners) listener(this.#state);
    });
  }
}
