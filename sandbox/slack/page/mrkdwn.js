/* Slack's mrkdwn, as it arrives (already encoded: `&lt;`, `<@U…>`, `<url|label>`),
   to DOM nodes. Source of the rules: docs.slack.dev, messaging/formatting-message-text.

   Blocks first (``` pre ```, > quote, everything else), then one scan over each
   line of text for `<…>` tokens, `code`, *bold*, _italic_, ~strike~ and :emoji:. */

import { h, link } from "./dom.js";
import { emoji, known, plain } from "./emoji.js";
import { timeNode } from "./time.js";

const STYLES = { "*": "strong", "_": "em", "~": "s" };

export const unescape = (text) =>
  text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");

/** `names` answers user(id), channel(id), group(id): `{label, mine}` or a label; see store.js. */
export function mrkdwn(text, names) {
  return text.split(/```\n?([\s\S]+?)\n?```/g).flatMap((part, index) => {
    if (index % 2) return [h("pre", {}, unescape(part))];
    return part ? paragraphs(index ? part.replace(/^\n/, "") : part, names) : [];
  });
}

function paragraphs(text, names) {
  const groups = [];
  for (const line of text.split("\n")) {
    const quoted = /^(?:&gt;|>) ?/.exec(line);
    const last = groups.at(-1);
    const words = quoted ? line.slice(quoted[0].length) : line;
    if (last && last.quoted === Boolean(quoted)) last.lines.push(words);
    else groups.push({ quoted: Boolean(quoted), lines: [words] });
  }
  return groups.flatMap(({ quoted, lines }) => {
    const nodes = inline(lines.join("\n"), names);
    return quoted ? [h("blockquote", {}, nodes)] : nodes;
  });
}

/** One stretch of text without quotes or ``` blocks. */
export function inline(text, names) {
  const nodes = [];
  let plainFrom = 0;
  let at = 0;
  const flush = () => nodes.push(...plain(unescape(text.slice(plainFrom, at))));
  while (at < text.length) {
    const hit = readToken(text, at, names);
    if (!hit) { at += 1; continue; }
    flush();
    nodes.push(...hit.nodes);
    at = plainFrom = hit.end;
  }
  flush();
  return nodes;
}

function readToken(text, at, names) {
  const char = text[at];
  if (char === "<") return readAngle(text, at, names);
  if (char === "`") return readCode(text, at);
  if (char === ":") return readEmoji(text, at);
  return STYLES[char] ? readStyle(text, at, names) : null;
}

function readAngle(text, at, names) {
  const end = text.indexOf(">", at);
  const body = end > at + 1 ? text.slice(at + 1, end) : "";
  if (!body || body.includes("\n") || body.includes("<")) return null;
  return { end: end + 1, nodes: [angle(body, names)] };
}

function readCode(text, at) {
  const end = text.indexOf("`", at + 1);
  if (end <= at + 1 || text.slice(at, end).includes("\n")) return null;
  return { end: end + 1, nodes: [h("code", {}, unescape(text.slice(at + 1, end)))] };
}

function readEmoji(text, at) {
  const match = /^:([a-z0-9_+'-]+(?:::[a-z0-9-]+)?):/.exec(text.slice(at, at + 80));
  return match && known(match[1]) ? { end: at + match[0].length, nodes: [emoji(match[1])] } : null;
}

/** Slack wants a mark to stand at a word's edge on both sides and to close on the same line. */
function readStyle(text, at, names) {
  const mark = text[at];
  if (isWord(text[at - 1]) || /\s|^$/.test(text[at + 1] ?? "")) return null;
  for (let end = text.indexOf(mark, at + 2); end > 0; end = text.indexOf(mark, end + 1)) {
    const inner = text.slice(at + 1, end);
    if (inner.includes("\n")) return null;
    if (/\s$/.test(inner) || isWord(text[end + 1]) || insideAngle(inner)) continue;
    return { end: end + 1, nodes: [h(STYLES[mark], {}, inline(inner, names))] };
  }
  return null;
}

const isWord = (char) => char !== undefined && /[\p{L}\p{N}]/u.test(char);
const insideAngle = (inner) => inner.lastIndexOf("<") > inner.lastIndexOf(">");

/** The inside of `<…>`: mention, channel, special word, date or link. */
function angle(body, names) {
  const bar = body.indexOf("|");
  const target = bar < 0 ? body : body.slice(0, bar);
  const label = bar < 0 ? "" : unescape(body.slice(bar + 1));
  if (target[0] === "@") return userMention(target.slice(1), names, label);
  if (target[0] === "#") return channelMention(target.slice(1), names, label);
  if (target[0] === "!") return special(target.slice(1), label, names);
  const address = unescape(target);
  return link(address, label ? inline(label, names) : address.replace(/^mailto:/, ""));
}

function special(target, label, names) {
  const [name, ...rest] = target.split("^");
  if (name === "subteam") return groupMention(rest[0], names, label);
  if (name === "date") return dateNode(rest, label);
  return broadcastMention(name, label);
}

function dateNode([at, format, address], fallback) {
  return Number.isFinite(Number(at)) && format ? timeNode(Number(at), format, address) : h("span", {}, fallback);
}

export function userMention(id, names, label = "") {
  const { name, mine } = names.user(id);
  return h("span", { class: `mention${mine ? " mine" : ""}` }, `@${name ?? label ?? "someone"}`);
}

export function channelMention(id, names, label = "") {
  const name = names.channel(id) ?? label;
  return h("span", { class: "mention" }, name ? `#${name}` : "#private-channel");
}

export function groupMention(id, names, label = "") {
  return h("span", { class: "mention mine" }, `@${names.group(id) ?? (label.replace(/^@/, "") || "group")}`);
}

export const broadcastMention = (range, label = "") =>
  h("span", { class: "mention mine" }, `@${(label || range).replace(/^@/, "")}`);
