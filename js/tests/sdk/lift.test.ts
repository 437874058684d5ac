import { describe, expect, it } from "vitest";

import { liftRefusal } from "../../src/sdk/lift.js";

const nobody = (): boolean => false;
const REFUSED = JSON.stringify({
  jsonrpc: "2.0",
  id: "7",
  result: { code: "200", node_id: "n", result: { jsonrpc: "2.0", id: "i", error: { code: -32002, message: "CALL ERROR" } } },
});

describe("liftRefusal", () => {
  it("brings a refusal to the top, where the SDK throws it to whoever asked", () => {
    expect(JSON.parse(liftRefusal(REFUSED, nobody) as string)).toEqual({
      jsonrpc: "2.0",
      id: "7",
      error: { code: -32002, message: "CALL ERROR" },
    });
  });

  it.each([
    ["the answer to an invite", REFUSED, (id: unknown) => id === "7"],
    ["a yes", JSON.stringify({ id: "7", result: { result: { message: "no \"error\" here" } } }), nobody],
    ["a refusal that is at the top", JSON.stringify({ id: "7", error: { code: 1 } }), nobody],
    ["what is no JSON", '{"error"', nobody],
    ["null", "null", nobody],
    ["what is no text", new ArrayBuffer(1), nobody],
  ])("leaves %s", (_, data, isInvite) => {
    expect(liftRefusal(data, isInvite)).toBe(data);
  });
});
