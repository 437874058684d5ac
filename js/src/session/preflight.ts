/** What is looked at before the SDK may dial: the page, the network, the permission. */

import type { IceOptions } from "../protocol.js";
import type { Directions } from "../traits.js";
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

/** How long a browser may take to find a candidate of its own, and one of a TURN server. */
const HOST_MS = 1500;
const RELAY_MS = 8000;

/**
 * How long a network that was found is believed to be there still.
 *
 * A page may make only so many connections before the browser collects the old ones (Chromium: 500),
 * so a lesson that dials again and again shall not spend half of them on looking.
 */
const BELIEVED_MS = 60_000;
let foundAt = -Infinity;

function namesRelay({ servers = [] }: IceOptions): boolean {
  return servers.flatMap(({ urls }) => urls).some((url) => url.startsWith("turn"));
}

/** Throw where only relays may be used and `who`, whom the servers come from, names none. */
export function checkRelays(ice: IceOptions, who: string): void {
  if (!ice.relay_only || namesRelay(ice)) return;
  throw new Failure("network", "NoTurnServerError", `all media shall be relayed, but ${who} names no TURN server`);
}

/**
 * Throw where the browser finds no way out: no network interface, or no relay where only relays
 * may be used.
 *
 * Without one no ICE candidate is gathered, and the SDK would say "Call create timeout" after
 * six seconds. A browser that has not made up its mind after 1.5 s gets the benefit of the doubt;
 * a TURN server that has not answered after 8 s does not.
 */
export async function checkNetwork(ice: IceOptions, signal: AbortSignal): Promise<void> {
  const { servers, relay_only } = ice;
  if (servers) checkRelays(ice, "ice_servers");
  // Relays that the space will name are not known yet.
  else if (relay_only || performance.now() - foundAt < BELIEVED_MS) return;
  const patience = relay_only ? RELAY_MS : HOST_MS;
  const probe = new RTCPeerConnection({ iceServers: servers ?? [], iceTransportPolicy: relay_only ? "relay" : "all" });
  let said = "";
  try {
    const found = new Promise<boolean>((resolve) => {
      const timer = setTimeout(resolve, patience, !relay_only);
      signal.addEventListener("abort", () => {
        clearTimeout(timer);
        resolve(true);
      });
      probe.addEventListener("icecandidateerror", ({ errorCode, errorText }) => {
        said = ` (${errorCode} ${errorText.replace(/\.$/, "")})`;
      });
      probe.addEventListener("icecandidate", ({ candidate }) => {
        clearTimeout(timer);
        // The first event is a candidate, or null where there is none.
        const some = candidate !== null && candidate.candidate !== "";
        // With servers it may be a relay's, which tells nothing of interfaces.
        if (some && !servers) foundAt = performance.now();
        resolve(some);
      });
    });
    probe.createDataChannel("probe");
    await probe.setLocalDescription();
    if (!(await found)) {
      const none = `no TURN server of ice_servers gave a relay${said}`;
      if (relay_only) throw new Failure("network", "NoRelayError", none);
      const alone = "the browser found no network interface besides the loopback one";
      if (namesRelay(ice)) throw new Failure("network", "NoRelayError", `${alone}, and ${none}`);
      throw new Failure("network", "NoNetworkInterfaceError", alone);
    }
  } finally {
    probe.close();
  }
}

/** What Chromium tells of a frame: as `featurePolicy`, and as `permissionsPolicy` in the standard's draft. */
interface Policy {
  allowsFeature(feature: string): boolean;
}

/**
 * Throw where the frame that shows this page keeps its devices from it.
 *
 * The permission may read "granted" all the same, and no prompt would come.  Browsers that do not
 * tell are believed to allow.
 */
export function checkFrame(want: Capture): void {
  const { permissionsPolicy, featurePolicy } = document as { permissionsPolicy?: Policy; featurePolicy?: Policy };
  const policy = permissionsPolicy ?? featurePolicy;
  const refused = devices(want).filter((device) => policy?.allowsFeature(device) === false);
  if (refused.length === 0) return;
  const who = window.top === window ? "the server of this page" : "the frame that shows this page";
  throw new Failure("media", "FramePolicyError", `${who} does not allow the ${refused.join(" and ")}`);
}

type Device = "microphone" | "camera";

/** What a call of this kind opens, in words. */
export function devices({ audio, video }: Capture): Device[] {
  return [...(audio ? ["microphone" as const] : []), ...(video ? ["camera" as const] : [])];
}

async function granted(name: Device): Promise<PermissionState | "unknown"> {
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
  const asked = devices(want);
  const states = await Promise.all(asked.map(granted));
  if (states.every((state) => state === "granted")) {
    // Nothing to ask; but of a device that is not there the SDK says nothing.
    const absent = await missing(asked);
    if (absent.length > 0) throw captureFailure(new DOMException("", "NotFoundError"), absent, asked);
    return;
  }
  if (states.includes("prompt")) waiting();
  try {
    const stream = await navigator.mediaDevices.getUserMedia({ audio: want.audio, video: want.video });
    for (const track of stream.getTracks()) track.stop();
  } catch (error) {
    if (signal.aborted) return;
    const denied = asked.filter((_, index) => states[index] === "denied");
    throw captureFailure(error, denied.length > 0 ? denied : await missing(asked), asked);
  }
}

/** Which of these devices this machine does not have. */
async function missing(asked: readonly Device[]): Promise<readonly string[]> {
  if (asked.length === 0) return [];
  const kinds = new Set((await navigator.mediaDevices.enumerateDevices()).map(({ kind }) => kind));
  return asked.filter((device) => !kinds.has(device === "camera" ? "videoinput" : "audioinput"));
}

/** Whose constraint it is that no device fits; empty where the browser does not say which. */
export function unfit(error: unknown, { inputAudioDeviceConstraints: audio, inputVideoDeviceConstraints: video }: Readonly<Record<string, unknown>>): Device[] {
  const { constraint } = (error ?? {}) as { constraint?: string };
  if (!constraint) return [];
  const names = (wish: unknown): boolean => typeof wish === "object" && wish !== null && constraint in wish;
  return devices({ audio: names(audio), video: names(video) });
}

/** A refused capture in words: which device, the one at fault where that is known, and why. */
export function captureFailure(error: unknown, atFault: readonly string[], asked: readonly string[]): Failure {
  // An OverconstrainedError is no DOMException in every browser.
  const name = (error as Partial<Error> | null)?.name ?? "Error";
  const device = (atFault.length > 0 ? atFault : asked).join(" and ");
  switch (name) {
    case "NotAllowedError":
    case "SecurityError":
      return new Failure("media", name, `the browser denied the ${device}`);
    case "NotFoundError":
      return new Failure("media", name, `no ${device} was found`);
    case "OverconstrainedError": {
      const { constraint } = error as { constraint?: string };
      return new Failure("media", name, `no ${device} fits its constraints${constraint ? ` (${constraint})` : ""}`);
    }
    case "DeviceLost":
      return new Failure("media", name, `the ${device} was unplugged or taken away`);
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
