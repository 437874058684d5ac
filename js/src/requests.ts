/** Questions to the kernel, each with one answer. */

import type { Model } from "./model.js";
import { readMessage } from "./incoming.js";
import type { KernelError, RequestMessage } from "./protocol.js";
import { shared } from "./shared.js";

export interface Answer {
  result: Record<string, unknown>;
  buffers: DataView[];
}

/** Ask the kernel; `timeoutMs` of 0 waits until the model is closed. */
export type Request = (
  what: RequestMessage["what"],
  body?: Omit<RequestMessage, "kind" | "page" | "id" | "what">,
  timeoutMs?: number,
) => Promise<Answer>;

/** The kernel said no, did not answer in time (`kind` "timeout"), or cannot be reached ("unreachable"). */
export class RequestError extends Error {
  constructor(
    readonly kind: string,
    name: string,
    message: string,
  ) {
    super(message);
    this.name = name;
  }
}

/** What the kernel said, as an error to throw. */
export function refusal({ kind, name, message }: KernelError): RequestError {
  return new RequestError(kind, name, message);
}

interface Pending {
  resolve: (answer: Answer) => void;
  reject: (error: RequestError) => void;
}

export const TIMEOUT_MS = 20_000; // a busy kernel answers late, not never

/** The questions of one model; all that are open fail when `signal` aborts. */
export function createRequests(model: Model, page: string, signal: AbortSignal): Request {
  const pending = new Map<number, Pending>();

  const settle = (id: number): Pending | undefined => {
    const open = pending.get(id);
    pending.delete(id);
    return open;
  };

  const listener = (content: unknown, buffers: DataView[]): void => {
    const message = readMessage(content);
    // Replies are broadcast to every page of the kernel.
    if (message?.kind !== "reply" || message.page !== page) return;
    const open = settle(message.id);
    if (!open) return;
    if ("error" in message) {
      open.reject(refusal(message.error));
    } else {
      open.resolve({ result: message.result, buffers });
    }
  };
  model.on("msg:custom", listener);
  signal.addEventListener("abort", () => {
    model.off("msg:custom", listener);
    for (const id of [...pending.keys()]) {
      settle(id)?.reject(new RequestError("unreachable", "ModelClosed", "The widget was closed."));
    }
  });

  return (what, body = {}, timeoutMs = TIMEOUT_MS) =>
    new Promise((resolve, reject) => {
      if (signal.aborted) {
        reject(new RequestError("unreachable", "ModelClosed", "The widget was closed."));
        return;
      }
      const id = ++shared().lastRequest;
      let timer: ReturnType<typeof setTimeout> | undefined;
      pending.set(id, {
        resolve: (answer) => {
          clearTimeout(timer);
          resolve(answer);
        },
        reject: (error) => {
          clearTimeout(timer);
          reject(error);
        },
      });
      if (timeoutMs > 0) {
        timer = setTimeout(() => {
          const text = `The kernel did not answer within ${Math.round(timeoutMs / 1000)} s.`;
          settle(id)?.reject(new RequestError("timeout", "TimeoutError", text));
        }, timeoutMs);
      }
      try {
        model.send({ kind: "request", page, id, what, ...body });
      } catch {
        // A comm whose kernel has gone throws.
        settle(id)?.reject(new RequestError("unreachable", "KernelGone", "The kernel cannot be reached."));
      }
    });
}
