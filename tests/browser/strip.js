// Puts a canvas in the place of the camera: it carries the strip, as the space's test card does.
// `sw_notebook/strip.py` says what the 80 cells mean.
(() => {
  const WIDTH = 640, HEIGHT = 360, COLUMNS = 40, CELL = 16, RATE = 25;
  const canvas = document.createElement("canvas");
  canvas.width = WIDTH;
  canvas.height = HEIGHT;
  const context = canvas.getContext("2d");
  const check = (value) => {
    let crc = 0xff;
    for (let index = 8; index >= 0; index--) {
      crc ^= Number((value >> BigInt(8 * index)) & 0xffn);
      for (let bit = 0; bit < 8; bit++) crc = ((crc << 1) ^ (crc & 0x80 ? 0x07 : 0)) & 0xff;
    }
    return BigInt(crc);
  };
  let frame = 0;
  const draw = () => {
    const payload = (BigInt(frame) << 44n) | (BigInt(Date.now()) & ((1n << 44n) - 1n));
    const value = (payload << 8n) | check(payload);
    context.fillStyle = `hsl(${frame % 360} 60% 40%)`;
    context.fillRect(0, 0, WIDTH, HEIGHT);
    for (let cell = 0; cell < 80; cell++) {
      context.fillStyle = (value >> BigInt(79 - cell)) & 1n ? "#fff" : "#000";
      context.fillRect((cell % COLUMNS) * CELL, Math.floor(cell / COLUMNS) * CELL, CELL, CELL);
    }
    frame += 1;
  };
  draw();
  const timer = setInterval(draw, 1000 / RATE);
  const media = navigator.mediaDevices;
  const real = media.getUserMedia.bind(media);
  media.getUserMedia = async (constraints) => {
    const stream = await real({ ...constraints, video: false, audio: constraints.audio ?? true });
    if (constraints.video) stream.addTrack(canvas.captureStream(RATE).getVideoTracks()[0]);
    return stream;
  };
  globalThis.__strip = {
    drawn: () => frame,
    undo: () => {
      clearInterval(timer);
      media.getUserMedia = real;
    },
  };
})();
