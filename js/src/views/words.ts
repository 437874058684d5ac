/** The words for a call's status, short enough for a badge. */

import type { Status } from "../traits.js";

export const STATUS_WORDS: Readonly<Record<Status, string>> = {
  idle: "Ready",
  new: "Starting",
  listening: "Listening",
  trying: "Dialing",
  ringing: "Ringing",
  connecting: "Connecting",
  connected: "Connected",
  recovering: "Reconnecting",
  disconnecting: "Hanging up",
  disconnected: "Disconnected",
  destroyed: "Ended",
  failed: "Failed",
};
