/** The icons, as inline SVG in the colour of the text around them. */

const SVG = "http://www.w3.org/2000/svg";

/** Outlines on a grid of 24, drawn with a stroke of 1.8. */
const PATHS = {
  phone:
    "M5.2 3.6h3.1l1.6 4.2-2 1.5a11.5 11.5 0 0 0 5.8 5.8l1.5-2 4.2 1.6v3.1a1.7 1.7 0 0 1-1.8 1.7A15.6 15.6 0 0 1 3.5 5.4a1.7 1.7 0 0 1 1.7-1.8z",
  microphone: "M12 3.5a3 3 0 0 1 3 3v5a3 3 0 0 1-6 0v-5a3 3 0 0 1 3-3zM5.5 11.5a6.5 6.5 0 0 0 13 0M12 18v2.7",
  microphoneOff:
    "M9 9v2.5a3 3 0 0 0 4.7 2.5M15 11.5v-5a3 3 0 0 0-5.7-1.3M5.5 11.5a6.5 6.5 0 0 0 10.6 5M18.5 11.5a6.4 6.4 0 0 1-.5 2.5M12 18v2.7M4 4l16 16",
  camera: "M5 6.5h8.5a2 2 0 0 1 2 2v7a2 2 0 0 1-2 2H5a2 2 0 0 1-2-2v-7a2 2 0 0 1 2-2zM15.5 10.5 21 7.5v9l-5.5-3",
  cameraOff:
    "M9 6.5h4.5a2 2 0 0 1 2 2v4M15.5 15.5a2 2 0 0 1-2 2H5a2 2 0 0 1-2-2v-7a2 2 0 0 1 1.6-2M15.5 10.5 21 7.5v9l-3.5-1.9M3.5 3.5l17 17",
  person: "M12 4a4 4 0 0 1 0 8 4 4 0 0 1 0-8zM4.5 20c.6-3.6 3.7-5.5 7.5-5.5s6.9 1.9 7.5 5.5",
  people:
    "M9 5a3.5 3.5 0 0 1 0 7 3.5 3.5 0 0 1 0-7zM2.5 19c.5-3.2 3.1-5 6.5-5s6 1.8 6.5 5M15.5 5.3a3.3 3.3 0 0 1 0 6.4M17.5 14.3c2.2.6 3.7 2.2 4 4.7",
  speaker: "M4 9.5h3.5L12 5.5v13l-4.5-4H4zM15.5 9a4.2 4.2 0 0 1 0 6M18 6.5a7.8 7.8 0 0 1 0 11",
  pause: "M9 5v14M15 5v14",
  play: "M8 5l11 7-11 7z",
  keypad: "M6 6h.01M12 6h.01M18 6h.01M6 12h.01M12 12h.01M18 12h.01M6 18h.01M12 18h.01M18 18h.01",
  warning: "M12 4 21 19.5H3zM12 10v4.5M12 17v.2",
  pages: "M8 8h12v12H8zM4 16V4h12",
} as const;

export type IconName = keyof typeof PATHS | "hangup";

export function icon(name: IconName): SVGSVGElement {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("class", "sw-icon");
  // The text beside an icon says it all.
  svg.setAttribute("aria-hidden", "true");
  draw(svg, name);
  return svg;
}

/** Change what `svg` shows, in place. */
export function setIcon(svg: SVGSVGElement, name: IconName): void {
  if (svg.dataset.name !== name) draw(svg, name);
}

function draw(svg: SVGSVGElement, name: IconName): void {
  svg.dataset.name = name;
  const path = document.createElementNS(SVG, "path");
  // Hanging up is the same receiver, laid down.
  path.setAttribute("d", PATHS[name === "hangup" ? "phone" : name]);
  if (name === "hangup") path.setAttribute("transform", "translate(0 3) rotate(135 12 12)");
  svg.replaceChildren(path);
}
