/* Building DOM nodes. Data only ever becomes text nodes, attributes and
   properties; nothing here parses markup. */

const SVG = "http://www.w3.org/2000/svg";

/** An element with attributes, listeners and children. `null` and `false` children are left out. */
export function h(tag, props = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) assign(element, name, value);
  element.append(...flat(children));
  return element;
}

function assign(element, name, value) {
  if (value === null || value === undefined || value === false) return;
  if (name === "on") {
    for (const [type, listener] of Object.entries(value)) element.addEventListener(type, listener);
  } else if (name === "data") Object.assign(element.dataset, value);
  else if (name === "vars") {
    for (const [key, text] of Object.entries(value)) element.style.setProperty(key, text);
  } else if (name === "value" || name === "checked" || name === "disabled") element[name] = value;
  else element.setAttribute(name, value === true ? "" : String(value));
}

function flat(children) {
  return children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false);
}

/** Replaces all children at once, so that nothing is painted in between. */
export function fill(element, ...children) {
  element.replaceChildren(...flat(children));
  return element;
}

const ICONS = {
  hash: "M9 3 7 21M17 3l-2 18M4 9h17M3 15h17",
  lock: "M6 11h12v9H6zM8.5 11V8a3.5 3.5 0 0 1 7 0v3",
  home: "M4 11 12 4l8 7v9h-5v-6H9v6H4z",
  reply: "M4 5h16v11H11l-5 4v-4H4z",
  more: "M5 12h.01M12 12h.01M19 12h.01",
  smile: "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18ZM8.5 14.5c1.8 2.2 5.2 2.2 7 0M9 9.5h.01M15 9.5h.01",
  close: "M6 6l12 12M18 6 6 18",
  send: "M4 12 3 4l18 8-18 8 1-8Zm0 0h8",
  plus: "M12 5v14M5 12h14",
  at: "M15.5 12a3.5 3.5 0 1 1-7 0 3.5 3.5 0 0 1 7 0Zm0 0v1.5a2.5 2.5 0 0 0 5 0V12A8.5 8.5 0 1 0 17 18.9",
  caret: "M7 10l5 5 5-5",
  down: "M12 5v14M6 13l6 6 6-6",
  menu: "M4 7h16M4 12h16M4 17h16",
  eye: "M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12ZM12 15a3 3 0 1 0 0-6 3 3 0 0 0 0 6Z",
  file: "M6 3h8l4 4v14H6zM14 3v4h4",
  pencil: "M4 20l1-4L16 5l3 3L8 19zM14 7l3 3",
  trash: "M5 7h14M9 7V4h6v3M7 7l1 13h8l1-13",
  link: "M10 14a4 4 0 0 0 6 0l3-3a4 4 0 0 0-6-6l-1 1M14 10a4 4 0 0 0-6 0l-3 3a4 4 0 0 0 6 6l1-1",
  archive: "M3 5h18v4H3zM5 9v10h14V9M10 13h4",
  bolt: "M13 3 5 14h6l-1 7 8-11h-6z",
  warn: "M12 4 2.5 20h19zM12 10v4M12 17h.01",
  check: "M5 12.5 10 17.5 19 7",
  back: "M15 5l-7 7 7 7",
  search: "M11 18a7 7 0 1 0 0-14 7 7 0 0 0 0 14ZM16 16l5 5",
  bold: "M7 5h6a3.5 3.5 0 0 1 0 7H7zM7 12h7a3.5 3.5 0 0 1 0 7H7z",
  italic: "M10 5h8M6 19h8M14 5l-4 14",
  strike: "M4 12h16M17 7c-1-3-9-3-9 1 0 2 2 3 4 4M7 17c1 3 10 3 10-1",
  code: "M8 7l-5 5 5 5M16 7l5 5-5 5",
};

/** A line icon of our own drawing, 24 units wide, in the current colour. */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", ICONS[name]);
  svg.append(path);
  return svg;
}

/** A button that shows only an icon; `label` is what a screen reader and the tooltip say. */
export function iconButton(name, label, onClick, extra = {}) {
  const { class: more = "", ...rest } = extra;
  return h("button", {
    type: "button", class: `icon-button ${more}`, "aria-label": label, title: label,
    on: { click: onClick }, ...rest,
  }, icon(name));
}

/** Only these addresses become links; anything else is shown as text. */
export function safeUrl(address) {
  let url;
  try {
    url = new URL(address, document.baseURI);
  } catch (error) {
    if (error instanceof TypeError) return null;
    throw error;
  }
  return ["http:", "https:", "mailto:", "tel:"].includes(url.protocol) ? url.href : null;
}

export function link(address, ...children) {
  const href = safeUrl(address);
  if (!href) return h("span", {}, ...children);
  return h("a", { href, target: "_blank", rel: "noopener noreferrer" }, ...children);
}

/** A stable number from a text, for colours that do not change between visits. */
export function hash(text) {
  let sum = 7;
  for (const letter of text) sum = (sum * 31 + letter.codePointAt(0)) % 1000003;
  return sum;
}
