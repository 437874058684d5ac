import { expect, it } from "vitest";

import { FakeSession, log } from "../../dev/fake.js";
import { createLog } from "../../src/views/log.js";

function setUp() {
  const session = new FakeSession();
  const { el, update } = createLog(new AbortController().signal);
  // The DOM of the tests has no layout: lines of 20 px in a box of 100 px.
  Object.defineProperty(el, "scrollHeight", { get: () => el.childElementCount * 20 });
  Object.defineProperty(el, "clientHeight", { value: 100 });
  const show = (...texts: Parameters<typeof log>) => {
    session.change({ messages: log(...texts) });
    update(session.state);
  };
  const scroll = (top: number) => {
    el.scrollTop = top;
    el.dispatchEvent(new Event("scroll"));
  };
  return { el, show, scroll };
}

const painted = () => new Promise(requestAnimationFrame);

const lines = (count: number) => Array.from({ length: count }, (_, n) => `line ${n}`);

it("appends what is new and keeps what is there", () => {
  const { el, show } = setUp();
  show("a");
  const [first] = el.children;
  show("a", ["error", "b"]);
  expect(el.children[0]).toBe(first);
  expect([...el.children].map((line) => line.lastChild?.textContent)).toEqual(["a", "b"]);
  expect(el.children[1]?.className).toContain("error");
});

it("shows the time of each line", () => {
  const { el, show } = setUp();
  show("a");
  expect(el.querySelector("time")?.textContent).toMatch(/^\d\d:\d\d:\d\d$/);
});

it("follows its end, unless somebody has scrolled up", async () => {
  const { el, show, scroll } = setUp();
  show(...lines(10));
  await painted();
  expect(el.scrollTop).toBe(200);
  scroll(0);
  show(...lines(11));
  await painted();
  expect(el.scrollTop).toBe(0);
  scroll(120);
  show(...lines(12));
  await painted();
  expect(el.scrollTop).toBe(240);
});

it("begins anew with another widget's log", () => {
  const { el, show } = setUp();
  show("a", "b");
  show("c");
  expect(el.textContent).toContain("c");
  expect(el.childElementCount).toBe(1);
});

it("is a log to screen readers, and can be scrolled by keyboard", () => {
  const { el } = setUp();
  expect([el.getAttribute("role"), el.tabIndex, el.getAttribute("aria-label")]).toEqual(["log", 0, "Log of the call"]);
});

it("takes markup for text", () => {
  const { el, show } = setUp();
  show("<b>bold</b>");
  expect(el.querySelector("b")).toBeNull();
});
