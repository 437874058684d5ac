/**
 * A page with the SDK and nothing of ours but the connection, for tests and measurements:
 * `window.swBare.dial(...)`, with the cures that are asked for.
 */

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
  /** How long to stay in the call. */
  seconds: number;
}

let captures = 0;
const { mediaDevices } = navigator;
const capture = mediaDevices.getUserMedia.bind(mediaDevices);
mediaDevices.getUserMedia = (constraints) => {
  captures++;
  return capture(constraints);
};

/** Dial until `connected`, restart ICE where asked, and say how it went. */
async function dial({ token, space, destination, options, without, seconds }: Dial): Promise<string> {
  const cures = new Set(CURES.filter((cure) => !without.includes(cure)));
  const connection = new Connection(
    {
      credential: () => Promise.resolve({ token, space }),
      wire: () => undefined,
      httpStatus: () => undefined,
    },
    cures,
  );
  try {
    await connection.ready();
    const call = await connection.dial(destination, options);
    await new Promise<void>((resolve, reject) => {
      call.status$.subscribe((status) => {
        if (status === "connected") resolve();
        if (status === "failed" || status === "destroyed") reject(new Error(status));
      });
    });
    await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
    await call.hangup();
    return "connected";
  } catch (error) {
    return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  } finally {
    connection.dispose();
  }
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

Object.assign(globalThis, { swBare: { dial, restartCandidates, captures: () => captures } });
