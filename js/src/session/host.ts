/** Notices that the kernel or the document is gone; anywidget's own signal fires on neither. */

import type { Model } from "../model.js";
import type { EndReason } from "../protocol.js";

const DEAD: ReadonlySet<unknown> = new Set(["restarting", "autorestarting", "terminating", "dead"]);

interface Connectable {
  connect(slot: (sender: unknown, value: unknown) => void): void;
  disconnect(slot: (sender: unknown, value: unknown) => void): void;
}

/**
 * Call `gone` when nothing can speak for the call any more, until `signal` aborts.
 *
 * Restart and death reach the model only as `comm_live_update`; shutdown and a closed document
 * only JupyterLab's and Notebook 7's session context; a page that goes away only `pagehide`.
 */
export function watchHost(model: Model, signal: AbortSignal, gone: (reason: EndReason) => void): void {
  const watch = (source: Connectable | undefined, slot: (value: unknown) => void): void => {
    if (typeof source?.connect !== "function") return;
    const listener = (_sender: unknown, value: unknown): void => {
      slot(value);
    };
    source.connect(listener);
    signal.addEventListener("abort", () => {
      source.disconnect(listener);
    });
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
  watch(session?.kernelChanged, () => {
    gone("kernel gone");
  });
  watch(session?.disposed, () => {
    gone("document closed");
  });
  watch(context?.disposed, () => {
    gone("document closed");
  });
}
