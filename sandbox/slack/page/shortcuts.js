/* The app's shortcuts: those of a message in its menu, the global ones beside the composer. */

import { post } from "./api.js";
import { iconButton } from "./dom.js";
import { openMenu, toast } from "./overlay.js";

/** Menu items of a kind ("message" or "global"), told to the app with where it was used. */
export function shortcutItems(store, kind, place = {}) {
  return store.shortcuts.filter(({ type }) => type === kind).map((shortcut) => ({
    label: shortcut.name, detail: store.app.name, icon: "bolt", pick: () => run(store, shortcut, place),
  }));
}

async function run(store, { callback_id: callback, name }, place) {
  const answer = await post("shortcut", { as: store.me, callback_id: callback, ...place });
  if (!answer.ok) toast({ title: name, text: answer.error, tone: "bad" });
}

/** The button for global shortcuts; null when the app has none. */
export function shortcutButton(store) {
  const items = shortcutItems(store, "global");
  if (!items.length) return null;
  const node = iconButton("bolt", "Shortcuts", () => openMenu(node, [{ heading: "Shortcuts" }, ...items], "Shortcuts"), { "aria-haspopup": "menu" });
  return node;
}
