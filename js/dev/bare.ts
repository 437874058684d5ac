/**
 * A page with the SDK and nothing of ours but the connection, for tests and measurements:
 * `window.swBare.dial(...)` for a whole call, or `open(...)`, what is to happen in it, and `close()`,
 * with the cures that are asked for; `online(...)` for a client that calls and is called.
 */

import type { Address, Call } from "@signalwire/js";

import { Client, embedded, Watched, words, type Access } from "./client.js";
import { Connection } from "../src/sdk/connection.js";
import { CURES, type Cure } from "../src/sdk/cures.js";
import type { SpaceAddress } from "../src/protocol.js";

interface Dial {
  token: string;
  space: SpaceAddress;
  destination: string;
  options: Record<string, unknown>;
  /** Names of cures to leave out. */
  without: Cure[];
  /** How long to stay in the call, for `dial`. */
  seconds: number;
}

let captures = 0;
const { mediaDevices } = navigator;
const capture = mediaDevices.getUserMedia.bind(mediaDevices);
mediaDevices.getUserMedia = (constraints) => {
  captures++;
  return capture(constraints);
};

/** The connection was made for one call; a client has many. */
let connection: Connection | undefined;
let client: Client | undefined;
let up: Watched | undefined;
/** Milliseconds that the last dial took. */
let took = 0;

/** The call that is up. */
function current(): Watched {
  if (!up) throw new Error("No call is up.");
  return up;
}

function somebody(): Client {
  if (!client) throw new Error("Nobody is online.");
  return client;
}

/** Dial until `connected` and stay in the call; what the SDK threw otherwise. */
async function open({ token, space, destination, options, without }: Dial): Promise<string> {
  const cures = new Set(CURES.filter((cure) => !without.includes(cure)));
  const begun = performance.now();
  const made = new Connection(cures);
  made.begin({
    credential: () => Promise.resolve({ token, space }),
    wire: () => undefined,
    httpStatus: () => undefined,
    adjust: (constraints) => constraints,
    refused: () => undefined,
    socket: () => undefined,
  });
  try {
    await made.ready();
    const call = await made.dial(destination, options);
    const watched = new Watched(call);
    await new Promise<void>((resolve, reject) => {
      call.status$.subscribe((status) => {
        if (status === "connected") resolve();
        if (status === "failed" || status === "destroyed") reject(new Error(status));
      });
    });
    took = performance.now() - begun;
    up = watched;
    connection = made;
    return "connected";
  } catch (error) {
    made.dispose();
    return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  }
}

/** Hang up and give everything back; what the SDK threw at the former, if it did. */
async function close(): Promise<string | null> {
  const { call, status } = current();
  up = undefined;
  try {
    if (status !== "destroyed") await call.hangup();
    return null;
  } catch (error) {
    return String(error);
  } finally {
    connection?.dispose();
    connection = undefined;
  }
}

/** Dial until `connected`, stay for a while, hang up, and say how it went. */
async function dial(parameters: Dial): Promise<string> {
  const result = await open(parameters);
  if (up) {
    await new Promise((resolve) => setTimeout(resolve, parameters.seconds * 1000));
    await close();
  }
  return result;
}

/** What the call's peer connection is like, as far as it is changed in a call. */
async function media(): Promise<Record<string, unknown>> {
  const { call, status } = current();
  const peer = status === "destroyed" ? undefined : call.rtcPeerConnection;
  if (!peer) return { status };
  const user = (sdp: RTCSessionDescription | null): string => /a=ice-ufrag:(\S+)/.exec(sdp?.sdp ?? "")?.[1] ?? "";
  const inbound = { frames: 0, keyframes: 0, packets: 0, lost: 0, energy: 0, width: 0, height: 0 };
  for (const report of ((await peer.getStats()) as Map<string, Inbound>).values()) {
    if (report.type !== "inbound-rtp") continue;
    inbound.frames += report.framesDecoded ?? 0;
    inbound.width = Math.max(inbound.width, report.frameWidth ?? 0);
    inbound.height = Math.max(inbound.height, report.frameHeight ?? 0);
    inbound.keyframes += report.keyFramesDecoded ?? 0;
    inbound.energy += report.totalAudioEnergy ?? 0;
    inbound.packets += report.kind === "audio" ? report.packetsReceived : 0;
    inbound.lost += report.kind === "audio" ? report.packetsLost : 0;
  }
  const microphone = peer.getSenders().find(({ track }) => track?.kind === "audio")?.track;
  return {
    status,
    ...inbound,
    microphone: microphone?.getSettings(),
    local: user(peer.localDescription),
    remote: user(peer.remoteDescription),
    signaling: peer.signalingState,
    gathering: peer.iceGatheringState,
    connection: peer.connectionState,
  };
}

/** Offer to receive a picture, too: the SDK cannot, and would make it inactive by its options. */
function addVideo(): void {
  const peer = current().call.rtcPeerConnection;
  if (!peer) throw new Error("The call has ended.");
  const createOffer = Reflect.get(peer, "createOffer") as (options: RTCOfferOptions) => unknown;
  Object.assign(peer, {
    createOffer: ({ iceRestart }: RTCOfferOptions) => createOffer.call(peer, { iceRestart: iceRestart ?? false }),
  });
  peer.addTransceiver("video", { direction: "recvonly" });
}

type Deed = (...parameters: unknown[]) => unknown;

/** Let the SDK do something: a method of the call, or of the participant of this name. */
async function act(who: string | null, method: string, parameters: unknown[]): Promise<string | null> {
  const { call } = current();
  const participant = who === "self" ? call.self : call.participants.find(({ name }) => name === who);
  const subject = who === null ? call : participant;
  if (!subject) throw new Error(`There is no ${String(who)} here.`);
  try {
    await (Reflect.get(subject, method) as Deed).apply(subject, parameters);
    return null;
  } catch (error) {
    return String(error);
  }
}

/** What the SDK knows of the room and of everybody there. */
function room(): Record<string, unknown> {
  const { call, status } = current();
  if (status === "destroyed") return { status };
  const people = call.participants.map((one) => ({
    id: one.id,
    name: one.name,
    type: one.type,
    audioMuted: one.audioMuted,
    videoMuted: one.videoMuted,
    deaf: one.deaf,
    handraised: one.handraised,
    visible: one.visible,
    talking: one.isTalking,
    inputVolume: one.inputVolume,
    outputVolume: one.outputVolume,
    inputSensitivity: one.inputSensitivity,
    echoCancellation: one.echoCancellation,
    autoGain: one.autoGain,
    noiseSuppression: one.noiseSuppression,
    position: one.position?.position,
  }));
  const { id, locked, layout, layouts } = call;
  const nodeId: unknown = Reflect.get(call, "nodeId"); // the type of a call does not have it
  return { status, id, nodeId, self: call.self?.name, people, locked, layout, layouts };
}

/** Be online as somebody; null, or what the SDK says instead. */
async function online(access: Access): Promise<string | null> {
  const made = new Client(access);
  try {
    await made.online();
    client = made;
    return null;
  } catch (error) {
    made.dispose();
    return words(error);
  }
}

/** Be online no more, and have no call. */
function offline(): void {
  somebody().dispose();
  client = up = undefined;
}

/** Let the client do something; what comes of it, or what the SDK throws. */
async function ask(method: string, parameters: unknown[]): Promise<unknown> {
  const { sdk } = somebody();
  const result = await (Reflect.get(sdk, method) as Deed).apply(sdk, parameters);
  if (method === "connect") somebody().listen();
  return result;
}

/** Who the client is for the space. */
function user(): Record<string, unknown> {
  const { id, email, displayName, addresses } = somebody().sdk.user ?? {};
  return { id, email, displayName, addresses: addresses?.map(({ name }) => name) };
}

let events: unknown[] = [];

/** Ask for events of this type in the call, and keep them. */
function subscribe(type: string): void {
  events = [];
  current().call.subscribe(type).subscribe((event) => events.push(event));
}

/** Dial and wait for nothing; null, or what the SDK says instead. */
async function call(destination: string | Address, options: Record<string, unknown>): Promise<string | null> {
  up = undefined;
  try {
    up = new Watched(await somebody().sdk.dial(destination, options));
    return null;
  } catch (error) {
    return words(error);
  }
}

/** Call without being anybody, as `embedded` does; null, or what the SDK says instead. */
async function embed(space: SpaceAddress, token: string, destination: string): Promise<string | null> {
  up = undefined;
  try {
    up = await embedded(space, token, destination);
    return null;
  } catch (error) {
    return words(error);
  }
}

function caller({ call, statuses }: Watched): Record<string, unknown> {
  const { id, direction, from, fromName, to, toName, userVariables } = call;
  return { id, direction, from, fromName, to, toName, userVariables, statuses };
}

/** Take what has come in last: it is the call that is up from now on. */
function take(): Call {
  up = somebody().incoming.at(-1);
  return current().call;
}

/** Wait for the call that the client has taken up again, which is the call from now on. */
async function takeUp(): Promise<string> {
  up = await somebody().reattached();
  return up.call.id;
}

/** The directory, loaded as far as it has been asked to; the first page comes by itself. */
function directory(): NonNullable<ReturnType<() => Client["sdk"]["directory"]>> {
  const found = somebody().sdk.directory;
  if (!found) throw new Error("The client has no directory.");
  return found;
}

function listed(address: Address): Record<string, unknown> {
  const { id, name, displayName, type, channels, defaultChannel, locked, resourceId, createdAt } = address;
  return { id, name, displayName, type, channels, defaultChannel, locked, resourceId, createdAt };
}

const directoryTools = {
  /** Ask for the first page, as whoever shows a list does. */
  begin: (): void => {
    directory().hasMore$.subscribe();
  },
  more: (): void => {
    directory().loadMore();
  },
  list: () => {
    const { addresses, loading } = directory();
    return { addresses: addresses.map(listed), loading };
  },
  /** An address by its id, as `findAddressIdByURI` finds it. */
  find: async (name: string) => {
    const id = await directory().findAddressIdByURI(name);
    const address = id === undefined ? undefined : directory().get(id);
    return address ? listed(address) : null;
  },
  call: async (name: string, options: Record<string, unknown>) => {
    const id = (await directory().findAddressIdByURI(name)) ?? "";
    const address = directory().get(id);
    return address ? call(address, options) : `There is no ${name}.`;
  },
  /** What somebody there is doing. */
  activity: (name: string) => directory().addresses.find((address) => address.name === name)?.activity,
};

async function addressed(name: string): Promise<Address> {
  const id = (await directory().findAddressIdByURI(name)) ?? "";
  const address = directory().get(id);
  if (!address) throw new Error(`There is no ${name}.`);
  return address;
}

/** The name of an address that a message or a call came from. */
function named(from: { subscribe: (next: (address: Address) => void) => unknown } | undefined): Promise<string> {
  return new Promise((resolve) => {
    if (!from) throw new Error("It came from nobody.");
    from.subscribe(({ name }) => {
      resolve(name);
    });
  });
}

const conversationTools = {
  /** Ask for the messages and the calls of an address, as whoever shows them does. */
  open: async (name: string): Promise<void> => {
    const address = await addressed(name);
    await new Promise<void>((resolve) => {
      address.textMessages$.subscribe(() => {
        address.history$.subscribe(() => {
          resolve();
        });
      });
    });
  },
  write: async (name: string, text: string) => {
    await (await addressed(name)).sendText(text);
  },
  more: async (name: string) => {
    (await addressed(name)).textMessage?.loadMore();
  },
  texts: async (name: string) => {
    const { textMessage } = await addressed(name);
    const { values = [], hasMore, loading } = textMessage ?? {};
    const from = await Promise.all(values.map(({ fromAddress$ }) => named(fromAddress$)));
    const texts = values.map(({ text, created }, at) => ({ text, created, from: from[at] }));
    return { texts, hasMore, loading };
  },
  /** A message by its id, asked of the space where it is not here. */
  get: async (name: string, id: string) => {
    const message$ = (await addressed(name)).textMessage?.get$(id);
    return new Promise((resolve) => message$?.subscribe(({ text }) => { resolve(text); }));
  },
  calls: async (name: string) => {
    const values = (await addressed(name)).history?.values ?? [];
    const from = await Promise.all(values.map(({ fromAddress$ }) => named(fromAddress$)));
    return values.map(({ kind, status, started, ended }, at) => ({ kind, status, started, ended, from: from[at] }));
  },
};

let screen: HTMLVideoElement | undefined;

/** How colourful the left and the right half of the picture are, 0 where they are grey. */
async function colours(): Promise<number[]> {
  const { call } = current();
  // Not muted: what nobody plays has no loudness in the statistics.
  screen ??= document.createElement("video");
  if (screen.srcObject !== call.remoteStream) screen.srcObject = call.remoteStream;
  await screen.play();
  const [width, height] = [64, 36];
  const context = Object.assign(document.createElement("canvas"), { width, height }).getContext("2d");
  if (!context) throw new Error("This browser has no canvas.");
  context.drawImage(screen, 0, 0, width, height);
  return [0, width / 2].map((left) => {
    const { data } = context.getImageData(left, 0, width / 2, height);
    let sum = 0;
    for (let at = 0; at < data.length; at += 4) {
      const pixel = [...data.subarray(at, at + 3)];
      sum += Math.max(...pixel) - Math.min(...pixel);
    }
    return sum / (data.length / 4);
  });
}

interface Inbound {
  totalAudioEnergy?: number;
  type: string;
  kind: string;
  packetsReceived: number;
  packetsLost: number;
  framesDecoded?: number;
  frameWidth?: number;
  frameHeight?: number;
  keyFramesDecoded?: number;
}

/** How many candidates a connection gathers at an ICE restart with this pool size. */
async function restartCandidates(iceCandidatePoolSize: number): Promise<number> {
  const connection = new RTCPeerConnection({ iceCandidatePoolSize });
  connection.addTransceiver("audio");
  const gather = async (restart: boolean): Promise<number> => {
    let count = 0;
    const complete = new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, 3000);
      connection.onicecandidate = ({ candidate }) => {
        if (candidate?.candidate) count++;
        else {
          clearTimeout(timer);
          resolve();
        }
      };
    });
    await connection.setLocalDescription(await connection.createOffer({ iceRestart: restart }));
    await complete;
    return count;
  };
  try {
    await gather(false);
    return await gather(true);
  } finally {
    connection.close();
  }
}

Object.assign(globalThis, {
  swBare: {
    dial,
    open,
    close,
    media,
    restart: () => current().call.requestIceRestart(),
    act,
    room,
    colours,
    addVideo,
    toggleHold: () => current().call.toggleHold(),
    restartCandidates,
    captures: () => captures,
    took: () => took,
    online,
    offline,
    ask,
    user,
    subscribe,
    events: () => events,
    call,
    embed: ([space, token, destination]: [SpaceAddress, string, string]) => embed(space, token, destination),
    takeUp,
    incoming: () => somebody().incoming.map(caller),
    answer: (options?: Record<string, unknown>) => {
      take().answer(options);
    },
    reject: () => {
      take().reject();
    },
    statuses: () => current().statuses,
    listen: () => {
      current().listen();
    },
    heard: () => current().heard,
    directory: directoryTools,
    conversations: conversationTools,
  },
});
