/** Notices that the kernel or the document is gone; anywidget's own signal fires on neither. */

import type { Model, Signal } from "../model.js";
import type { EndReason } from "../protocol.js";
import { listen, watchSpeaker } from "./speaker.js";

// A kernel that starts while a call is there is another one: a restart that another tab asked for.
const DEAD: ReadonlySet<unknown> = new Set(["starting", "restarting", "autorestarting", "terminating", "dead"]);

/** How long the Jupyter server may be out of reach before a call is hung up: it reconnects by itself. */
const AWAY_MS = 30_000;

export interface HostHooks {
  /** Whether a call goes on that ends with its kernel. */
  readonly inCall: () => boolean;
  /** Nothing can speak for the call any more, and this page is not asked again. */
  readonly gone: (reason: EndReason) => void;
  /** The Jupyter server is out of reach, or back. */
  readonly away: (isAway: boolean) => void;
  /** It has been out of reach for too long for a call that nobody hears of. */
  readonly unheard: () => void;
}

/**
 * Call `gone` when nothing can speak for the call any more, until `signal` aborts.
 *
 * Restart and death reach the model only as `comm_live_update`; shutdown and a closed document
 * only JupyterLab's and Notebook 7's session context; a page that goes away only `pagehide`.
 * Call what this returns when a call begins.
 */
export function watchHost(model: Model, signal: AbortSignal, hooks: HostHooks): () => void {
  const { inCall, away, unheard } = hooks;
  const watch = (source: Signal | undefined, slot: (value: unknown) => void): void => {
    listen(source, signal, slot);
  };

  let waiting: ReturnType<typeof setTimeout> | undefined;
  const stopWaiting = (): void => {
    clearTimeout(waiting);
    waiting = undefined;
  };
  const gone = (reason: EndReason): void => {
    stopWaiting(); // the call is over
    hooks.gone(reason);
  };

  addEventListener("pagehide", () => {
    gone("page closed");
  }, { signal });

  const commDead = (): void => {
    gone("kernel gone");
  };
  model.on("comm_live_update", commDead);
  signal.addEventListener("abort", () => {
    model.off("comm_live_update", commDead);
  });

  const context = model.widget_manager?.context;
  const session = context?.sessionContext;
  watch(session?.statusChanged, (status) => {
    if (DEAD.has(status)) gone("kernel gone");
  });
  const callBegins = watchSpeaker(session, signal, inCall, () => {
    gone("kernel gone");
  });
  watch(session?.connectionStatusChanged, (status) => {
    const isAway = status !== "connected";
    away(isAway);
    if (!isAway) stopWaiting();
    else if (inCall()) waiting ??= setTimeout(unheard, AWAY_MS);
  });
  signal.addEventListener("abort", stopWaiting);
  watch(session?.kernelChanged, () => {
    gone("kernel gone");
  });
  watch(session?.disposed, () => {
    gone("document closed");
  });
  watch(context?.disposed, () => {
    gone("document closed");
  });
  return callBegins;
}
