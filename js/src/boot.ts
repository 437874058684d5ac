/** One model on its way to a session: from the question to the kernel until the views can draw. */

import { evaluate, join, leave, settle } from "./chunk.js";
import type { Model } from "./model.js";
import { PROTOCOL } from "./protocol.js";
import type { Session } from "./session/types.js";
import { type Application, shared, type Waiter } from "./shared.js";

/**
 * - `loading`: the kernel was asked for the application
 * - `slow`: and has not answered for a while, because it is busy or gone
 * - `failed`: there is an error to show
 * - `saved`: no kernel is behind this model, as in a saved notebook
 * - `outdated`: page and kernel speak different protocols
 * - `ready`: there is a session
 */
export type Phase = "loading" | "slow" | "failed" | "saved" | "outdated" | "ready";

export interface Boot {
  readonly model: Model;
  readonly phase: Phase;
  readonly error: string;
  /** Ask for the application, or once more where a question is open. */
  readonly load: () => void;
  /** The host says that no kernel is behind this model. */
  readonly disconnect: () => void;
  readonly onChange: (listener: () => void, signal: AbortSignal) => void;
  /** Draw the session's view; only when `ready`. */
  readonly mount: (el: HTMLElement, signal: AbortSignal) => void;
}

const SLOW_MS = 20_000;

export function boot(model: Model, signal: AbortSignal): Boot {
  const { page } = shared();
  const hash = model.get("application") ?? "";
  const asked = new Set<unknown>();
  const listeners = new Set<() => void>();
  let phase: Phase = "loading";
  let error = "";
  let slow: ReturnType<typeof setTimeout> | undefined;
  let application: Application | undefined;
  let session: Session | undefined;

  const enter = (next: Phase): void => {
    phase = next;
    clearTimeout(slow);
    if (phase === "loading") slow = setTimeout(enter, SLOW_MS, "slow");
    for (const listener of listeners) listener();
  };

  const fail = (reason: unknown): void => {
    error = reason instanceof Error ? reason.message : String(reason);
    enter("failed");
  };

  const waiter: Waiter = {
    kernel: model.widget_manager,
    ask() {
      const id = ++shared().lastRequest;
      asked.add(id);
      try {
        model.send({ kind: "request", page, id, what: "application" });
      } catch {
        disconnect(); // a comm whose kernel has gone throws
      }
    },
    settle(result) {
      if (result instanceof Error) {
        fail(result);
        return;
      }
      try {
        session = result.openSession(model, signal);
      } catch (reason) {
        fail(reason); // of this model alone: the others go on
        return;
      }
      model.off("msg:custom", answered);
      application = result;
      enter("ready");
    },
  };

  // No time limit: a kernel that is busy for a minute still answers after it.
  const answered = (content: unknown, [bytes]: DataView[]): void => {
    const message = (content ?? {}) as Partial<Record<"kind" | "page" | "id" | "error", unknown>>;
    // Replies are broadcast to every page of the kernel.
    if (message.kind !== "reply" || message.page !== page || !asked.delete(message.id)) return;
    if (message.error || !bytes) {
      const refusal = message.error as { message?: string } | undefined;
      settle(hash, new Error(refusal?.message ?? "The kernel sent nothing."));
      return;
    }
    evaluate(bytes as DataView<ArrayBuffer>)
      .catch((reason: unknown) => new Error(String(reason)))
      .then((result) => {
        settle(hash, result);
      })
      .catch(fail);
  };

  const load = (): void => {
    if (phase === "ready" || signal.aborted) return;
    if (model.get("protocol") !== PROTOCOL) {
      enter("outdated");
      return;
    }
    const again = phase === "slow";
    enter("loading");
    if (again) waiter.ask();
    else join(hash, waiter);
  };

  const disconnect = (): void => {
    if (phase === "ready") return;
    enter("saved");
    leave(hash, waiter);
  };

  model.on("msg:custom", answered);
  signal.addEventListener("abort", () => {
    clearTimeout(slow);
    leave(hash, waiter);
  });
  load();

  return {
    model,
    get phase() {
      return phase;
    },
    get error() {
      return error;
    },
    load,
    disconnect,
    onChange(listener, until) {
      listeners.add(listener);
      until.addEventListener("abort", () => listeners.delete(listener));
    },
    mount(el, until) {
      if (session) application?.mountView(session, el, until);
    },
  };
}
