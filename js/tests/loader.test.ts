import { afterEach, beforeEach, describe, expect, it, type MockInstance, vi } from "vitest";

import { FakeSession } from "../dev/fake.js";
import loader from "../src/loader.js";
import type { Traits } from "../src/traits.js";
import { type Application, shared } from "../src/shared.js";
import { asModel, FakeModel } from "./model.js";

/** A chunk whose evaluation is counted, and which uses what the test put on `globalThis`. */
const SOURCE = `
  globalThis.evaluations = (globalThis.evaluations ?? 0) + 1;
  export const openSession = (...args) => globalThis.fakeApplication.openSession(...args);
  export const mountView = (...args) => globalThis.fakeApplication.mountView(...args);
`;

const test = globalThis as unknown as { evaluations: number; fakeApplication: Application };
const session = new FakeSession();
const openSession = vi.fn<Application["openSession"]>(() => session);
const mountView = vi.fn<Application["mountView"]>((_, el) => {
  el.append("the view");
});

function bytes(source: string): DataView[] {
  return [new DataView(new TextEncoder().encode(source).buffer)];
}

let createObjectURL: MockInstance<typeof URL.createObjectURL>;
let hashes = 0;
let hash = "";

function initialize(traits: Partial<Traits> = {}, manager?: object) {
  const model = new FakeModel({ application: hash, ...traits });
  if (manager) model.widget_manager = manager;
  const closed = new AbortController();
  loader.initialize({ model: asModel(model), signal: closed.signal });
  const render = (disconnected = false) => {
    const el = document.createElement("div");
    el.classList.toggle("jupyter-widgets-disconnected", disconnected);
    const gone = new AbortController();
    loader.render({ model: asModel(model), el, signal: gone.signal });
    return { el, gone };
  };
  const answer = (source = SOURCE) => {
    const question = model.asked("application").at(-1);
    if (!question) throw new Error("This model asked for nothing.");
    model.answer(question, bytes(source));
  };
  return { model, closed, render, answer };
}

const settled = () => vi.waitFor(() => {
  expect(openSession).toHaveBeenCalled();
});

beforeEach(() => {
  hash = `hash ${++hashes}`;
  test.evaluations = 0;
  test.fakeApplication = { openSession, mountView };
  // Node cannot import a blob.
  createObjectURL = vi.spyOn(URL, "createObjectURL").mockImplementation(() => `data:text/javascript,${encodeURIComponent(SOURCE)}//${hash}`);
  vi.spyOn(URL, "revokeObjectURL").mockImplementation(() => undefined);
});

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
  openSession.mockClear();
  mountView.mockClear();
});

describe("the loader", () => {
  it("asks once per page, opens a session for each model and mounts each view", async () => {
    const one = initialize();
    const two = initialize();
    const views = [one.render(), one.render(), two.render()];
    expect(one.model.asked("application")).toHaveLength(1);
    expect(two.model.asked("application")).toHaveLength(0);
    one.answer();
    await vi.waitFor(() => {
      expect(mountView).toHaveBeenCalledTimes(3);
    });
    expect(openSession).toHaveBeenCalledTimes(2);
    expect(test.evaluations).toBe(1);
    for (const { el } of views) expect(el.textContent).toBe("the view");
  });

  it("has what it loaded for a model that comes later", async () => {
    const one = initialize();
    one.answer();
    await settled();
    const late = initialize();
    const { el } = late.render();
    expect(late.model.asked("application")).toHaveLength(0);
    expect(el.textContent).toBe("the view");
  });

  it("loads again for another hash", async () => {
    initialize().answer();
    await settled();
    expect(initialize({ application: "another" }).model.asked("application")).toHaveLength(1);
  });

  it("lets another model ask when the one that asked is closed", async () => {
    const one = initialize();
    const two = initialize();
    one.closed.abort();
    expect(two.model.asked("application")).toHaveLength(1);
    two.answer();
    await settled();
    expect(openSession).toHaveBeenCalledTimes(1);
  });

  it("lets another model ask when the host says that the first has no kernel", () => {
    const saved = initialize();
    const live = initialize();
    const { el } = saved.render(true);
    expect(el.textContent).toContain("Saved call. Run the cell to dial again.");
    expect(live.model.asked("application")).toHaveLength(1);
  });

  it("does not wait for the kernel of another notebook", () => {
    const [busy, free] = [{}, {}];
    const models = [initialize({}, busy), initialize({}, busy), initialize({}, free)];
    expect(models.map(({ model }) => model.asked("application").length)).toEqual([1, 0, 1]);
    models[0]?.closed.abort();
    expect(models.map(({ model }) => model.asked("application").length)).toEqual([1, 1, 1]);
  });

  it("shows a call without kernel as saved, also where other calls have brought the application", async () => {
    initialize().answer();
    await settled();
    const saved = initialize({ status: "connected" });
    const { el } = saved.render(true);
    expect(el.textContent).toContain("Saved call. Run the cell to dial again.");
    el.classList.remove("jupyter-widgets-disconnected");
    saved.model.emit("comm_live_update");
    expect(el.textContent).toBe("the view");
  });

  it("counts a model whose comm has gone as saved, and lets another ask", () => {
    const model = new FakeModel({ application: hash });
    model.dead = true;
    loader.initialize({ model: asModel(model), signal: new AbortController().signal });
    const other = initialize();
    const el = document.createElement("div");
    loader.render({ model: asModel(model), el, signal: new AbortController().signal });
    expect(other.model.asked("application")).toHaveLength(1);
  });

  it("says what is wrong with what is not the application, or not even code", async () => {
    for (const [source, words] of [["export const nothing = 1;", "not the application"], ["export const = ;", "SyntaxError"]] as const) {
      createObjectURL.mockReturnValueOnce(`data:text/javascript,${encodeURIComponent(source)}`);
      hash = `hash ${++hashes}`;
      const { render, answer } = initialize();
      const { el } = render();
      answer();
      await vi.waitFor(() => {
        expect(el.textContent).toContain(words);
      });
    }
  });

  it("says so when the kernel sends nothing", async () => {
    const { model, render } = initialize();
    const { el } = render();
    const [question] = model.asked("application");
    if (question) model.answer(question);
    await vi.waitFor(() => {
      expect(el.textContent).toContain("The kernel sent nothing.");
    });
  });

  it("ignores replies to other pages", () => {
    const { model } = initialize();
    const [question] = model.asked("application");
    if (!question) throw new Error("nothing was asked");
    model.answer({ ...question, page: "elsewhere" }, bytes(SOURCE));
    expect(createObjectURL).not.toHaveBeenCalled();
  });

  it("paints title, destination and last status by itself", () => {
    const { render } = initialize({ title: "Demo", destination: "/public/bars", status: "failed", end_reason: "refused" });
    const { el } = render();
    for (const text of ["Demo", "/public/bars", "failed · refused"]) expect(el.textContent).toContain(text);
  });

  it("paints a call of which nothing but its loader was sent or saved", () => {
    const { el } = initialize({ title: undefined, destination: undefined, status: undefined, end_reason: undefined } as object).render();
    expect(el.querySelector("section")?.textContent).toMatch(/SignalWire callLoading…Try again$/);
  });

  it("says so when the kernel does not answer, asks again on a click, and takes a late answer", async () => {
    vi.useFakeTimers();
    const { model, render, answer } = initialize();
    const { el } = render();
    const retry = el.querySelector("button");
    expect(retry?.hidden).toBe(true);
    await vi.advanceTimersByTimeAsync(20_000);
    expect(el.textContent).toContain("The kernel has not answered yet");
    expect(retry?.hidden).toBe(false);
    retry?.click();
    expect(model.asked("application")).toHaveLength(2);
    vi.useRealTimers();
    const [question] = model.asked("application");
    if (question) model.answer(question, bytes(SOURCE));
    await settled();
    expect(el.textContent).toBe("the view");
    answer();
    expect(openSession).toHaveBeenCalledTimes(1);
  });

  it("shows an error of the kernel, keeps nothing of it, and tries again", async () => {
    const { model, render, answer } = initialize();
    const { el } = render();
    const [question] = model.asked("application");
    if (!question) throw new Error("nothing was asked");
    const error = { kind: "page", name: "RuntimeError", message: "run make build" };
    model.deliver({ kind: "reply", page: question.page, id: question.id, error });
    await vi.waitFor(() => {
      expect(el.textContent).toContain("run make build");
    });
    render(); // a new view tries again as well
    expect(model.asked("application")).toHaveLength(2);
    answer();
    await settled();
    expect(el.textContent).toBe("the view");
  });

  it("opens no session for a model that was closed while it waited", async () => {
    const one = initialize();
    const two = initialize();
    two.closed.abort();
    one.answer();
    await settled();
    expect(openSession).toHaveBeenCalledTimes(1);
  });

  it("shows a failing session in its own view, and leaves the others alone", async () => {
    openSession.mockImplementationOnce(() => {
      throw new Error("no such thing");
    });
    const one = initialize();
    const two = initialize();
    const broken = one.render();
    const well = two.render();
    one.answer();
    await vi.waitFor(() => {
      expect(well.el.textContent).toBe("the view");
    });
    expect(broken.el.textContent).toContain("no such thing");
  });

  it("asks to reload the page where kernel and page speak different protocols", () => {
    const { model, render } = initialize({ protocol: 999 });
    expect(render().el.textContent).toContain("reload the page");
    expect(model.sent).toEqual([]);
  });

  it("takes the card away with its view", () => {
    const { render } = initialize();
    const { el, gone } = render();
    gone.abort();
    expect(el.childElementCount).toBe(0);
  });

  it("names the page once", () => {
    const { page } = shared();
    expect(page).toMatch(/^\w{6,}$/);
    expect(initialize().model.asked("application")[0]?.page).toBe(page);
  });
});
