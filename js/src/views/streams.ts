/** What is in a stream right now, and when that changes. */

/** Pictures flow. A remote track is `muted` until its first packet has come, and when none come any more. */
export function hasPicture(stream: MediaStream | null): boolean {
  return stream?.getVideoTracks().some(flows) ?? false;
}

/** The track whose sound is worth a meter. */
export function soundTrack(stream: MediaStream | null): MediaStreamTrack | null {
  return stream?.getAudioTracks().find(({ readyState }) => readyState === "live") ?? null;
}

function flows({ readyState, muted, enabled }: MediaStreamTrack): boolean {
  return readyState === "live" && !muted && enabled;
}

/** Call `changed` when tracks come, go, stop or begin to flow; the SDK swaps tracks within a stream. */
export function watchStream(stream: MediaStream, changed: () => void, signal: AbortSignal): void {
  const watched = new WeakSet<MediaStreamTrack>();
  const watchTracks = (): void => {
    for (const track of stream.getTracks()) {
      if (watched.has(track)) continue;
      watched.add(track);
      for (const type of ["mute", "unmute", "ended"]) track.addEventListener(type, changed, { signal });
    }
  };
  watchTracks();
  for (const type of ["addtrack", "removetrack"]) {
    stream.addEventListener(type, () => {
      watchTracks();
      changed();
    }, { signal });
  }
}
