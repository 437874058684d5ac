/**
 * What kernel and page say to one another.
 *
 * The kernel is the only writer of synced traits; the page speaks in custom messages.
 * The Python twin of this file is `sw_notebook/_page.py`; a test compares the two.
 */

import type { Directions, LogMessage, MediaInfo, ParticipantRecord, Status } from "./traits.js";

/** Changes when an older page can no longer talk to a newer kernel, or the reverse. */
export const PROTOCOL = 6;

// --- page to kernel ---------------------------------------------------------------------
// `page` names the sender: the session of one model in one page, or the loader before there is one.

/** How many views of the model this page shows; sent on each change. */
export interface ViewMessage {
  kind: "view";
  page: string;
  count: number;
}

/** The answer to a ping. */
export interface AliveMessage {
  kind: "alive";
  page: string;
}

/** A question; the kernel answers with one reply that carries the same page and id. */
export interface RequestMessage {
  kind: "request";
  page: string;
  id: number;
  what: "application" | "messages" | "space";
  /** For "space": the reserved name in the `ch` of a pasted token. */
  domain?: string;
}

/** What a person asked for by a click or a key. */
export type Act =
  | { act: "dial"; pasted_token: boolean }
  | { act: "hangup" }
  | { act: "set"; name: "destination"; value: string }
  | { act: "set"; name: "audio" | "video"; value: boolean }
  | { act: "mute"; media: "audio" | "video"; muted: boolean }
  | { act: "hold"; held: boolean }
  | { act: "digits"; digits: string }
  | { act: "answer" }
  | { act: "reject" }
  | { act: "take over" };

export type ActMessage = { kind: "act"; page: string } & Act;

/** What happened to an attempt, in the page that owns it. */
export type CallEvent =
  | { type: "accepted" }
  | { type: "key"; fingerprint: string | null } // RFC 7638; null where the browser makes no key
  | { type: "token"; expires_at: number | null; renews: boolean } // Unix time in seconds
  | { type: "status"; status: Status; raw: string | null }
  | { type: "dialled"; call_id: string }
  | { type: "incoming"; name: string; number: string }
  | { type: "participants"; participants: ParticipantRecord[] }
  | { type: "directions"; directions: Directions }
  | { type: "media"; side: "local" | "remote"; media: MediaInfo }
  | { type: "muted"; media: "audio" | "video"; muted: boolean }
  | { type: "held"; held: boolean }
  | { type: "error"; error_kind: string; name: string; message: string; fatal: boolean }
  | { type: "ended"; reason: EndReason; cause: string | null; cause_code: number | null }
  | { type: "log"; level: "info" | "warning" | "error"; text: string };

/** Who or what ended the attempt. */
export type EndReason =
  | "hangup" // hung up on this side
  | "rejected" // not answered, on purpose
  | "remote" // the far side said bye
  | "error" // an error event says why
  | "model closed"
  | "page closed"
  | "kernel gone"
  | "document closed"
  | "send failed"
  | "transferred" // the far side went on to another destination
  | "hidden" // no view has shown it for too long
  | "taken over"; // another page dials in its place

/** Events are numbered per page from 1, so that the kernel sees gaps. */
export interface NumberedEvent {
  seq: number;
  /** Unix time in seconds. */
  time: number;
  attempt: number;
  event: CallEvent;
}

/** What happened since the last message, in its order. */
export interface EventsMessage {
  kind: "events";
  page: string;
  events: NumberedEvent[];
}

export type PageMessage = ViewMessage | AliveMessage | RequestMessage | ActMessage | EventsMessage;

// --- kernel to page ---------------------------------------------------------------------

/** Where the loopback space is; absent for the platform. */
export interface SpaceAddress {
  /** The reserved name in the `ch` of its tokens, as `x.loopback.invalid`. */
  domain: string;
  /** Where it really is, as `http://127.0.0.1:43210`. */
  url: string;
}

/** How the media is to be connected, where the caller has a say in it. */
export interface IceOptions {
  /** Instead of those that the space names; absent where none were given. */
  servers?: RTCIceServer[];
  relay_only: boolean;
}

/** The kernel's token comes by itself, in a message of its own: see `CredentialMessage`. */
export interface DialCommand {
  kind: "command";
  page: string;
  command: "dial";
  attempt: number;
  destination: string;
  /** The SDK's DialOptions in the SDK's own names; what was not given is absent. */
  options: Record<string, unknown>;
  ice: IceOptions;
  /** True: use the token that was pasted into this page, ask the kernel for none. */
  pasted_token: boolean;
  /** True: say which key the client has, as the kernel gets a token for it that renews itself. */
  asks_key: boolean;
}

/** Be there to be rung, by one caller; the token comes as for a dial. */
export interface ListenCommand {
  kind: "command";
  page: string;
  command: "listen";
  attempt: number;
  ice: IceOptions;
  pasted_token: boolean;
  asks_key: boolean;
}

/** Take the call that rings. */
export interface AnswerCommand {
  kind: "command";
  page: string;
  command: "answer";
  attempt: number;
  /** As for a dial, of which an answer uses those of the media. */
  options: Record<string, unknown>;
}

export interface RejectCommand {
  kind: "command";
  page: string;
  command: "reject";
  attempt: number;
}

export interface HangupCommand {
  kind: "command";
  page: string;
  command: "hangup";
  attempt: number;
  reason: EndReason;
}

export interface MuteCommand {
  kind: "command";
  page: string;
  command: "mute";
  attempt: number;
  media: "audio" | "video";
  muted: boolean;
}

export interface HoldCommand {
  kind: "command";
  page: string;
  command: "hold";
  attempt: number;
  held: boolean;
}

export interface DigitsCommand {
  kind: "command";
  page: string;
  command: "digits";
  attempt: number;
  digits: string;
}

export interface TransferCommand {
  kind: "command";
  page: string;
  command: "transfer";
  attempt: number;
  destination: string;
}

/** Send from another microphone or camera. */
export interface DeviceCommand {
  kind: "command";
  page: string;
  command: "device";
  attempt: number;
  media: "audio" | "video";
  /** Absent: whichever the browser chooses. */
  constraints?: MediaTrackConstraints;
}

export type InCallCommand = MuteCommand | HoldCommand | DigitsCommand | TransferCommand | DeviceCommand;
/** What begins an attempt. */
export type BeginCommand = DialCommand | ListenCommand;
export type CommandMessage = BeginCommand | AnswerCommand | RejectCommand | HangupCommand | InCallCommand;

/** Is this page still there? */
export interface PingMessage {
  kind: "ping";
  page: string;
}

/** Why the kernel has no answer. */
export interface KernelError {
  kind: string;
  name: string;
  message: string;
}

/** The answer to a request; `result` depends on what was asked. */
export type ReplyMessage =
  | { kind: "reply"; page: string; id: number; result: Record<string, unknown> }
  | { kind: "reply"; page: string; id: number; error: KernelError };

/** The token for an attempt that was commanded, or why there is none. */
export type CredentialMessage =
  | { kind: "credential"; page: string; attempt: number; result: CredentialResult }
  | { kind: "credential"; page: string; attempt: number; error: KernelError };

/** New lines of the log, for every page. */
export interface LogLinesMessage {
  kind: "lines";
  lines: LogMessage[];
}

export type KernelMessage = CommandMessage | CredentialMessage | PingMessage | ReplyMessage | LogLinesMessage;

/** What the page needs to connect. */
export interface CredentialResult {
  token: string;
  /** Unix time in milliseconds, absent where the token does not say. */
  expiry_at?: number;
  space?: SpaceAddress;
}

/** `result` of a "messages" request. */
export interface MessagesResult {
  messages: LogMessage[];
}

/** `result` of a "space" request; null where this kernel knows no such space. */
export interface SpaceResult {
  space: SpaceAddress | null;
}
