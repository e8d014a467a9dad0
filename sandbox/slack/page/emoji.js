/* Emoji by Slack's short names. The workspace tells the names. Those in DRAWN have
   a picture of ours in emoji/, so that the usual marks look the same on every
   machine, also where no emoji font is installed; the others are left to the
   system's font, and are only offered where there is one. */

import { get } from "./api.js";
import { h } from "./dom.js";

const DRAWN = new Set(["white_check_mark", "lock", "raised_hand", "warning", "eye", "eyes", "+1", "-1", "tada",
  "heart", "star", "hourglass", "bell", "bust_in_silhouette", "robot_face", "speech_balloon", "memo", "package",
  "x", "zzz", "alarm_clock", "fire", "smile", "slightly_smiling_face", "joy", "cry", "thinking_face", "wave",
  "rocket", "large_green_circle", "red_circle", "large_yellow_circle", "large_orange_circle", "large_blue_circle",
  "large_purple_circle", "large_brown_circle", "white_circle", "black_circle", "truck", "mag", "paperclip",
  "email", "bulb", "no_entry", "pushpin", "label", "zap", "sparkles", "telephone", "unlock", "information_source",
  "leftwards_arrow_with_hook", "double_vertical_bar", "arrow_forward", "crescent_moon", "rotating_light",
  "question", "exclamation", "inbox_tray", "sunny", "busts_in_silhouette"]);

const FREQUENT = ["white_check_mark", "+1", "-1", "eyes", "heart", "tada", "smile", "slightly_smiling_face", "joy",
  "cry", "thinking_face", "wave", "raised_hand", "warning", "lock", "fire", "rocket", "star", "sparkles",
  "zap", "bulb", "package", "truck", "memo", "bell", "hourglass", "alarm_clock", "pushpin", "mag",
  "speech_balloon", "question", "exclamation", "x", "no_entry", "large_green_circle", "large_yellow_circle",
  "red_circle", "large_blue_circle"];

const bare = (char) => char.replaceAll("\uFE0F", "");
const ALIASES = { hand: "raised_hand", thumbsup: "+1", thumbsdown: "-1", hourglass_flowing_sand: "hourglass", phone: "telephone", envelope: "email" };
const table = { names: new Map(), groups: [], drawnByChar: new Map(), chars: /(?!)/u, colours: false };

/** Reads the names once; false while the workspace is silent. */
export async function loadEmoji() {
  if (table.groups.length) return true;
  const { groups } = await get("emoji");
  if (!groups) return false;
  table.groups = groups.map(({ name, emoji: pairs }) => ({ name, names: pairs.map(([one]) => one) }));
  table.names = new Map(groups.flatMap((group) => group.emoji));
  table.drawnByChar = new Map([...DRAWN].map((name) => [bare(table.names.get(name)), name])
    .concat([["\u23F3", "hourglass"], ["\u270B", "raised_hand"]]));
  table.chars = new RegExp(`(${[...table.drawnByChar.keys()].join("|")})\uFE0F?`, "u");
  table.colours = hasEmojiFont();
  return true;
}

/** A box for a missing glyph has no colours; a face has. */
function hasEmojiFont() {
  const pen = Object.assign(document.createElement("canvas"), { width: 20, height: 20 }).getContext("2d", { willReadFrequently: true });
  pen.font = "16px sans-serif";
  pen.fillText("\u{1F600}", 0, 16);
  const { data } = pen.getImageData(0, 0, 20, 20);
  for (let at = 0; at < data.length; at += 4) if (Math.max(data[at], data[at + 1], data[at + 2]) - Math.min(data[at], data[at + 1], data[at + 2]) > 24) return true;
  return false;
}

const canShow = (name) => table.colours || DRAWN.has(ALIASES[name] ?? name);

/** What the picker offers for a query: sections of names; all of them for an empty one. */
export function pickable(query) {
  const sections = [{ name: "Frequently used", names: FREQUENT }, ...table.groups];
  if (!query) return sections.map(({ name, names }) => ({ name, names: names.filter(canShow) })).filter(({ names }) => names.length);
  const found = search(query, 160);
  return found.length ? [{ name: "Found", names: found }] : [];
}

export const known = (name) => table.names.has(name.split("::")[0]);

/** Names that begin with the text, then those that contain it. */
export function search(text, most = 8) {
  const names = [...table.names.keys()].filter(canShow);
  const first = names.filter((name) => name.startsWith(text));
  return [...first, ...names.filter((name) => !name.startsWith(text) && name.includes(text))].slice(0, most);
}

function picture(name, label) {
  const file = name.replace("+1", "thumbs_up").replace("-1", "thumbs_down");
  return h("img", {
    class: "emoji", src: new URL(`emoji/${file}.svg`, import.meta.url).pathname, alt: label, draggable: "false",
    title: `:${name}:`,
  });
}

/** `:name:` as a node. A name nobody knows is shown in colons, as Slack does. */
export function emoji(fullName) {
  const [typed] = fullName.split("::");
  const name = ALIASES[typed] ?? typed;
  const char = table.names.get(name);
  if (!char) return document.createTextNode(`:${fullName}:`);
  return DRAWN.has(name) ? picture(name, char) : h("span", { class: "emoji-char", title: `:${name}:` }, char);
}

/** Plain text as nodes: line breaks, and the emoji characters we have drawn. */
export function plain(text) {
  const nodes = [];
  text.split("\n").forEach((line, index) => {
    if (index) nodes.push(h("br"));
    let rest = line;
    for (let hit = table.chars.exec(rest); hit; hit = table.chars.exec(rest)) {
      if (hit.index) nodes.push(document.createTextNode(rest.slice(0, hit.index)));
      nodes.push(picture(table.drawnByChar.get(bare(hit[1])), hit[1]));
      rest = rest.slice(hit.index + hit[0].length);
    }
    if (rest) nodes.push(document.createTextNode(rest));
  });
  return nodes;
}

/** Plain text in which `:name:` counts too (Slack's `plain_text` with `emoji: true`). */
export function withEmoji(text) {
  return text.split(/(:[a-z0-9_+'-]+:)/g).flatMap((part) => {
    const name = part.length > 2 && part.startsWith(":") && part.endsWith(":") ? part.slice(1, -1) : null;
    return name && known(name) ? [emoji(name)] : plain(part);
  });
}
