/**
 * What the kernel sends, checked before anything is done with it; the twin of `_page.py`.
 *
 * It comes from the same package, but another extension can write to the same comm, and a page
 * may have an older version's code.
 */

import type { CommandMessage, KernelMessage } from "./protocol.js";
import type { LogMessage } from "./traits.js";

type Fields = Readonly<Record<string, unknown>>;

/** No line of the log comes near; a longer one is cut. */
const MAX_TEXT = 4096;

const LEVELS: ReadonlySet<unknown> = new Set(["info", "warning", "error"]);

/** For each command what it must carry beside the page and the attempt. */
const COMMANDS: Readonly<Record<CommandMessage["command"], (fields: Fields) => boolean>> = {
  dial: ({ destination, options, ice, pasted_token, asks_key }) =>
    isText(destination) && isObject(options) && isObject(ice) && isFlag(pasted_token) && isFlag(asks_key),
  listen: ({ ice, pasted_token, asks_key }) => isObject(ice) && isFlag(pasted_token) && isFlag(asks_key),
  answer: ({ options }) => isObject(options),
  reject: () => true,
  hangup: ({ reason }) => isText(reason),
  mute: ({ media, muted }) => isMedia(media) && isFlag(muted),
  hold: ({ held }) => isFlag(held),
  digits: ({ digits }) => isText(digits),
  transfer: ({ destination }) => isText(destination),
  device: ({ media, constraints }) => isMedia(media) && (constraints === undefined || isObject(constraints)),
};

/** The message that `content` is, or null where it is none. */
export function readMessage(content: unknown): KernelMessage | null {
  if (!isObject(content)) return null;
  return isMessage(content) ? (content as unknown as KernelMessage) : null;
}

function isMessage(content: Fields): boolean {
  const { kind, page, command, attempt } = content;
  if (kind === "lines") return Array.isArray(content.lines); // each is read by readLine()
  if (!isText(page)) return false;
  switch (kind) {
    case "ping":
      return true;
    case "reply":
      return isWhole(content.id) && (isObject(content.result) || isRefusal(content.error));
    case "credential":
      return isWhole(attempt) && (isCredential(content.result) || isRefusal(content.error));
    case "command":
      return isText(command) && isWhole(attempt) && Object.hasOwn(COMMANDS, command) && COMMANDS[command as CommandMessage["command"]](content);
    default:
      return false;
  }
}

/** The line of the log that `content` is, cut to a length that a page can show, or null. */
export function readLine(content: unknown): LogMessage | null {
  if (!isObject(content)) return null;
  const { index, time, level, text } = content;
  if (!isWhole(index) || !isTime(time) || !LEVELS.has(level) || !isText(text)) return null;
  const cut = text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT - 1)}…` : text;
  return { index, time, level: level as LogMessage["level"], text: cut };
}

function isCredential(result: unknown): boolean {
  return isObject(result) && isText(result.token);
}

function isRefusal(error: unknown): boolean {
  return isObject(error) && isText(error.kind) && isText(error.name) && isText(error.message);
}

function isObject(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isText(value: unknown): value is string {
  return typeof value === "string";
}

function isFlag(value: unknown): value is boolean {
  return typeof value === "boolean";
}

function isWhole(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0; // as the kernel reads the answers
}

/** Unix seconds that a calendar knows. */
function isTime(value: unknown): value is number {
  return typeof value === "number" && value >= 0 && value <= 1e11;
}

function isMedia(value: unknown): boolean {
  return value === "audio" || value === "video";
}
