import { describe, expect, it } from "vitest";

import { StatusReader } from "../../src/session/status.js";

/** What people see when the SDK says these, with `media`, `answer` and `bye` where the wire said so. */
function seen(...said: string[]): (string | null)[] {
  const reader = new StatusReader();
  return said
    .map((word) => {
      if (word === "bye") {
        reader.leaving();
        return null;
      }
      return word === "media" ? reader.earlyMedia() : word === "answer" ? reader.answered() : reader.raw(word);
    })
    .filter((status) => status !== null);
}

describe("StatusReader", () => {
  it("passes on an ordinary call", () => {
    const ordinary = ["new", "trying", "connecting", "connected", "disconnecting", "destroyed"];
    expect(seen(...ordinary)).toEqual(ordinary);
    expect(seen("trying", "answer", "connecting", "connected")).toEqual(["trying", "connecting", "connected"]);
  });

  it("rings through early media until the answer, where the SDK says connected and sticks", () => {
    expect(seen("new", "trying", "media", "ringing", "connected", "answer", "connecting")).toEqual([
      "new",
      "trying",
      "ringing",
      "connected",
    ]);
  });

  it("connects when the answer comes before the media", () => {
    expect(seen("trying", "media", "ringing", "answer", "connecting", "connected")).toEqual([
      "trying",
      "ringing",
      "connecting",
      "connected",
    ]);
  });

  it("ends a call that was never answered", () => {
    expect(seen("trying", "media", "connected", "bye", "disconnected", "destroyed")).toEqual([
      "trying",
      "ringing",
      "disconnected",
      "destroyed",
    ]);
  });

  it("keeps the final status and says nothing twice", () => {
    expect(seen("trying", "trying", "failed", "destroyed", "connected")).toEqual(["trying", "failed"]);
  });

  it("ends as the attempt did, also where the SDK said otherwise", () => {
    const reader = new StatusReader();
    for (const status of ["trying", "disconnected", "destroyed"]) reader.raw(status);
    reader.end("failed");
    reader.raw("destroyed");
    expect(reader.current).toBe("failed");
  });

  it("takes no notice of what it does not know", () => {
    expect(seen("trying", "dancing", "connected", "recovering")).toEqual(["trying", "connected", "recovering"]);
  });

  it("recovers from a lost media path, unless somebody has hung up", () => {
    const lost = ["trying", "connected", "disconnected"];
    expect(seen(...lost, "connected")).toEqual(["trying", "connected", "recovering", "connected"]);
    expect(seen(...lost, "failed", "destroyed")).toEqual(["trying", "connected", "recovering", "failed"]);
    expect(seen("trying", "connected", "bye", "disconnected", "destroyed")).toEqual(["trying", "connected", "disconnected", "destroyed"]);
    expect(seen("trying", "media", "connected", "disconnected", "connected")).toEqual(["trying", "ringing"]);
    expect(seen("trying", "media", "connected", "answer", "connecting", "disconnected", "connected")).toEqual([
      "trying",
      "ringing",
      "connected",
      "recovering",
      "connected",
    ]);
  });
});
