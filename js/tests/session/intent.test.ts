import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { Intent } from "../../src/session/intent.js";

describe("Intent", () => {
  let intent: Intent;

  beforeEach(() => {
    intent = new Intent(() => undefined, new AbortController().signal);
  });

  afterEach(() => {
    Reflect.deleteProperty(document, "featurePolicy");
  });

  it("opens nothing before something is asked for", () => {
    expect(intent.capture).toEqual({ audio: false, video: false });
    intent.wish({});
    expect(intent.capture).toEqual({ audio: true, video: false });
  });

  it("asks for what the destination of a dial asks for", () => {
    intent.wish({ audio: false }, "/public/bars?channel=video");
    expect(intent.capture).toEqual({ audio: false, video: true });
    expect(intent.options).toEqual({ audio: false });
  });

  it("minds the frame's policy for what it opens, and for nothing else", () => {
    Object.defineProperty(document, "featurePolicy", { configurable: true, value: { allowsFeature: () => false } });
    expect(() => { intent.checkFrame(); }).not.toThrow();
    intent.wish({});
    expect(() => { intent.checkFrame(); }).toThrow("does not allow the microphone");
  });

  it("names the device whose wish cannot be had, else all that it opens", () => {
    intent.wish({ video: true, inputVideoDeviceConstraints: { width: { exact: 9000 } } });
    const error = (constraint: string): object => ({ name: "OverconstrainedError", constraint });
    expect(intent.refused(error("width"))).toMatchObject({ kind: "media", message: "no camera fits its constraints (width)" });
    expect(intent.refused(error("volume"))).toMatchObject({ message: "no microphone and camera fits its constraints (volume)" });
  });
});
