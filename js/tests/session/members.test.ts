import type { CallParticipant } from "@signalwire/js";
import { describe, expect, it } from "vitest";

import { describeMembers } from "../../src/session/members.js";

const member = (id: string, changes: object = {}): CallParticipant =>
  ({ id, name: "ada", type: "member", audioMuted: false, videoMuted: true, deaf: false, handraised: true, isTalking: true, ...changes }) as CallParticipant;

describe("describeMembers", () => {
  it("tells of each what the kernel keeps, and which one is this side", () => {
    expect(describeMembers([member("1"), member("2", { name: undefined, type: undefined })], "2")).toEqual([
      { id: "1", name: "ada", type: "member", audio_muted: false, video_muted: true, deaf: false, hand_raised: true, talking: true, is_self: false },
      { id: "2", name: "", type: "", audio_muted: false, video_muted: true, deaf: false, hand_raised: true, talking: true, is_self: true },
    ]);
  });

  it("tells of no more than a widget shows", () => {
    expect(describeMembers(Array.from({ length: 1000 }, (_, n) => member(String(n))), undefined)).toHaveLength(200);
  });
});
