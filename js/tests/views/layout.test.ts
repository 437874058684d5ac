import { expect, it } from "vitest";

import type { Layout, Model } from "../../src/model.js";
import { followLayout } from "../../src/views/layout.js";

class FakeLayout implements Layout {
  listeners = new Set<() => void>();
  constructor(public attributes: Record<string, unknown>) {}
  on(_: "change", listener: () => void): void {
    this.listeners.add(listener);
  }
  off(_: "change", listener: () => void): void {
    this.listeners.delete(listener);
  }
  set(changes: Record<string, unknown>): void {
    Object.assign(this.attributes, changes);
    for (const listener of this.listeners) listener();
  }
}

function followed(first?: Layout | string) {
  let layout = first;
  const listeners = new Set<() => void>();
  const el = document.createElement("div");
  const gone = new AbortController();
  const model = {
    get: () => layout,
    on: (_: string, listener: () => void) => listeners.add(listener),
    off: (_: string, listener: () => void) => listeners.delete(listener),
  };
  followLayout(model as unknown as Model, el, gone.signal);
  const replace = (next: Layout | string) => {
    layout = next;
    for (const listener of listeners) listener();
  };
  return { el, gone, replace, listeners };
}

it("follows a layout that comes late, and lets go of it", () => {
  const { el, gone, replace, listeners } = followed();
  const layout = new FakeLayout({ _view_name: "LayoutView", max_width: "50%", width: null });
  replace(layout);
  expect(el.style.cssText).toBe("max-width: 50%;");
  layout.set({ width: "400px", max_width: null });
  expect(el.style.cssText).toBe("width: 400px;");
  const another = new FakeLayout({ width: "10px" });
  replace(another);
  expect([layout.listeners.size, another.listeners.size]).toEqual([0, 1]);
  expect(el.style.width).toBe("10px");
  gone.abort();
  expect([another.listeners.size, listeners.size]).toEqual([0, 0]);
});

it("leaves the first one to the host, and hosts without layouts alone", () => {
  const layout = new FakeLayout({ width: "400px" });
  const { el, replace } = followed(layout);
  replace(layout);
  expect(layout.listeners.size).toBe(0);
  replace("IPY_MODEL_1");
  expect(el.style.cssText).toBe("");
});
