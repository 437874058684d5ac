/** What the SDK tells of one call, for as long as the call matters. */

import type { Call, CallError } from "@signalwire/js";

import type { ParticipantRecord } from "../traits.js";
import { describeMembers } from "./members.js";

export interface CallListener {
  status(status: string): void;
  error(error: CallError): void;
  local(stream: MediaStream | null): void;
  remote(stream: MediaStream | null): void;
  /** Who is in the call has changed. */
  participants(participants: ParticipantRecord[]): void;
  log(level: "info" | "warning", text: string): void;
}

/** Listen to a call until the signal says that it is over. */
export function subscribe(call: Call, listener: CallListener, signal: AbortSignal): void {
  let known = "[]";
  const subscriptions = [
    // The statuses first: where the call is explains what else is told.
    call.status$.subscribe((status) => {
      listener.status(status);
    }),
    call.errors$.subscribe((error) => {
      listener.error(error);
    }),
    call.recoveryEvent$.subscribe(({ action }) => {
      // The SDK mutes the camera by itself and tells nobody who does not ask.
      if (action === "video_disabled") listener.log("warning", "The connection is too slow for video: the camera is off until it is better");
      if (action === "video_restored") listener.log("info", "The connection is better, and good enough for video");
    }),
    call.localStream$.subscribe((stream) => {
      listener.local(stream);
    }),
    call.remoteStream$.subscribe((stream) => {
      listener.remote(stream);
    }),
    call.participants$.subscribe((members) => {
      const participants = describeMembers(members, call.self?.id);
      const text = JSON.stringify(participants);
      if (text === known) return;
      known = text;
      listener.participants(participants);
    }),
  ];
  const unsubscribe = (): void => {
    for (const subscription of subscriptions) subscription.unsubscribe();
  };
  // The SDK may tell the end as soon as it is listened to.
  if (signal.aborted) unsubscribe();
  else signal.addEventListener("abort", unsubscribe);
}
