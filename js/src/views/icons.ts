/** The icons, as inline SVG in the colour of the text around them. */

const SVG = "http://www.w3.org/2000/svg";

/** Outlines on a grid of 24, drawn with a stroke of 1.8. */
const PATHS = {
  phone:
    "M5.2 3.6h3.1l1.6 4.2-2 1.5a11.5 11.5 0 0 0 5.8 5.8l1.5-2 4.2 1.6v3.1a1.7 1.7 0 0 1-1.8 1.7A15.6 15.6 0 0 1 3.5 5.400a1.7 1.7 0 0 1 1.7-1.800z",
  hangup:
    "M3.300 13.200c0-2.200 4-4.200 8.700-4.200s8.700 2 8.700 4.200v1.500a1.200 1.200 0 0 1-1.500 1.200l-2.800-.7a1.200 1.200 0 0 1-.9-1.200v-1.500a13 13 0 0 0-7 0V14a1.200 1.200 0 0 1-.9 1.200l-2.800.7a1.200 1.200 0 0 1-1.500-1.200z",
  microphone: "M12 3.500a3 3 0 0 1 3 3v5a3 3 0 0 1-6 0v-5a3 3 0 0 1 3-3zM5.500 11.500a6.500 6.500 0 0 0 13 0M12 18v2.700",
  microphoneOff:
    "M9 9v2.500a3 3 0 0 0 4.700 2.500M15 11.500v-5a3 3 0 0 0-5.700-1.300M5.500 11.500a6.500 6.500 0 0 0 10.600 5M18.500 11.500a6.400 6.400 0 0 1-.5 2.500M12 18v2.700M4 4l16 16",
  camera: "M5 6.500h8.500a2 2 0 0 1 2 2v7a2 2 0 0 1-2 2H5a2 2 0 0 1-2-2v-7a2 2 0 0 1 2-2zM15.500 10.500 21 7.500v9l-5.500-3",
  cameraOff:
    "M9 6.500h4.500a2 2 0 0 1 2 2v4M15.500 15.500a2 2 0 0 1-2 2H5a2 2 0 0 1-2-2v-7a2 2 0 0 1 1.600-2M15.500 10.500 21 7.500v9l-3.500-1.900M3.500 3.500l17 17",
  person: "M12 4a4 4 0 0 1 0 8 4 4 0 0 1 0-8zM4.500 20c.6-3.600 3.700-5.500 7.500-5.500s6.900 1.900 7.500 5.500",
  people:
    "M9 5a3.500 3.500 0 0 1 0 7 3.500 3.500 0 0 1 0-7zM2.500 19c.5-3.200 3.100-5 6.500-5s6 1.800 6.500 5M15.500 5.300a3.300 3.300 0 0 1 0 6.400M17.500 14.300c2.200.6 3.700 2.200 4 4.700",
  speaker: "M4 9.500h3.500L12 5.500v13l-4.500-4H4zM15.500 9a4.200 4.200 0 0 1 0 6M18 6.500a7.800 7.800 0 0 1 0 11",
  warning: "M12 4 21 19.500H3zM12 10v4.500M12 17v.2",
  pages: "M8 8h12v12H8zM4 16V4h12",
} as const;

export type IconName = keyof typeof PATHS;

export function icon(name: IconName): SVGSVGElement {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("class", "sw-icon");
  // The text beside an icon says it all.
  svg.setAttribute("aria-hidden", "true");
  svg.append(path(name));
  return svg;
}

/** Change what `svg` shows, in place. */
export function setIcon(svg: SVGSVGElement, name: IconName): void {
  if (svg.firstElementChild?.getAttribute("d") !== PATHS[name]) svg.replaceChildren(path(name));
}

function path(name: IconName): SVGPathElement {
  const element = document.createElementNS(SVG, "path");
  element.setAttribute("d", PATHS[name]);
  return element;
}
