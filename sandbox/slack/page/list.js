/* A list of messages that follows its data without stealing the scroll.

   Nodes are kept by ts and redrawn only when what they show has changed. At the
   bottom the list stays at the bottom; elsewhere it stays where the reader is,
   and new messages are announced by a button. */

import { h, icon } from "./dom.js";
import { renderMessage } from "./message.js";
import { threadKey } from "./store.js";
import { dayLabel, dayOf, seconds } from "./time.js";

const NEAR = 60;
const GROUPED_WITHIN = 300;

/** `view` as in message.js; `before` is a node shown above the first message. */
export function createList(view, { before = null, separator = () => null, label } = {}) {
  const inner = h("div", { class: "messages-inner" });
  const box = h("div", { class: "messages", role: "log", "aria-label": label, tabindex: "0" }, before, inner);
  const jump = h("button", { type: "button", class: "jump", hidden: true, on: { click: () => toBottom(true) } }, "New messages", icon("down"));
  const drawn = new Map();
  const state = { sticks: true, editing: null };

  const toBottom = (smooth = false) => {
    box.scrollTo({ top: box.scrollHeight, behavior: smooth ? "smooth" : "instant" });
    state.sticks = true;
    jump.hidden = true;
  };
  box.addEventListener("scroll", () => {
    state.sticks = box.scrollHeight - box.scrollTop - box.clientHeight < NEAR;
    if (state.sticks) jump.hidden = true;
  }, { passive: true });
  // Pictures that load and a composer that grows must not push the newest message out of sight.
  const watcher = new ResizeObserver(() => { if (state.sticks) toBottom(); });
  watcher.observe(box);
  watcher.observe(inner);

  const nodeFor = (key, signature, draw) => {
    const old = drawn.get(key);
    if (old?.signature === signature) return old.node;
    const node = draw();
    if (old?.node.isConnected) swap(old.node, node);
    drawn.set(key, { signature, node });
    return node;
  };
  const setEditing = (ts) => { state.editing = ts; sync(state.messages); };

  /** Everything the list should hold now, in order: [key, signature, draw]. */
  const wanted = (messages) => messages.flatMap((message, index) => {
    const previous = messages[index - 1];
    const newDay = !previous || dayOf(previous.ts) !== dayOf(message.ts);
    const line = separator(message, index, messages);
    const compact = !newDay && !line && groups(previous, message);
    const own = { ...view, compact, editing: state.editing, setEditing };
    const fresh = view.store.freshThreads.has(threadKey(message.channel, message.ts));
    const signature = JSON.stringify([message, compact, fresh, state.editing === message.ts]);
    return [
      newDay && !view.inThread && [`day-${message.ts}`, dayLabel(message.ts), () => divider(dayLabel(message.ts))],
      line && [`line-${message.ts}`, line, () => divider(line, "replies")],
      [message.ts, signature, () => renderMessage(message, own)],
    ].filter(Boolean);
  });

  function sync(messages) {
    state.messages = messages;
    const keep = new Set();
    let at = inner.firstChild;
    for (const [key, signature, draw] of wanted(messages)) {
      const held = drawn.get(key)?.node;
      const node = nodeFor(key, signature, draw);
      if (held === at && held !== node) at = node;
      keep.add(key);
      if (node === at) at = at.nextSibling;
      else inner.insertBefore(node, at);
    }
    for (const [key, { node }] of drawn) {
      if (!keep.has(key)) { node.remove(); drawn.delete(key); }
    }
    if (state.sticks) toBottom();
  }

  return {
    el: h("div", { class: "messages-frame" }, box, jump), box, sync, toBottom, setEditing,
    announce: () => { if (!state.sticks) jump.hidden = false; },
    close: () => watcher.disconnect(),
  };
}

/** Puts the new node where the old one was; the keyboard stays on the same control. */
function swap(old, node) {
  const focused = old.contains(document.activeElement) ? document.activeElement.dataset.action : null;
  old.replaceWith(node);
  if (focused) node.querySelector(`[data-action="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
}

const divider = (text, kind = "day") => h("div", { class: `divider ${kind}`, role: "separator" }, h("span", {}, text));

/** Slack groups what one author says within five minutes; a thread's root stands for itself. */
function groups(previous, message) {
  return previous.username === message.username && previous.user === message.user
    && previous.ephemeral === message.ephemeral && !message.ephemeral
    && !previous.reply_count && !message.reply_count && !previous.deleted && previous.subtype !== "tombstone" && message.subtype !== "tombstone"
    && seconds(message.ts) - seconds(previous.ts) < GROUPED_WITHIN;
}
