/** The states a call can be looked at in. */

import { type Changes, log } from "./fake.js";
import { camera, hum } from "./media.js";

const now = (): number => Date.now() / 1000;

const DIALING = ["Dialing /public/echo...", "Options: audio=True, video=True"] as const;
const STATUSES = ["Status: new", "Status: trying", "Status: ringing", "Status: connecting", "Status: connected"];

const both = (picture: MediaStream, sound: MediaStream): MediaStream =>
  new MediaStream([...picture.getTracks(), ...sound.getTracks()]);

const connected = () => ({
  status: "connected" as const,
  attempt: 1,
  owner: "here",
  dial_time: now() - 75,
  connected_time: now() - 73,
  media_directions: { audio: "sendrecv", video: "sendrecv" } as const,
});

const MEMBER = { type: "member", audio_muted: false, video_muted: false, deaf: false, hand_raised: false, talking: false, is_self: false };

const MEMBERS = [
  { ...MEMBER, id: "1", name: "ada", is_self: true },
  { ...MEMBER, id: "2", name: "bob", talking: true },
  { ...MEMBER, id: "3", name: "a person with a name that is rather long", audio_muted: true, video_muted: true },
  { ...MEMBER, id: "4", name: "dora", hand_raised: true, audio_muted: true },
  { ...MEMBER, id: "5", name: "bob", type: "screen" },
];

export const STATES: Readonly<Record<string, () => Changes>> = {
  idle: () => ({}),
  "token needed": () => ({
    traits: { token_box: "required", destination: "+15551234567", destination_kind: "phone", video: null, space_label: "example.signalwire.com" },
  }),
  "token optional": () => ({ traits: { token_box: "optional", destination: "", destination_kind: "" } }),
  trying: () => ({
    live: true,
    traits: { status: "trying", attempt: 1, owner: "here", dial_time: now() - 3 },
    localStream: camera("#2a5bd7", "you", true),
    messages: log(...DIALING, "Status: new", "Status: trying"),
  }),
  "in call": () => ({
    live: true,
    traits: connected(),
    localStream: both(camera("#2a5bd7", "you", true), hum(0.2)),
    remoteStream: both(camera("#0d7a5f", "far side"), hum(0.5)),
    messages: log(...DIALING, ...STATUSES),
  }),
  "in call, muted": () => ({
    live: true,
    traits: { ...connected(), audio_muted: true, video_muted: true },
    localStream: hum(0.2),
    remoteStream: both(camera("#0d7a5f", "far side"), hum(0.5)),
    messages: log(...DIALING, ...STATUSES, "Microphone muted", "Camera stopped"),
  }),
  "audio only": () => ({
    live: true,
    traits: { ...connected(), video: false, media_directions: { audio: "sendrecv" } },
    localStream: hum(0.25),
    remoteStream: hum(0.6),
    messages: log("Dialing /public/echo...", "Options: audio=True, video=False", ...STATUSES),
  }),
  "receiving only": () => ({
    live: true,
    traits: {
      ...connected(),
      audio: false,
      video: false,
      receive_audio: true,
      receive_video: true,
      destination: "/public/bars",
      media_directions: { audio: "recvonly", video: "recvonly" },
    },
    remoteStream: both(camera("#7a3e0d", "bars"), hum(0.4)),
    messages: log("Dialing /public/bars...", ...STATUSES),
  }),
  listening: () => ({
    live: true,
    traits: { status: "listening", direction: "inbound", attempt: 1, owner: "here", dial_time: now() - 12, destination: "", destination_kind: "" },
    messages: log("Listening for a call…", "Status: new", "Status: listening"),
  }),
  "somebody rings": () => ({
    live: true,
    traits: { status: "ringing", direction: "inbound", incoming: { name: "alice", number: "/private/alice" }, attempt: 1, owner: "here", dial_time: now() - 12 },
    messages: log("Listening for a call…", "Status: new", "Status: listening", "alice is calling (/private/alice)", "Status: ringing"),
  }),
  "in a room": () => ({
    live: true,
    traits: { ...connected(), destination: "/public/lecture", participants: MEMBERS },
    localStream: both(camera("#2a5bd7", "you", true), hum(0.2)),
    remoteStream: both(camera("#0d7a5f", "far side"), hum(0.5)),
    messages: log(...DIALING, ...STATUSES),
  }),
  ended: () => ({
    traits: { status: "destroyed", attempt: 1, end_reason: "the far side hung up" },
    messages: log(...DIALING, ...STATUSES, "Status: disconnected", "Status: destroyed", "Ended: the far side hung up"),
  }),
  failed: () => ({
    traits: {
      status: "failed",
      attempt: 1,
      destination: "/public/forbidden",
      end_reason: "refused",
      errors: [
        {
          kind: "destination",
          name: "CallCreateError",
          message: "The space refused /public/forbidden: INCOMPATIBLE_DESTINATION.",
          fatal: true,
          advice: "The token's scope does not reach it. Check allowed_addresses, or the project of the token.",
          time: now(),
        },
      ],
    },
    messages: log("Dialing /public/forbidden...", "Options: audio=True, video=True", "Status: new", "Status: trying", [
      "error",
      "Error: CallCreateError: the space refused /public/forbidden (INCOMPATIBLE_DESTINATION)",
    ], ["warning", "The token's scope does not reach it. Check allowed_addresses, or the project of the token."], "Status: failed"),
  }),
  elsewhere: () => ({ traits: { ...connected(), owner: "another" }, messages: log(...DIALING, ...STATUSES) }),
  "kernel gone": () => ({
    kernelGone: true,
    traits: { status: "destroyed", attempt: 1, end_reason: "the kernel is gone" },
    messages: log(...DIALING, ...STATUSES),
  }),
};
