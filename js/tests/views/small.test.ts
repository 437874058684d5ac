import { afterEach, expect, it } from "vitest";

import { loudness } from "../../src/views/levels.js";
import { ensureStyles } from "../../src/views/styles.js";
import { isDark } from "../../src/views/theme.js";
import { Wish } from "../../src/views/wish.js";

afterEach(() => {
  document.body.replaceChildren();
  document.head.replaceChildren();
  for (const name of ["data-jp-theme-light", "class"]) document.body.removeAttribute(name);
});

it("loudness goes from silence to full scale", () => {
  expect(loudness(new Float32Array(8))).toBe(0);
  expect(loudness(new Float32Array(8).fill(1))).toBe(1);
  expect(loudness(new Float32Array(8).fill(0.1))).toBeCloseTo(0.63, 2);
});

it("the host's own mark beats the system's preference", () => {
  expect([isDark(true), isDark(false)]).toEqual([true, false]);
  document.body.dataset.jpThemeLight = "true";
  expect(isDark(true)).toBe(false);
  document.body.dataset.jpThemeLight = "false";
  expect(isDark(false)).toBe(true);
  delete document.body.dataset.jpThemeLight;
  document.body.className = "vscode-dark";
  expect(isDark(false)).toBe(true);
  document.body.className = "vscode-light";
  expect(isDark(true)).toBe(false);
  // as Sphinx themes and others say it
  document.body.className = "";
  document.documentElement.dataset.theme = "dark";
  expect(isDark(false)).toBe(true);
  document.documentElement.dataset.theme = "light";
  expect(isDark(true)).toBe(false);
  delete document.documentElement.dataset.theme;
});

it("the styles come once to the document and to each shadow root, and to a view that is nowhere yet", () => {
  const styles = (root: ParentNode) => root.querySelectorAll("style[data-sw-call]").length;
  const place = (root: Element | ShadowRoot) => root.appendChild(document.createElement("div"));
  ensureStyles(place(document.body));
  ensureStyles(place(document.body));
  expect(styles(document.head)).toBe(1);
  const shadow = place(document.body).attachShadow({ mode: "open" });
  ensureStyles(place(shadow));
  ensureStyles(place(shadow));
  expect(styles(shadow)).toBe(1);
  const loose = document.createElement("div");
  ensureStyles(loose);
  expect(styles(loose)).toBe(1);
});

it("a wish is shown until the kernel moves", () => {
  const wish = new Wish<number>();
  expect(wish.show(1)).toBe(1);
  wish.want(2, 1);
  expect([wish.show(1), wish.show(1), wish.show(3), wish.show(1)]).toEqual([2, 2, 3, 1]);
});
