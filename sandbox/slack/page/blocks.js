/* Block Kit blocks to DOM: docs.slack.dev, reference/block-kit/blocks. */

import { h, icon, safeUrl } from "./dom.js";
import { withEmoji } from "./emoji.js";
import { renderElement, textNodes } from "./elements.js";
import { mrkdwn } from "./mrkdwn.js";
import { richText } from "./richtext.js";

/** Draws blocks for a host (see elements.js); `errors` are texts by block id. */
export function renderBlocks(blocks, host, errors = {}) {
  return h("div", { class: "blocks" }, blocks.map((block) => {
    const draw = DRAW[block.type];
    const node = draw ? draw(block, host, errors[block.block_id])
      : h("p", { class: "unsupported" }, "This content can't be displayed.");
    node.classList.add("block", `block-${block.type}`);
    if (block.block_id) node.dataset.block = block.block_id;
    return node;
  }));
}

function section(block, host) {
  const fields = (block.fields ?? []).map((field) => h("div", { class: "field" }, textNodes(field, host.names)));
  return h("div", {},
    h("div", { class: "section-body" },
      block.text && h("div", { class: "section-text" }, textNodes(block.text, host.names)),
      fields.length > 0 && h("div", { class: "fields" }, fields)),
    block.accessory && h("div", { class: "accessory" }, renderElement(block.accessory, block, host)));
}

const context = (block, host) => h("div", {}, block.elements.map((element) => (element.type === "image"
  ? h("img", { class: "context-image", src: safeUrl(element.image_url) ?? "", alt: element.alt_text ?? "" })
  : h("span", { class: "context-text" }, textNodes(element, host.names)))));

const actions = (block, host) =>
  h("div", {}, block.elements.map((element) => renderElement(element, block, host)));

const header = (block) => h("h3", {}, withEmoji(block.text?.text ?? ""));

function image(block, host) {
  const source = block.image_url ?? block.slack_file?.url;
  return h("figure", {},
    block.title && h("figcaption", {}, textNodes(block.title, host.names)),
    h("img", { src: safeUrl(source ?? "") ?? "", alt: block.alt_text ?? "", loading: "lazy", referrerpolicy: "no-referrer" }));
}

function input(block, host, error) {
  const describe = error ? `error-${block.block_id}` : null;
  const control = renderElement(block.element, block, host);
  if (describe) control.setAttribute("aria-describedby", describe);
  return h("div", { class: error ? "has-error" : "" },
    h("div", { class: "input-label" }, withEmoji(block.label?.text ?? ""),
      block.optional && h("span", { class: "optional" }, " (optional)")),
    control,
    error && h("p", { class: "input-error", id: describe, role: "alert" }, icon("warn"), h("span", {}, error)),
    block.hint && h("p", { class: "input-hint" }, textNodes(block.hint, host.names)));
}

const file = (block) => h("div", { class: "file-card" }, icon("file"), h("span", {}, block.external_id ?? "File"));

const DRAW = {
  section, context, actions, header, image, input, file,
  divider: () => h("hr"),
  rich_text: (block, host) => richText(block, host.names),
  markdown: (block, host) => h("div", {}, mrkdwn((block.text ?? "").replaceAll("**", "*"), host.names)),
};
