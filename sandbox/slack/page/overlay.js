/* What floats above the page: anchored popovers, menus, pickers, toasts and the
   one-question dialog. Each gives focus back to where it came from. */

import { fill, h, icon } from "./dom.js";

const GAP = 4;

/** Above a modal things must live inside it: a modal dialog covers all the rest. */
const layer = () => [...document.querySelectorAll("dialog[open]")].at(-1) ?? document.body;

function place(box, anchor) {
  const from = anchor.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = box;
  const below = innerHeight - from.bottom - GAP > height || from.top < height + GAP;
  const top = below ? Math.min(from.bottom + GAP, innerHeight - height - GAP) : from.top - height - GAP;
  const left = Math.min(Math.max(GAP, from.left), innerWidth - width - GAP);
  box.style.setProperty("top", `${Math.max(GAP, top)}px`);
  box.style.setProperty("left", `${Math.max(GAP, left)}px`);
}

/** Opens `box` beside `anchor`; Escape, a click outside or `close()` ends it. */
export function popover(anchor, box, onClose = () => {}) {
  const back = document.activeElement;
  const where = anchor.getBoundingClientRect();
  const shown = { getBoundingClientRect: () => (anchor.isConnected ? anchor.getBoundingClientRect() : where) };
  box.classList.add("popover");
  layer().append(box);
  const settle = () => place(box, shown);
  settle();
  anchor.setAttribute("aria-expanded", "true");

  const close = (refocus = true) => {
    if (!box.isConnected) return;
    box.remove();
    anchor.removeAttribute("aria-expanded");
    document.removeEventListener("pointerdown", outside, true);
    removeEventListener("resize", settle);
    if (refocus && back?.isConnected) back.focus({ preventScroll: true });
    onClose();
  };
  const outside = (event) => {
    if (!box.contains(event.target) && !anchor.contains(event.target)) close(false);
  };
  box.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    event.preventDefault();
    event.stopPropagation();
    close();
  });
  document.addEventListener("pointerdown", outside, true);
  addEventListener("resize", settle);
  return { close, settle };
}

/** Arrow keys walk through the items of a menu or list. */
export function arrowKeys(box, selector) {
  box.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    const items = [...box.querySelectorAll(selector)];
    const now = items.indexOf(document.activeElement);
    event.preventDefault();
    items[(now + step + items.length) % items.length]?.focus();
  });
}

/** `items`: {label, detail?, icon?, danger?, checked?, pick()} or {heading}. */
export function openMenu(anchor, items, label) {
  if (anchor.getAttribute("aria-expanded")) return null;
  const box = h("div", { class: "menu", role: "menu", "aria-label": label });
  const pop = popover(anchor, fill(box, items.map((item) => (item.heading
    ? h("div", { class: "menu-heading" }, item.heading)
    : h("button", {
      type: "button", role: "menuitem", class: `menu-item${item.danger ? " danger" : ""}`,
      on: { click: () => { pop.close(); item.pick(); } },
    }, item.icon && icon(item.icon), h("span", { class: "menu-label" }, item.label),
    item.detail && h("span", { class: "menu-detail" }, item.detail),
    item.checked && icon("check"))))));
  pop.settle();
  arrowKeys(box, ".menu-item");
  box.querySelector(".menu-item")?.focus({ preventScroll: true });
  return pop;
}

/** A short message that goes by itself after eight seconds. */
export function toast({ title, text, onClick = null, tone = "plain" }) {
  const stack = document.getElementById("toasts");
  const gone = () => { clearTimeout(timer); box.remove(); };
  const body = [h("strong", {}, title), h("span", {}, text)];
  const box = h("div", { class: `toast ${tone}` },
    onClick ? h("button", { type: "button", class: "toast-body", on: { click: () => { gone(); onClick(); } } }, body)
      : h("div", { class: "toast-body" }, body),
    h("button", { type: "button", class: "icon-button", "aria-label": "Dismiss", on: { click: gone } }, icon("close")));
  const timer = setTimeout(gone, 8000);
  stack.append(box);
  while (stack.children.length > 3) stack.firstElementChild.remove();
}

/** Asks once; resolves true when confirmed. `danger` colours the button. */
export function confirm({ title, text, yes = "Yes", no = "Cancel", danger = false }) {
  return new Promise((resolve) => {
    const answer = (value) => () => { box.returnValue = value; box.close(); };
    const box = h("dialog", { class: "dialog small", "aria-label": title },
      h("header", { class: "dialog-head" }, h("h2", {}, title)),
      h("div", { class: "dialog-body" }, h("p", {}, text)),
      h("footer", { class: "dialog-foot" },
        h("button", { type: "button", class: "button", on: { click: answer("no") } }, no),
        h("button", { type: "button", class: `button ${danger ? "danger-fill" : "primary"}`, on: { click: answer("yes") } }, yes)));
    box.addEventListener("close", () => { box.remove(); resolve(box.returnValue === "yes"); });
    document.body.append(box);
    box.showModal();
    box.querySelector(".dialog-foot .button:last-child").focus();
  });
}
