import { describe, expect, it } from "vitest";

import { addReceivers, asksForNothing, withoutCandidatePool, withReflexiveCandidates } from "../../src/sdk/cures.js";

const HOST = "a=candidate:1 1 udp 2113937151 192.0.2.1 40000 typ host generation 0\r\n";
const TCP = "a=candidate:2 1 tcp 1518214911 192.0.2.1 9 typ host tcptype active\r\n";
const REFLEXIVE = "a=candidate:9999 1 udp 1 192.0.2.1 40000 typ srflx raddr 192.0.2.1 rport 40000 generation 0\r\n";

describe("withReflexiveCandidates", () => {
  it("adds one to each section that has only host candidates", () => {
    const sdp = `v=0\r\nm=audio 9 X 111\r\n${TCP}${HOST}m=video 9 X 96\r\n${HOST}`;
    expect(withReflexiveCandidates(sdp)).toBe(
      `v=0\r\nm=audio 9 X 111\r\n${TCP}${HOST}${REFLEXIVE}m=video 9 X 96\r\n${HOST}${REFLEXIVE}`,
    );
  });

  it("leaves a section that has a reflexive or relayed one, and one that has none at all", () => {
    const relay = "a=candidate:3 1 udp 1 198.51.100.1 3478 typ relay raddr 0.0.0.0 rport 0\r\n";
    const sdp = `v=0\r\nm=audio 9 X 111\r\n${HOST}${relay}m=video 9 X 96\r\n${TCP}`;
    expect(withReflexiveCandidates(sdp)).toBe(sdp);
  });

  it("takes mDNS names and IPv6", () => {
    const named = HOST.replace("192.0.2.1", "0a1b.local");
    expect(withReflexiveCandidates(`m=audio 9 X 1\r\n${named}`)).toContain("1 udp 1 0a1b.local 40000 typ srflx");
  });
});

describe("addReceivers", () => {
  const kinds = (configuration: object): string[] => {
    const added: string[] = [];
    const connection = {
      addTransceiver: (kind: string, { direction }: { direction: string }) => added.push(`${kind} ${direction}`),
    };
    addReceivers(connection as unknown as RTCPeerConnection, configuration);
    return added;
  };

  it("adds what is to be received to a call that sends nothing", () => {
    const none = { propose: "main", audio: false, video: false };
    expect(kinds({ ...none, receiveAudio: true, receiveVideo: true })).toEqual(["audio recvonly", "video recvonly"]);
    expect(kinds({ ...none, receiveVideo: true })).toEqual(["video recvonly"]);
  });

  it("leaves every other call to the SDK", () => {
    expect(kinds({ propose: "main", receiveAudio: true })).toEqual([]);
    expect(kinds({ propose: "main", audio: false, video: true, receiveAudio: true })).toEqual([]);
    expect(kinds({ propose: "screenshare", audio: false, receiveAudio: true })).toEqual([]);
  });
});

describe("the small ones", () => {
  it("empties the candidate pool and keeps the rest", () => {
    expect(withoutCandidatePool({ iceCandidatePoolSize: 10, bundlePolicy: "max-compat" })).toEqual({
      iceCandidatePoolSize: 0,
      bundlePolicy: "max-compat",
    });
  });

  it("knows a capture that asks for nothing", () => {
    expect(asksForNothing({})).toBe(true);
    expect(asksForNothing({ audio: false, video: false })).toBe(true);
    expect(asksForNothing({ audio: {} })).toBe(false);
  });
});
