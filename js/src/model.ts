/** The part of anywidget's model that this package uses, typed. */

import type { PageMessage, Traits } from "./protocol.js";

interface Signal {
  connect(slot: (sender: unknown, value: unknown) => void): void;
  disconnect(slot: (sender: unknown, value: unknown) => void): void;
}

/** JupyterLab's and Notebook 7's document and kernel session, where the host has them. */
export interface HostContext {
  disposed?: Signal;
  sessionContext?: { statusChanged?: Signal; kernelChanged?: Signal; connectionStatusChanged?: Signal; disposed?: Signal };
}

/** The ipywidgets model of a layout: CSS properties with `_` for `-`, null where not given. */
export interface Layout {
  attributes: Record<string, unknown>;
  on(event: "change", listener: () => void): void;
  off(event: "change", listener: () => void): void;
}

export interface Model {
  /** Undefined as long as the kernel has left the trait at its default, see `DEFAULTS`. */
  get<K extends keyof Traits>(name: K): Traits[K] | undefined;
  get(name: "layout"): Layout | string | undefined;
  on(event: "msg:custom", listener: (content: unknown, buffers: DataView[]) => void): void;
  on(event: "change" | "comm_live_update" | "change:layout" | `change:${keyof Traits}`, listener: () => void): void;
  off(event: string, listener: (...args: never[]) => void): void;
  send(message: PageMessage): void;
  widget_manager?: { context?: HostContext };
}
