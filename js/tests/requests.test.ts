import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { createRequests, RequestError } from "../src/requests.js";
import { asModel, FakeModel } from "./model.js";

const PAGE = "here";

function setUp() {
  const model = new FakeModel();
  const closed = new AbortController();
  return { model, closed, request: createRequests(asModel(model), PAGE, closed.signal) };
}

function first<T>(items: readonly T[]): T {
  const [item] = items;
  if (item === undefined) throw new Error("There is none.");
  return item;
}

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

describe("a request", () => {
  it("carries page, id and body, and resolves with result and buffers", async () => {
    const { model, request } = setUp();
    const answer = request("space", { domain: "abc" });
    const question = first(model.asked("space"));
    expect(question).toMatchObject({ kind: "request", page: PAGE, domain: "abc" });
    const bytes = new DataView(new ArrayBuffer(3));
    model.deliver({ kind: "reply", page: PAGE, id: question.id, result: { token: "t" } }, [bytes]);
    expect(await answer).toEqual({ result: { token: "t" }, buffers: [bytes] });
  });

  it("has an id that no other model of the page uses", () => {
    const one = setUp();
    const two = setUp();
    void one.request("messages").catch(() => undefined);
    void two.request("messages").catch(() => undefined);
    expect(first(one.model.asked("messages")).id).not.toBe(first(two.model.asked("messages")).id);
  });

  it("ignores the replies to other pages and other questions", async () => {
    const { model, request } = setUp();
    const answer = request("messages");
    const { id } = first(model.asked("messages"));
    model.answer({ page: "elsewhere", id });
    model.answer({ page: PAGE, id: id + 1 });
    model.deliver({ kind: "reply", page: PAGE, id, result: { messages: [] } });
    expect((await answer).result).toEqual({ messages: [] });
  });

  it("rejects with what the kernel said", async () => {
    const { model, request } = setUp();
    const answer = request("space");
    const { id } = first(model.asked("space"));
    model.deliver({ kind: "reply", page: PAGE, id, error: { kind: "token", name: "TokenError", message: "expired" } });
    await expect(answer).rejects.toMatchObject({ kind: "token", name: "TokenError", message: "expired" });
  });

  it("gives up after its time", async () => {
    const { request } = setUp();
    const answer = request("messages", {}, 3000);
    const outcome = expect(answer).rejects.toMatchObject({ kind: "timeout" });
    await vi.advanceTimersByTimeAsync(3000);
    await outcome;
  });

  it("waits without end where the time is 0", async () => {
    const { model, request } = setUp();
    const answer = request("messages", {}, 0);
    await vi.advanceTimersByTimeAsync(600_000);
    model.answer(first(model.asked("messages")));
    expect((await answer).result).toEqual({});
  });

  it("fails at once where the kernel cannot be reached", async () => {
    const { model, request } = setUp();
    model.dead = true;
    await expect(request("messages")).rejects.toMatchObject({ kind: "unreachable" });
  });

  it("fails when the model is closed, and listens no more", async () => {
    const { model, closed, request } = setUp();
    const outcome = expect(request("messages", {}, 0)).rejects.toBeInstanceOf(RequestError);
    closed.abort();
    await outcome;
    await expect(request("messages")).rejects.toMatchObject({ kind: "unreachable" });
    expect(model.listening()).toBe(0);
  });
});
