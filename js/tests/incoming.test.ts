import { describe, expect, it } from "vitest";

import { readLine, readMessage } from "../src/incoming.js";

const COMMAND = { kind: "command", page: "p", attempt: 1 };
const LINE = { index: 1, time: 2, level: "info", text: "Dialing" };

describe("readMessage", () => {
  it.each([
    [{ kind: "ping", page: "p" }],
    [{ kind: "lines", lines: [LINE, null] }],
    [{ kind: "reply", page: "p", id: 1, result: {} }],
    [{ kind: "reply", page: "p", id: 1, error: { kind: "token", name: "TokenError", message: "no" } }],
    [{ ...COMMAND, command: "dial", destination: "/public/echo", options: {}, ice: { relay_only: false }, pasted_token: false, asks_key: true }],
    [{ kind: "credential", page: "p", attempt: 1, result: { token: "t" } }],
    [{ kind: "credential", page: "p", attempt: 1, error: { kind: "token", name: "TokenError", message: "no" } }],
    [{ ...COMMAND, command: "listen", ice: { relay_only: false }, pasted_token: false, asks_key: true }],
    [{ ...COMMAND, command: "answer", options: { video: true } }],
    [{ ...COMMAND, command: "reject" }],
    [{ ...COMMAND, command: "hangup", reason: "hangup" }],
    [{ ...COMMAND, command: "mute", media: "audio", muted: true }],
    [{ ...COMMAND, command: "hold", held: true }],
    [{ ...COMMAND, command: "digits", digits: "1" }],
    [{ ...COMMAND, command: "transfer", destination: "/public/bars" }],
    [{ ...COMMAND, command: "device", media: "video" }],
    [{ ...COMMAND, command: "device", media: "video", constraints: {} }],
  ])("takes %j", (message) => {
    expect(readMessage(message)).toBe(message);
  });

  it.each([
    [null],
    ["ping"],
    [[]],
    [{}],
    [{ kind: "ping" }],
    [{ kind: "dance", page: "p" }],
    [{ kind: "lines", lines: LINE }],
    [{ kind: "lines" }],
    [{ kind: "reply", page: "p", id: "1", result: {} }],
    [{ kind: "reply", page: "p", id: 1, error: "no" }],
    [{ kind: "credential", page: "p", attempt: 1, result: {} }],
    [{ kind: "credential", page: "p", result: { token: "t" } }],
    [{ ...COMMAND, command: "toString" }],
    [{ ...COMMAND, command: "dial", destination: "/public/echo", options: {}, pasted_token: false, asks_key: false }],
    [{ ...COMMAND, command: "dial", destination: "/public/echo", options: {}, ice: { relay_only: false }, pasted_token: false }],
    [{ ...COMMAND, command: "listen", pasted_token: false, asks_key: true }],
    [{ ...COMMAND, command: "answer" }],
    [{ ...COMMAND, command: "answer", options: [] }],
    [{ ...COMMAND, command: "hold" }],
    [{ ...COMMAND, attempt: 0.5, command: "hold", held: true }],
    [{ ...COMMAND, attempt: -1, command: "hold", held: true }],
    [{ ...COMMAND, command: "mute", media: "smell", muted: true }],
    [{ ...COMMAND, command: "device", media: "audio", constraints: [] }],
  ])("leaves %j", (message) => {
    expect(readMessage(message)).toBeNull();
  });
});

describe("readLine", () => {
  it("cuts what is too long to show", () => {
    const text = readLine({ ...LINE, text: "x".repeat(5 * 2 ** 20) })?.text;
    expect(text).toHaveLength(4096);
    expect(text?.endsWith("…")).toBe(true);
  });

  it.each([[undefined], [{ ...LINE, index: -0.5 }], [{ ...LINE, index: -1 }], [{ ...LINE, time: 1e12 }], [{ ...LINE, level: "loud" }], [{ ...LINE, time: NaN }], [{ ...LINE, text: 7 }]])(
    "leaves %j",
    (line) => {
      expect(readLine(line)).toBeNull();
    },
  );
});
