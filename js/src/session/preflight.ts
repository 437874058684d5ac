/** What is looked at before the SDK may dial: the page, the network, the permission. */

import type { Directions } from "../protocol.js";
import { Failure } from "./failure.js";

/** Whether the SDK will open the microphone and the camera for these options. */
export interface Capture {
  audio: boolean;
  video: boolean;
}

/** The SDK's own rule: audio unless refused, video only if asked for, and the channel hint below both. */
export function capture(destination: string, options: Readonly<Record<string, unknown>>): Capture {
  const query = destination.split("?")[1];
  const hint = query === undefined ? null : new URLSearchParams(query).get("channel");
  const audio = options.audio ?? true;
  const video = options.video ?? hint === "video";
  return {
    audio: audio !== false || typeof options.inputAudioDeviceConstraints === "object",
    video: video === true || typeof options.inputVideoDeviceConstraints === "object",
  };
}

/** Throw where this page cannot place a call at all. */
export function checkPage(): void {
  const missing = !isSecureContext || !("mediaDevices" in navigator);
  if (missing) {
    throw new Failure("page", "InsecureContextError", `${location.origin} is not a secure origin, so the browser gives it no camera and no microphone`);
  }
  if (typeof RTCPeerConnection === "undefined") {
    throw new Failure("page", "NoWebRTCError", "this browser has no WebRTC");
  }
}

/**
 * Throw where the browser finds no network interface to offer.
 *
 * Without one no ICE candidate is gathered, and the SDK would say "Call create timeout" after
 * six seconds. A browser that has not made up its mind after 1.5 s gets the benefit of the doubt.
 */
export async function checkNetwork(signal: AbortSignal): Promise<void> {
  const probe = new RTCPeerConnection({ iceServers: [] });
  try {
    const found = new Promise<boolean>((resolve) => {
      const timer = setTimeout(resolve, 1500, true);
      signal.addEventListener("abort", () => {
        clearTimeout(timer);
        resolve(true);
      });
      probe.addEventListener("icecandidate", ({ candidate }) => {
        clearTimeout(timer);
        // The first event is a candidate, or null where there is none.
        resolve(candidate !== null && candidate.candidate !== "");
      });
    });
    probe.createDataChannel("probe");
    await probe.setLocalDescription();
    if (!(await found)) {
      throw new Failure("network", "NoNetworkInterfaceError", "the browser found no network interface besides the loopback one");
    }
  } finally {
    probe.close();
  }
}

async function granted(name: "microphone" | "camera"): Promise<PermissionState | "unknown"> {
  try {
    return (await navigator.permissions.query({ name })).state;
  } catch {
    return "unknown"; // Firefox and older browsers do not know these names
  }
}

/**
 * Ask for microphone and camera before the SDK does.
 *
 * The SDK's six seconds for creating a call run while the browser's prompt is open; asked here,
 * the prompt may take as long as the person needs.
 */
export async function askPermission(want: Capture, waiting: () => void, signal: AbortSignal): Promise<void> {
  const asked: ("microphone" | "camera")[] = [];
  if (want.audio) asked.push("microphone");
  if (want.video) asked.push("camera");
  const states = await Promise.all(asked.map(granted));
  if (states.every((state) => state === "granted")) return;
  if (states.includes("prompt")) waiting();
  try {
    const stream = await navigator.mediaDevices.getUserMedia({ audio: want.audio, video: want.video });
    for (const track of stream.getTracks()) track.stop();
  } catch (error) {
    if (signal.aborted) return;
    throw captureFailure(error, asked.filter((_, index) => states[index] === "denied"), asked);
  }
}

/** A refused capture in words: which device, and why. */
export function captureFailure(error: unknown, denied: readonly string[], asked: readonly string[]): Failure {
  const name = error instanceof DOMException ? error.name : "Error";
  const device = (denied.length > 0 ? denied : asked).join(" and ");
  switch (name) {
    case "NotAllowedError":
    case "SecurityError":
      return new Failure("media", name, `the browser denied the ${device}`);
    case "NotFoundError":
    case "OverconstrainedError":
      return new Failure("media", name, `no ${device} was found`);
    case "NotReadableError":
    case "AbortError":
      return new Failure("media", name, `the ${device} is in use by another program or does not start`);
    default:
      return new Failure("media", name, `the ${device} cannot be opened: ${String((error as Error | null)?.message ?? error)}`);
  }
}

/** What the connection negotiated, by kind. */
export function negotiated(connection: RTCPeerConnection): Directions {
  const directions: Directions = {};
  for (const { receiver, currentDirection } of connection.getTransceivers()) {
    if (currentDirection === null || currentDirection === "stopped") continue;
    if (receiver.track.kind === "audio") directions.audio = currentDirection;
    else directions.video = currentDirection;
  }
  return directions;
}
