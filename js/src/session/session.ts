/** The call of one model in one page: it owns the attempt, and outlives every view. */

import type { Model } from "../model.js";
import type { Request } from "../requests.js";
import type { Act, BeginCommand, CommandMessage, EndReason, KernelMessage, MessagesResult, PageMessage } from "../protocol.js";
import { DEFAULTS, type LogMessage, type Status, type Traits } from "../traits.js";
import { Attempt } from "./attempt.js";
import { readLine, readMessage } from "../incoming.js";
import { watchHost } from "./host.js";
import { Outbox } from "./outbox.js";
import { keepSpare } from "./spare.js";
import type { Session, SessionState } from "./types.js";

/** How many lines of the log a page keeps. */
const LOG_LINES = 500;

const FRAME_MS = 16;

const TRAITS = Object.keys(DEFAULTS) as (keyof Traits)[];

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
  readonly #outbox: Outbox;
  readonly #callBegins: () => void;
  readonly #listeners = new Set<(state: SessionState) => void>();
  #state: SessionState;
  #messages: readonly LogMessage[] = [];
  #attempt: Attempt | null = null;
  #pastedToken: string | null = null;
  #kernelGone = false;
  #kernelAway = false;
  #hiding: ReturnType<typeof setTimeout> | undefined;
  #views = 0;
  #scheduled = false;
  #told = -Infinity;

  constructor({ model, signal, page, request }: SessionOptions) {
    this.#model = model;
    this.#signal = signal;
    this.#page = page;
    this.#request = request;
    this.#outbox = new Outbox(page, (message) => {
      this.#post(message);
    });
    this.#state = this.#snapshot();
    const changed = (): void => {
      this.#watchHidden();
      this.#changed();
    };
    const received = (content: unknown): void => {
      const message = readMessage(content);
      if (message) this.#received(message);
    };
    model.on("change", changed);
    model.on("msg:custom", received);
    signal.addEventListener("abort", () => {
      this.#attempt?.hangup("model closed");
      clearTimeout(this.#hiding);
      model.off("change", changed);
      model.off("msg:custom", received);
    });
    this.#callBegins = watchHost(model, signal, {
      inCall: () => this.#live() !== null,
      gone: (reason) => {
        this.#gone(reason);
      },
      away: (isAway) => {
        this.#kernelAway = isAway;
        // What was said meanwhile may be lost, and the kernel is to know who shows the call.
        if (!isAway) this.#tellViews(this.#views);
        this.#changed();
      },
      unheard: () => {
        this.#live()?.hangup("send failed");
      },
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
      this.#watchHidden();
    };
    count(1);
    keepSpare(signal);
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
    } else if (attempt && act.act === "reject") {
      attempt.reject();
      return;
    } else if (attempt && act.act === "mute") {
      void attempt.inCall.mute(act.media, act.muted);
      return;
    } else if (attempt && act.act === "hold") {
      void attempt.inCall.hold(act.held);
      return;
    } else if (attempt && act.act === "digits") {
      void attempt.inCall.digits(act.digits);
      return;
    }
    this.#send({ kind: "act", page: this.#page, ...act });
  }

  // --- from the kernel ------------------------------------------------------------------

  #received(message: KernelMessage): void {
    switch (message.kind) {
      case "lines":
        this.#addLines(...message.lines);
        break;
      case "command":
        if (message.page === this.#page) this.#command(message);
        break;
      case "credential": {
        // Whatever the kernel sends goes to every page that shows the call.
        const attempt = message.page === this.#page ? this.#live() : null;
        if (attempt?.command.attempt === message.attempt) attempt.deliver(message);
        break;
      }
      case "ping":
        if (message.page === this.#page) this.#send({ kind: "alive", page: this.#page });
        break;
      case "reply":
        break; // the Requests helper takes these
    }
  }

  #addLines(...lines: readonly unknown[]): void {
    const last = this.#messages.at(-1)?.index ?? 0;
    const fresh = lines.map(readLine).filter((line) => line !== null && line.index > last);
    this.#messages = [...this.#messages, ...(fresh as LogMessage[])].slice(-LOG_LINES);
    this.#changed();
  }

  #command(command: CommandMessage): void {
    if (command.command === "dial" || command.command === "listen") {
      // A page that cannot speak to its kernel must not open a microphone that nobody can stop.
      if (!this.#kernelGone) this.#begin(command);
      return;
    }
    const attempt = this.#live();
    if (attempt?.command.attempt !== command.attempt) return;
    if (command.command === "hangup") attempt.hangup(command.reason);
    else if (command.command === "answer") void attempt.answer(command.options);
    else if (command.command === "reject") attempt.reject();
    else void attempt.inCall.perform(command);
  }

  #begin(command: BeginCommand): void {
    // The kernel dials again only when it holds the last attempt for ended.
    this.#attempt?.hangup("hangup");
    const attempt = new Attempt(command, {
      report: (event) => {
        this.#outbox.report(command.attempt, event);
      },
      changed: () => {
        this.#changed();
      },
      request: this.#request,
      pastedToken: this.#pastedToken,
    });
    this.#attempt = attempt;
    this.#callBegins();
    void attempt.run();
    this.#watchHidden();
    this.#changed();
  }

  async #backlog(): Promise<void> {
    try {
      const { result } = await this.#request("messages");
      const newer = this.#messages;
      this.#messages = [];
      this.#addLines(...((result as Partial<MessagesResult>).messages ?? []));
      this.#addLines(...newer);
    } catch {
      // No kernel: the log stays empty, and dialling will say why.
    }
  }

  // --- to the kernel --------------------------------------------------------------------

  #send(message: PageMessage): void {
    this.#outbox.flush();
    this.#post(message);
  }

  #post(message: PageMessage): void {
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

  /** A call that nobody sees must not go on for ever with a microphone. */
  #watchHidden(): void {
    const goes = this.#views === 0 && this.#live() !== null && this.#read("on_hidden") === "hangup";
    if (!goes) {
      clearTimeout(this.#hiding);
      this.#hiding = undefined;
      return;
    }
    this.#hiding ??= setTimeout(() => {
      this.#live()?.hangup("hidden");
    }, this.#read("hidden_seconds") * 1000);
  }

  #tellViews(count: number): void {
    this.#send({ kind: "view", page: this.#page, count });
  }

  // --- to the views ---------------------------------------------------------------------

  #live(): Attempt | null {
    return this.#attempt && !this.#attempt.over ? this.#attempt : null;
  }

  #read<K extends keyof Traits>(name: K): Traits[K] {
    const value = this.#model.get(name);
    return value === undefined ? DEFAULTS[name] : value; // null is a value
  }

  #snapshot(): SessionState {
    const written = Object.fromEntries(TRAITS.map((name) => [name, this.#read(name)])) as unknown as Traits;
    const attempt = this.#live();
    const here = this.#overlay(written, this.#attempt);
    return {
      traits: { ...written, ...here },
      live: attempt !== null,
      localStream: attempt?.localStream ?? null,
      remoteStream: attempt?.remoteStream ?? null,
      messages: this.#messages,
      kernelGone: this.#kernelGone,
      kernelAway: this.#kernelAway,
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
      held: attempt.inCall.held,
    };
  }

  /** Tell the views, at once but no more often than a screen shows: a flood of events is not a flood of paints. */
  #changed(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    const wait = this.#told + FRAME_MS - performance.now();
    const later = wait > 0 ? (tell: () => void) => setTimeout(tell, wait) : queueMicrotask;
    later(() => {
      this.#scheduled = false;
      this.#told = performance.now();
      this.#state = this.#snapshot();
      for (const listener of this.#listeners) listener(this.#state);
    });
  }
}
