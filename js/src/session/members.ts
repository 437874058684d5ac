/** Who is in the call, as plain data. */

import type { CallParticipant } from "@signalwire/js";

import type { ParticipantRecord } from "../traits.js";

/** More than a room of a classroom has; a list of thousands is for no widget. */
const MOST = 200;

/** The members as records, in the order in which they came; `self` is the id of this side's. */
export function describeMembers(members: readonly CallParticipant[], self: string | undefined): ParticipantRecord[] {
  return members.slice(0, MOST).map((member) => ({
    id: member.id,
    name: member.name ?? "",
    type: member.type ?? "",
    audio_muted: member.audioMuted,
    video_muted: member.videoMuted,
    deaf: member.deaf,
    hand_raised: member.handraised,
    talking: member.isTalking,
    is_self: member.id === self,
  }));
}
