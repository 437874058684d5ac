/** Streams without a camera or a microphone. */

/** A moving picture, drawn on a canvas. */
export function camera(colour: string, text: string, portrait = false): MediaStream {
  const canvas = Object.assign(document.createElement("canvas"), { width: 640, height: portrait ? 480 : 360 });
  const context = canvas.getContext("2d");
  if (!context) throw new Error("This browser has no canvas.");
  const { width, height } = canvas;
  const draw = (): void => {
    const t = performance.now() / 1000;
    const gradient = context.createLinearGradient(0, 0, width, height);
    gradient.addColorStop(0, colour);
    gradient.addColorStop(1, "#101418");
    context.fillStyle = gradient;
    context.fillRect(0, 0, width, height);
    context.fillStyle = "rgb(255 255 255 / 85%)";
    context.beginPath();
    context.arc(width / 2 + Math.sin(t) * 40, height * 0.45, 80, 0, 7);
    context.fill();
    context.font = "28px sans-serif";
    context.fillText(`${text} ${t.toFixed(1)}`, 24, 44);
  };
  draw();
  setInterval(draw, 50);
  return canvas.captureStream(20);
}

let audio: AudioContext | undefined;

/** A tone that swells and fades. */
export function hum(gain: number): MediaStream {
  audio ??= new AudioContext();
  const tone = new OscillatorNode(audio, { frequency: 220 });
  const swell = new OscillatorNode(audio, { frequency: 1.7 });
  const depth = new GainNode(audio, { gain: gain / 2 });
  const volume = new GainNode(audio, { gain: gain / 2 });
  const target = new MediaStreamAudioDestinationNode(audio);
  swell.connect(depth).connect(volume.gain);
  tone.connect(volume).connect(target);
  tone.start();
  swell.start();
  return target.stream;
}
