/** The part of anywidget's model that this package uses, typed. */

import type { KernelMessage, PageMessage, Traits } from "./protocol.js";

interface Signal {
  connect(slot: (sender: unknown, value: unknown) => void): void;
  disconnect(slot: (sender: unknown, value: unknown) => void): void;
}

/** JupyterLab's and Notebook 7's document and kernel session, where the host has them. */
export interface HostContext {
  disposed?: Signal;
  sessionContext?: { statusChanged?: Signal; kernelChanged?: Signal; disposed?: Signal };
}

export interface Model {
  get<K extends keyof Traits>(name: K): Traits[K];
  on(event: "msg:custom", listener: (message: KernelMessage, buffers: DataView[]) => void): void;
  on(event: "change" | "comm_live_update" | `change:${keyof Traits}`, listener: () => void): void;
  off(event: string, listener: (...args: never[]) => void): void;
  send(message: PageMessage): void;
  widget_manager?: { context?: HostContext };
}
