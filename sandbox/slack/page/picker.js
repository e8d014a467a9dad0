/* A searchable list: select menus, people pickers and the emoji grid. */

import { fill, h, icon } from "./dom.js";
import { emoji, pickable, withEmoji } from "./emoji.js";
import { arrowKeys, popover } from "./overlay.js";

const PAUSE = 180;

/**
 * Opens a list of options under `anchor`.
 * `load(query)` → groups `[{label?, options: [{key, label, detail?, picture?, option}]}]`
 * (or a promise of them); `hint(query)` → text instead of a list, or null.
 */
export function openPicker(anchor, { load, hint = () => null, chosen = [], onPick, placeholder = "Find…" }) {
  if (anchor.getAttribute("aria-expanded")) return;
  const input = h("input", { class: "picker-input", type: "text", placeholder, "aria-label": placeholder, autocomplete: "off" });
  const listing = h("div", { class: "picker-list", role: "listbox" });
  const box = h("div", { class: "picker" }, h("div", { class: "picker-search" }, icon("search"), input), listing);
  const pop = popover(anchor, box);
  const run = { number: 0, timer: 0 };
  const pick = (entry) => { pop.close(); onPick(entry.option); };

  const show = async () => {
    const mine = (run.number += 1);
    const told = hint(input.value);
    const groups = told ? [] : await load(input.value);
    if (mine !== run.number || !box.isConnected) return;
    const rows = groups.flatMap((group) => groupRows(group, chosen, pick));
    fill(listing, rows.length ? rows : h("div", { class: "picker-none" }, told ?? "Nothing found"));
    pop.settle();
  };
  input.addEventListener("input", () => {
    clearTimeout(run.timer);
    run.timer = setTimeout(show, PAUSE);
  });
  input.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    listing.querySelector(".picker-option")?.click();
  });
  arrowKeys(box, ".picker-input, .picker-option");
  show();
  input.focus({ preventScroll: true });
}

function groupRows({ label, options }, chosen, pick) {
  if (!options.length) return [];
  const rows = options.map((entry) => h("button", {
    type: "button", class: "picker-option", role: "option", "aria-selected": String(chosen.includes(entry.key)),
    on: { click: () => pick(entry) },
  }, entry.picture, h("span", { class: "picker-label" }, withEmoji(entry.label)),
  entry.detail && h("span", { class: "picker-detail" }, withEmoji(entry.detail)),
  chosen.includes(entry.key) && icon("check")));
  return label ? [h("div", { class: "menu-heading" }, label), ...rows] : rows;
}

/** Case and accents do not matter when searching. */
export function fold(text) {
  return text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
}

export function openEmoji(anchor, onPick) {
  if (anchor.getAttribute("aria-expanded")) return;
  const grid = h("div", { class: "emoji-grid" });
  const input = h("input", { class: "picker-input", type: "text", placeholder: "Search emoji", "aria-label": "Search emoji" });
  const box = h("div", { class: "picker emoji-picker" }, h("div", { class: "picker-search" }, icon("search"), input), grid);
  const pop = popover(anchor, box);
  const cell = (name) => h("button", {
    type: "button", class: "emoji-cell", "aria-label": name.replaceAll("_", " "), title: `:${name}:`,
    on: { click: () => { pop.close(); onPick(name); } },
  }, emoji(name));
  const show = () => {
    const sections = pickable(fold(input.value).replaceAll(":", "").trim().replaceAll(" ", "_"));
    fill(grid, sections.length ? sections.flatMap(({ name, names }) => [h("h3", {}, name), ...names.map(cell)])
      : h("div", { class: "picker-none" }, "No such emoji"));
    pop.settle();
  };
  input.addEventListener("input", show);
  input.addEventListener("keydown", (event) => {
    if (event.key === "Enter") grid.querySelector(".emoji-cell")?.click();
  });
  show();
  input.focus({ preventScroll: true });
}
