import { describe, expect, it } from "vitest";

import { capture, captureFailure } from "../../src/session/preflight.js";

describe("capture", () => {
  it.each([
    ["/public/x", {}, { audio: true, video: false }],
    ["/public/x", { audio: false, video: true }, { audio: false, video: true }],
    ["/public/x?channel=video", {}, { audio: true, video: true }],
    ["/public/x?channel=video", { video: false }, { audio: true, video: false }],
    ["/public/x?channel=audio", {}, { audio: true, video: false }],
    ["/public/x", { audio: false, video: false, receiveVideo: true }, { audio: false, video: false }],
    ["/public/x", { audio: false, inputAudioDeviceConstraints: {} }, { audio: true, video: false }],
  ])("%s with %o", (destination, options, expected) => {
    expect(capture(destination, options)).toEqual(expected);
  });
});

describe("captureFailure", () => {
  it.each([
    ["NotAllowedError", "the browser denied the camera"],
    ["NotFoundError", "no camera was found"],
    ["NotReadableError", "the camera is in use by another program or does not start"],
  ])("%s", (name, message) => {
    const failure = captureFailure(new DOMException("", name), ["camera"], ["microphone", "camera"]);
    expect(failure).toMatchObject({ kind: "media", name, message });
  });

  it("names all that were asked for where the browser does not say which", () => {
    expect(captureFailure(new DOMException("", "NotAllowedError"), [], ["microphone", "camera"]).message).toBe(
      "the browser denied the microphone and camera",
    );
  });
});
