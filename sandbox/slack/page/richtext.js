/* The `rich_text` block: sections, lists, quotes and preformatted text made of
   typed elements. Nothing in it is markup; every text is shown as it is.
   docs.slack.dev, reference/block-kit/blocks/rich-text-block. */

import { h, link } from "./dom.js";
import { emoji, plain } from "./emoji.js";
import { broadcastMention, channelMention, groupMention, userMention } from "./mrkdwn.js";
import { timeNode } from "./time.js";

const STYLE_TAGS = { bold: "strong", italic: "em", strike: "s", code: "code", underline: "u", highlight: "mark" };

export function richText(block, names) {
  return h("div", { class: "rich-text" }, lists(block.elements ?? [], names));
}

/** Sub-blocks; consecutive lists of deeper indent are shown inside the one before. */
function lists(elements, names) {
  return elements.map((element) => {
    const inner = element.elements ?? [];
    if (element.type === "rich_text_list") return list(element, names);
    if (element.type === "rich_text_quote") return h("blockquote", {}, inline(inner, names));
    if (element.type === "rich_text_preformatted") return h("pre", {}, inline(inner, names));
    return h("div", { class: "rich-section" }, inline(inner, names));
  });
}

function list(element, names) {
  const ordered = element.style === "ordered";
  const start = ordered && element.offset ? element.offset + 1 : null;
  return h(ordered ? "ol" : "ul", { start, class: `indent-${Math.min(element.indent ?? 0, 6)}` },
    (element.elements ?? []).map((item) => h("li", {}, inline(item.elements ?? [], names))));
}

const inline = (elements, names) => elements.map((element) => styled(element, names));

function styled(element, names) {
  const node = RENDER[element.type]?.(element, names) ?? document.createTextNode(element.text ?? "");
  return Object.entries(element.style ?? {}).reduce((inner, [style, on]) =>
    (on && STYLE_TAGS[style] ? h(STYLE_TAGS[style], {}, inner) : inner), node);
}

const RENDER = {
  text: (element) => h("span", {}, plain(element.text)),
  link: (element) => link(element.url, plain(element.text || element.url)),
  emoji: (element) => emoji(element.name),
  user: (element, names) => userMention(element.user_id, names),
  channel: (element, names) => channelMention(element.channel_id, names),
  usergroup: (element, names) => groupMention(element.usergroup_id, names),
  broadcast: (element) => broadcastMention(element.range),
  date: (element) => timeNode(Number(element.timestamp), element.format, element.url),
  color: (element) => h("span", { class: "swatch", vars: { "--swatch": element.value } }, element.value),
};
