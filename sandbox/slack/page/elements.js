/* Interactive Block Kit elements. Each is drawn from its JSON and reports to a
   host: `host.changed(block, element, value, node)` for what holds a value,
   `host.act(block, element, action, node)` for buttons and overflow menus. */

import { fill, h, icon, safeUrl } from "./dom.js";
import { withEmoji } from "./emoji.js";
import { mrkdwn } from "./mrkdwn.js";
import { openMenu } from "./overlay.js";
import { fold, openPicker } from "./picker.js";
import { toLocalInput } from "./time.js";

/** A text object as nodes: mrkdwn is parsed, plain_text only knows emoji. */
export function textNodes(text, names) {
  if (!text) return [];
  if (text.type === "mrkdwn") return mrkdwn(text.text, names);
  return text.emoji === false ? [document.createTextNode(text.text)] : withEmoji(text.text);
}

const words = (text) => text?.text ?? "";

export function renderElement(element, block, host) {
  const draw = DRAW[element.type];
  return draw ? draw(element, block, host) : h("span", { class: "unsupported" }, "This control can't be shown here.");
}

function button(element, block, host) {
  const style = { primary: "primary", danger: "danger" }[element.style] ?? "";
  const node = h("button", {
    type: "button", class: `button ${style}`, "aria-label": element.accessibility_label,
    data: { action: element.action_id ?? "" },
    on: {
      click: () => {
        const href = element.url && safeUrl(element.url);
        if (href) open(href, "_blank", "noopener");
        host.act(block, element, { type: "button", text: element.text, value: element.value }, node);
      },
    },
  }, textNodes(element.text, host.names));
  return node;
}

function overflow(element, block, host) {
  const node = h("button", {
    type: "button", class: "button overflow", "aria-label": "More options", "aria-haspopup": "menu",
    data: { action: element.action_id ?? "" },
    on: {
      click: () => openMenu(node, element.options.map((option) => ({
        label: words(option.text),
        pick: () => host.act(block, element, { type: "overflow", selected_option: option }, node),
      })), "More options"),
    },
  }, icon("more"));
  return node;
}

/* ---- select menus -------------------------------------------------------- */

const entryOf = (option) => ({
  key: option.value, label: words(option.text), detail: words(option.description), option,
});

function filtered(groups, query) {
  const wanted = fold(query);
  return groups.map(({ label, options }) => ({
    label, options: options.filter((entry) => fold(entry.label).includes(wanted)),
  }));
}

function groupsOf({ options, option_groups: groups }) {
  if (groups) return groups.map((group) => ({ label: words(group.label), options: group.options.map(entryOf) }));
  return [{ options: (options ?? []).map(entryOf) }];
}

/** Where a select's entries come from, by the kind of select. */
const SOURCES = {
  static: (element) => ({ load: (query) => filtered(groupsOf(element), query) }),
  external: (element, block, host) => ({
    load: async (query) => groupsOf(await host.options(block, element, query)),
    hint: (query) => (query.length < (element.min_query_length ?? 3)
      ? `Type ${(element.min_query_length ?? 3) - query.length} more…` : null),
  }),
  users: (element, block, host) => ({ load: (query) => filtered([{ options: host.people() }], query) }),
  channels: (element, block, host) => ({ load: (query) => filtered([{ options: host.places() }], query) }),
  conversations: (element, block, host) => ({ load: (query) => filtered([{ options: host.places() }], query) }),
};

const sourceOf = (element) => element.type.replace("multi_", "").replace("_select", "");

/** The label of a chosen value: an option object, or an id of a person or channel. */
function labelOf(value, host) {
  if (typeof value === "object") return words(value.text);
  return [...host.people(), ...host.places()].find((entry) => entry.key === value)?.label ?? "Unknown";
}

const keyOf = (value) => (typeof value === "object" && value ? value.value : value);

function select(element, block, host) {
  const node = h("button", {
    type: "button", class: "select", "aria-haspopup": "listbox", data: { action: element.action_id ?? "" },
  });
  const draw = () => {
    const value = host.form.get(block, element);
    fill(node, h("span", { class: value ? "select-value" : "select-placeholder" },
      withEmoji(value ? labelOf(value, host) : words(element.placeholder) || "Choose an option")), icon("caret"));
  };
  node.addEventListener("click", () => openPicker(node, {
    ...SOURCES[sourceOf(element)](element, block, host),
    chosen: [keyOf(host.form.get(block, element))],
    onPick: (option) => { host.changed(block, element, option, node); draw(); },
  }));
  draw();
  return node;
}

function multiSelect(element, block, host) {
  const chips = h("span", { class: "chips" });
  const add = h("button", { type: "button", class: "select", data: { action: element.action_id ?? "" } });
  const value = () => host.form.get(block, element);
  const change = (next) => { host.changed(block, element, next, add); draw(); };
  const draw = () => {
    fill(chips, value().map((one) => h("span", { class: "chip" }, withEmoji(labelOf(one, host)),
      h("button", {
        type: "button", class: "chip-remove", "aria-label": `Remove ${labelOf(one, host)}`,
        on: { click: () => change(value().filter((other) => keyOf(other) !== keyOf(one))) },
      }, icon("close")))));
    fill(add, h("span", { class: "select-placeholder" }, words(element.placeholder) || "Choose options"), icon("caret"));
  };
  add.addEventListener("click", () => openPicker(add, {
    ...SOURCES[sourceOf(element)](element, block, host),
    chosen: value().map(keyOf),
    onPick: (option) => {
      const rest = value().filter((other) => keyOf(other) !== keyOf(option));
      const full = element.max_selected_items && rest.length >= element.max_selected_items;
      change(rest.length < value().length || full ? rest : [...rest, option]);
    },
  }));
  draw();
  return h("div", { class: "multi-select" }, chips, add);
}

/* ---- choices, dates and text --------------------------------------------- */

function choices(kind, element, block, host) {
  const group = `${block.block_id}-${element.action_id}`;
  const chosen = () => [host.form.get(block, element)].flat().filter(Boolean).map(keyOf);
  const start = chosen();
  const box = h("div", { class: "choices", role: kind === "radio" ? "radiogroup" : "group" });
  const change = () => {
    const picked = element.options.filter((option, index) => box.querySelectorAll("input")[index].checked);
    host.changed(block, element, kind === "radio" ? picked[0] ?? null : picked, box);
  };
  return fill(box, element.options.map((option) => h("label", { class: "choice" },
    h("input", { type: kind, name: group, checked: start.includes(option.value), on: { change } }),
    h("span", {}, textNodes(option.text, host.names),
      option.description && h("small", {}, textNodes(option.description, host.names))))));
}

/** Native pickers; `read` and `show` convert between the input's text and Slack's value. */
function picker(type, show, read) {
  return (element, block, host) => {
    const value = host.form.get(block, element);
    const node = h("input", {
      type, class: "text-input", value: value === null ? "" : show(value),
      on: { change: () => host.changed(block, element, node.value ? read(node.value) : null, node) },
    });
    return node;
  };
}

const same = (value) => value;
const fromLocal = (text) => Math.floor(new Date(text).getTime() / 1000);

function textInput(element, block, host) {
  const props = {
    class: "text-input", placeholder: words(element.placeholder) || null, maxlength: element.max_length,
    value: host.form.get(block, element) ?? "", "aria-label": words(block.label), autocomplete: "off",
  };
  const node = element.multiline ? h("textarea", { ...props, rows: "5" })
    : h("input", { ...props, type: { email_text_input: "email", url_text_input: "url" }[element.type] ?? "text" });
  node.addEventListener("input", () => host.form.set(block, element, node.value || null));
  node.addEventListener("change", () => host.changed(block, element, node.value || null, node));
  return node;
}

const image = (element) => h("img", {
  class: "element-image", src: safeUrl(element.image_url) ?? "", alt: element.alt_text ?? "", referrerpolicy: "no-referrer",
});

const DRAW = {
  button, overflow, image,
  static_select: select, external_select: select, users_select: select, channels_select: select,
  conversations_select: select,
  multi_static_select: multiSelect, multi_external_select: multiSelect, multi_users_select: multiSelect,
  multi_channels_select: multiSelect, multi_conversations_select: multiSelect,
  radio_buttons: (element, block, host) => choices("radio", element, block, host),
  checkboxes: (element, block, host) => choices("checkbox", element, block, host),
  datepicker: picker("date", same, same),
  timepicker: picker("time", same, same),
  datetimepicker: picker("datetime-local", toLocalInput, fromLocal),
  plain_text_input: textInput, email_text_input: textInput, url_text_input: textInput, number_input: textInput,
};

