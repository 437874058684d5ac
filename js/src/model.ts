/** The part of anywidget's model that this package uses, typed. */

import type { PageMessage } from "./protocol.js";
import type { Traits } from "./traits.js";

/** A signal of JupyterLab's. */
export interface Signal {
  connect(slot: (sender: unknown, value: unknown) => void): void;
  disconnect(slot: (sender: unknown, value: unknown) => void): void;
}

/** JupyterLab's and Notebook 7's kernel session of a document. */
export interface SessionContext {
  statusChanged?: Signal;
  kernelChanged?: Signal;
  connectionStatusChanged?: Signal;
  /** All that the kernel says to everybody, messages of comms too. */
  iopubMessage?: Signal;
  disposed?: Signal;
  session?: { kernel?: { requestKernelInfo?: () => Promise<unknown> } | null } | null;
}

/** JupyterLab's and Notebook 7's document, where the host has one. */
export interface HostContext {
  disposed?: Signal;
  sessionContext?: SessionContext;
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
