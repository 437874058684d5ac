/**
 * Cures for faults of SDK 4.0.0-beta.12, through its public `webRTCApiProvider` option alone.
 *
 * Each is a function of its own, named for the fault, and can be left out by name when a newer
 * SDK no longer needs it. `tests/browser/test_cures.py` shows each fault without its cure.
 */

import type { WebRTCApiProvider, WebRTCMediaDevices } from "@signalwire/js";

import type { IceOptions } from "../protocol.js";

/** The SDK hands its call options to the constructor beside the RTCConfiguration. */
interface CallConfiguration extends RTCConfiguration {
  propose?: string;
  audio?: boolean;
  video?: boolean;
  receiveAudio?: boolean;
  receiveVideo?: boolean;
  inputAudioStream?: MediaStream;
  inputVideoStream?: MediaStream;
}

export const CURES = ["candidatePool", "hostCandidates", "receiveOnly", "emptyCapture", "lateSelection"] as const;
export type Cure = (typeof CURES)[number];

/** Chromium gathers nothing at an ICE restart when the pool size is 10, as the SDK has it. */
export function withoutCandidatePool(configuration: CallConfiguration): CallConfiguration {
  return { ...configuration, iceCandidatePoolSize: 0 };
}

/**
 * The SDK never sends an invite until every section has a candidate that is not a host's.
 *
 * On one machine, or without STUN, there is none. A server-reflexive candidate that repeats the
 * section's best UDP host candidate satisfies the SDK and tells the far side nothing new.
 */
export function withReflexiveCandidates(sdp: string): string {
  const sections = sdp.split(/(?=^m=)/m);
  return sections.map(withReflexiveCandidate).join("");
}

function withReflexiveCandidate(section: string): string {
  if (!section.startsWith("m=") || /^a=candidate:.* typ (srflx|prflx|relay)/m.test(section)) return section;
  const host = /^a=candidate:\S+ 1 udp \d+ (\S+) (\d+) typ host.*\r\n/im.exec(section);
  if (!host) return section;
  const [line, address, port] = host as unknown as [string, string, string];
  const copy = `a=candidate:9999 1 udp 1 ${address} ${port} typ srflx raddr ${address} rport ${port} generation 0\r\n`;
  return section.replace(line, line + copy);
}

/** A call that sends nothing has no transceiver in beta.12, so its offer would be empty. */
export function addReceivers(connection: RTCPeerConnection, configuration: CallConfiguration): void {
  const { propose, audio, video, receiveAudio, receiveVideo, inputAudioStream, inputVideoStream } = configuration;
  const sends = audio !== false || video === true || inputAudioStream !== undefined || inputVideoStream !== undefined;
  if (propose !== "main" || sends) return;
  if (receiveAudio) connection.addTransceiver("audio", { direction: "recvonly" });
  if (receiveVideo) connection.addTransceiver("video", { direction: "recvonly" });
}

/** The SDK asks for no audio and no video, which browsers refuse with a TypeError. */
export function asksForNothing(constraints: MediaStreamConstraints): boolean {
  return !constraints.audio && !constraints.video;
}

/** The caller has no wish: the space names the servers. */
export const DEFAULT_ICE: IceOptions = { relay_only: false };

/** The SDK takes ICE servers for the whole page only; two calls may want different ones. */
export function withIce(configuration: CallConfiguration, { servers, relay_only }: IceOptions): CallConfiguration {
  return {
    ...configuration,
    ...(servers ? { iceServers: servers } : {}),
    ...(relay_only ? { iceTransportPolicy: "relay" } : {}),
  };
}

/**
 * The provider for one attempt; `captured` learns of each stream that the SDK captures, and
 * `refused` of what the browser says instead, which the SDK loses; `adjust` has the last word on
 * which device is opened, as the SDK knows only what was asked for when the call was dialled.
 */
export function curedProvider(
  captured: (stream: MediaStream) => void,
  refused: (error: unknown) => void,
  adjust: (constraints: MediaStreamConstraints) => MediaStreamConstraints,
  ice: () => IceOptions,
  cures: ReadonlySet<Cure>,
): WebRTCApiProvider {
  class CuredPeerConnection extends RTCPeerConnection {
    constructor(configuration: CallConfiguration = {}) {
      const wanted = withIce(configuration, ice());
      super(cures.has("candidatePool") ? withoutCandidatePool(wanted) : wanted);
      if (cures.has("receiveOnly")) addReceivers(this, configuration);
    }

    // After a restart over relays alone the SDK sets its own policy again, which is another.
    override setConfiguration(configuration?: RTCConfiguration): void {
      super.setConfiguration(withIce(configuration ?? {}, ice()));
    }

    override get localDescription(): RTCSessionDescription | null {
      const description = super.localDescription;
      if (!description || !cures.has("hostCandidates")) return description;
      return new RTCSessionDescription({
        type: description.type,
        sdp: withReflexiveCandidates(description.sdp),
      });
    }
  }

  const devices = navigator.mediaDevices;
  const capture = async (stream: Promise<MediaStream>): Promise<MediaStream> => {
    try {
      const got = await stream;
      captured(got);
      return got;
    } catch (error) {
      refused(error);
      throw error;
    }
  };
  const mediaDevices: WebRTCMediaDevices = {
    getUserMedia: (asked) => {
      const constraints = adjust(asked);
      return cures.has("emptyCapture") && asksForNothing(constraints)
        ? Promise.resolve(new MediaStream())
        : capture(devices.getUserMedia(constraints));
    },
    getDisplayMedia: (options) => capture(devices.getDisplayMedia(options)),
    // Shown the devices, the SDK selects one a second and a half later, and in a call that is up
    // by then it opens microphone and camera anew. Shown none, it leaves the choice to the browser.
    enumerateDevices: () => (cures.has("lateSelection") ? Promise.resolve([]) : devices.enumerateDevices()),
    addEventListener: (type, listener) => {
      devices.addEventListener(type, listener);
    },
    removeEventListener: (type, listener) => {
      devices.removeEventListener(type, listener);
    },
  };
  return { RTCPeerConnection: CuredPeerConnection, mediaDevices };
}
