/** What a state means for the controls, without any DOM. */

import type { Directions, Status, Traits } from "../traits.js";
import type { SessionState } from "../session/types.js";

/** An attempt has come to its end. */
export function isOver(status: Status): boolean {
  return status === "destroyed" || status === "failed";
}

/** An attempt is under way, in whichever page. */
export function isActive({ traits }: SessionState): boolean {
  return traits.status !== "idle" && !isOver(traits.status);
}

export function canDial(state: SessionState): boolean {
  return !isActive(state) && !state.kernelGone && !state.kernelAway;
}

export function canHangUp(state: SessionState): boolean {
  return isActive(state) && state.traits.status !== "disconnecting" && (state.live || !state.kernelGone);
}

/** The far side has answered, in a call of this page. */
export function canHold({ live, traits }: SessionState): boolean {
  return live && (traits.status === "connected" || traits.status === "recovering");
}

/** A call of somebody else is under way, in whichever page. */
export function isInbound(state: SessionState): boolean {
  return isActive(state) && state.traits.direction === "inbound";
}

/** A call is to come in here, or rings and is not answered yet. */
export function isWaiting({ live, traits: { direction, status } }: SessionState): boolean {
  return live && direction === "inbound" && (status === "new" || status === "listening" || status === "ringing");
}

/** The call lives in another page of the same notebook. */
export function isElsewhere(state: SessionState): boolean {
  return isActive(state) && state.traits.owner !== "" && !state.live;
}

/** What would be sent if one dialled now: what was given, else the address's hint, else the SDK's default. */
export function sends({ audio, video, destination }: Pick<Traits, "audio" | "video" | "destination">): {
  audio: boolean;
  video: boolean;
} {
  return { audio: audio ?? true, video: video ?? hintsVideo(destination) };
}

/** A picture may come or go in this call, so that its place is kept. */
export function mayShowVideo(traits: Traits): boolean {
  return sends(traits).video || traits.receive_video === true || hintsVideo(traits.destination);
}

function hintsVideo(destination: string): boolean {
  return /[?&]channel=video\b/.test(destination);
}

/** The kind of a destination while it is being typed; the kernel has the last word. */
export function kindOf(destination: string): string {
  const text = destination.trim();
  if (text.startsWith("/public/")) return "resource";
  if (text.startsWith("/private/")) return "user";
  if (/^\+?[\d ().-]{3,}$/.test(text)) return "phone";
  if (/^sips?:/i.test(text)) return "SIP";
  return text === "" ? "" : "address";
}

/** This side sends media of this kind, or would if it were not muted. */
export function isSending(kind: keyof Directions, { traits, localStream }: SessionState): boolean {
  const direction = traits.media_directions[kind];
  if (direction === "sendrecv" || direction === "sendonly") return true;
  const tracks = kind === "audio" ? localStream?.getAudioTracks() : localStream?.getVideoTracks();
  return (tracks?.length ?? 0) > 0 || (kind === "audio" ? traits.audio_muted : traits.video_muted);
}
