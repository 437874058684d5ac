/**
 * The synced traits, and the values in them. Only the kernel writes them.
 *
 * The Python twin of this file is `sw_notebook/_traits.py`; a test compares the two.
 */

/** Tri-state: null is "not given", and is left out of what the SDK sees. */
export type Tri = boolean | null;

/**
 * A call's status as people see it: the SDK's own words, `idle` before the first dial, `listening`
 * while the page can be rung, and `recovering` while the media path is lost and nobody has hung up.
 */
export type Status =
  | "idle"
  | "new"
  | "listening"
  | "trying"
  | "ringing"
  | "connecting"
  | "connected"
  | "recovering"
  | "disconnecting"
  | "disconnected"
  | "destroyed"
  | "failed";

/** Which way media flows, in the words of SDP. */
export type Direction = "sendrecv" | "sendonly" | "recvonly" | "inactive";

export interface Directions {
  audio?: Direction;
  video?: Direction;
}

/** What flows on one side of the call; sizes are 0 without a picture. */
export interface MediaInfo {
  audio: boolean;
  video: boolean;
  width: number;
  height: number;
}

/** Who rings, as the far side has it. */
export interface CallerRecord {
  name: string;
  number: string;
}

/** One member of the call, as in `call.participants`. */
export interface ParticipantRecord {
  id: string;
  name: string;
  type: string;
  audio_muted: boolean;
  video_muted: boolean;
  deaf: boolean;
  hand_raised: boolean;
  talking: boolean;
  is_self: boolean;
}

/** One explained error, as in `call.errors`. */
export interface ErrorRecord {
  kind: string;
  name: string;
  message: string;
  fatal: boolean;
  advice: string;
  /** Unix time in seconds. */
  time: number;
}

/** One line of the log, as in `call.messages`. */
export interface LogMessage {
  /** Counts up from 1 in the life of the widget. */
  index: number;
  /** Unix time in seconds. */
  time: number;
  level: "info" | "warning" | "error";
  text: string;
}

/** The synced traits. Only the kernel writes them. */
export interface Traits {
  protocol: number;
  /** Version of the Python package. */
  version: string;
  /** Hash of the application chunk, the key under which a page keeps it. */
  application: string;
  title: string;
  destination: string;
  /** "resource", "user", "phone", "SIP", "address" or "" where nothing was given. */
  destination_kind: string;
  audio: Tri;
  video: Tri;
  receive_audio: Tri;
  receive_video: Tri;
  status: Status;
  /** Unix time in seconds at which `status` was set, 0 while idle. */
  status_time: number;
  /** Unix time in seconds at which this attempt was dialled, 0 while idle. */
  dial_time: number;
  /** Unix time in seconds at which this attempt was connected, null until then. */
  connected_time: number | null;
  /** Counts dials in the life of the widget; 0 before the first. */
  attempt: number;
  direction: "outbound" | "inbound";
  /** Who rings or has rung this call, null where nobody has. */
  incoming: CallerRecord | null;
  /** Who is in the call, this side among them. */
  participants: ParticipantRecord[];
  call_id: string | null;
  media_directions: Directions;
  local_media: MediaInfo;
  remote_media: MediaInfo;
  audio_muted: boolean;
  video_muted: boolean;
  /** This side has put the call on hold. */
  held: boolean;
  /** What becomes of a call that no view shows for `hidden_seconds`. */
  on_hidden: "hangup" | "keep";
  hidden_seconds: number;
  /** Why the last attempt ended, in words; "" while none has. */
  end_reason: string;
  /** Errors of the current attempt, oldest first. */
  errors: ErrorRecord[];
  /** Whether and how the page asks for a token. */
  token_box: "hidden" | "optional" | "required";
  /** Where the call goes: "loopback space", a host, or "" while not known. */
  space_label: string;
  /** Unix time in seconds at which the token of the call runs out, null while not known. */
  token_expires_at: number | null;
  /** The page asks for the next token before. */
  token_renews: boolean;
  /** The page that owns the current attempt, "" while none. */
  owner: string;
}

/** What a trait is as long as the kernel has not sent it: those that still have their default are left out at first. */
export const DEFAULTS: Readonly<Traits> = {
  protocol: 0,
  version: "",
  application: "",
  title: "SignalWire call",
  destination: "",
  destination_kind: "",
  audio: null,
  video: null,
  receive_audio: null,
  receive_video: null,
  status: "idle",
  status_time: 0,
  dial_time: 0,
  connected_time: null,
  attempt: 0,
  direction: "outbound",
  incoming: null,
  participants: [],
  call_id: null,
  media_directions: {},
  local_media: { audio: false, video: false, width: 0, height: 0 },
  remote_media: { audio: false, video: false, width: 0, height: 0 },
  audio_muted: false,
  video_muted: false,
  held: false,
  on_hidden: "hangup",
  hidden_seconds: 10,
  end_reason: "",
  errors: [],
  token_box: "hidden",
  space_label: "",
  token_expires_at: null,
  token_renews: false,
  owner: "",
};
