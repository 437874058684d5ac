/** How loud a stream is, by Web Audio; the context lives only while something is listened to. */

export interface Levels {
  /** Start to listen; the returned function gives 0 (silence) to 1 (full scale). */
  listen: (stream: MediaStream, signal: AbortSignal) => () => number;
  /** A browser lets sound be analysed only after a gesture. */
  resume: () => void;
}

const FLOOR_DB = -54;

export function createLevels(): Levels {
  let context: AudioContext | null = null;
  let users = 0;
  return {
    listen(stream, signal) {
      context ??= new AudioContext();
      users += 1;
      const source = context.createMediaStreamSource(stream);
      const analyser = context.createAnalyser();
      analyser.fftSize = 512;
      source.connect(analyser);
      const samples = new Float32Array(analyser.fftSize);
      signal.addEventListener("abort", () => {
        source.disconnect();
        users -= 1;
        if (users > 0) return;
        void context?.close();
        context = null;
      });
      return () => {
        analyser.getFloatTimeDomainData(samples);
        return loudness(samples);
      };
    },
    resume() {
      if (context?.state === "suspended") void context.resume();
    },
  };
}

/** Root mean square in decibels, stretched over 0 to 1. */
export function loudness(samples: Float32Array): number {
  const power = samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length;
  const decibels = 10 * Math.log10(power + 1e-12);
  return Math.min(1, Math.max(0, 1 - decibels / FLOOR_DB));
}
