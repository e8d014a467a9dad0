/* One message: author, text or blocks, files, reactions, thread line, toolbar. */

import { post } from "./api.js";
import { avatar } from "./avatar.js";
import { renderBlocks } from "./blocks.js";
import { fill, h, icon, iconButton, safeUrl } from "./dom.js";
import { emoji } from "./emoji.js";
import { createForm } from "./form.js";
import { createHost } from "./host.js";
import { mrkdwn, unescape } from "./mrkdwn.js";
import { confirm, openMenu, toast } from "./overlay.js";
import { openEmoji } from "./picker.js";
import { namesMe } from "./reading.js";
import { shortcutItems } from "./shortcuts.js";
import { threadKey } from "./store.js";
import { clock, seconds, timeNode } from "./time.js";

const QUICK = ["white_check_mark", "eyes"];

/** `view`: {store, forms, inThread, compact, openThread(channel, ts), editing, setEditing(ts)}. */
export function renderMessage(message, view) {
  const { store } = view;
  const node = h("article", {
    class: classes(message, view), data: { ts: message.ts }, "aria-label": `${message.username}, ${clock(dateOf(message))}`,
  });
  if (message.subtype === "tombstone" || message.deleted) return fill(node, gutter(message, view), tombstone(message, view));
  const mine = message.user === store.me && !message.bot_id;
  const body = view.editing === message.ts ? editor(message, view) : content(message, view, node);
  return fill(node, gutter(message, view),
    h("div", { class: "message-main" },
      message.ephemeral && h("div", { class: "only-you" }, icon("eye"), "Only visible to you"),
      !view.compact && head(message, store), body,
      files(message), reactions(message, store), !view.inThread && threadLine(message, view)),
    !message.ephemeral && view.editing !== message.ts && toolbar(message, view, mine));
}

const dateOf = (message) => new Date(seconds(message.ts) * 1000);

function classes(message, view) {
  const mentioned = message.user !== view.store.me && namesMe(view.store, message);
  return ["message", view.compact && "compact", message.ephemeral && "ephemeral", mentioned && "mentions-me"]
    .filter(Boolean).join(" ");
}

function gutter(message, view) {
  if (view.compact) return h("div", { class: "gutter" }, h("span", { class: "side-time" }, clock(dateOf(message))));
  return h("div", { class: "gutter" },
    avatar({ name: message.username ?? "?", url: message.avatar, iconEmoji: message.icon_emoji }));
}

function head(message, store) {
  const author = store.users.get(message.user);
  const app = Boolean(message.bot_id);
  return h("div", { class: "message-head" },
    h("strong", { class: "author" }, message.username),
    app && h("span", { class: "app-tag" }, "APP"),
    author?.is_guest && h("span", { class: "app-tag" }, "GUEST"),
    h("span", { class: "message-time", title: dateOf(message).toLocaleString() }, clock(dateOf(message))));
}

function tombstone(message, view) {
  return h("div", { class: "message-main" }, h("p", { class: "removed" }, icon("trash"), "This message was deleted."),
    !view.inThread && threadLine(message, view));
}

/** "Ana has joined": the name is above already. */
const told = (message) => h("div", { class: "text told" }, unescape(message.text.replace(/^<@\w+> /, "")));

function content(message, view, node) {
  if (/^channel_/.test(message.subtype ?? "")) return told(message);
  if (message.blocks?.length) return blocksOf(message, view, node);
  return h("div", { class: "text" }, mrkdwn(message.text ?? "", view.store.names),
    message.edited && h("span", { class: "edited" }, " (edited)"));
}

/** Entered values outlive a redraw: Slack's clients keep them by block and action id. */
function blocksOf(message, view, node) {
  const key = `${view.store.me}:${message.channel}:${message.ts}`;
  if (!view.forms.has(key)) view.forms.set(key, createForm());
  const host = createHost(view.store, () => ({ channel: message.channel, ts: message.ts }), () => message.blocks, {
    form: view.forms.get(key), onError: (text) => showError(node, text),
  });
  const drawn = renderBlocks(message.blocks, host);
  // "edited" is not shown for messages with app-made blocks; a person's text is a rich_text block.
  if (message.edited && !message.bot_id) drawn.append(h("span", { class: "edited" }, "(edited)"));
  return drawn;
}

function showError(node, text) {
  const old = node.querySelector(".action-error");
  old?.remove();
  node.querySelector(".message-main")?.append(h("p", { class: "action-error", role: "alert" }, icon("warn"), text));
}

/* ---- files, reactions, thread line --------------------------------------- */

const size = (bytes) => (bytes < 1024 ? `${bytes} B` : bytes < 1048576 ? `${Math.round(bytes / 1024)} kB`
  : `${(bytes / 1048576).toFixed(1)} MB`);

function files(message) {
  if (!message.files?.length) return null;
  return h("div", { class: "files" }, message.files.map((file) => {
    const href = safeUrl(file.url ?? "") ?? "";
    const isImage = /^image\/(png|jpeg|gif|webp|svg\+xml|avif)$/.test(file.mimetype ?? "");
    return h("a", { class: isImage ? "file-image" : "file-card", href, target: "_blank", rel: "noopener", title: file.name },
      isImage ? h("img", { src: href, alt: file.name }) : [icon("file"), h("span", { class: "file-name" }, file.name,
        h("small", {}, `${(file.mimetype ?? "").split("/").at(-1).toUpperCase()} · ${size(file.size ?? 0)}`))]);
  }));
}

function reactions(message, store) {
  const piles = (message.reactions ?? []).filter((pile) => pile.users.length);
  if (!piles.length) return null;
  const add = iconButton("smile", "Add reaction", () => openEmoji(add, (name) => react(message, store, name, true)), { class: "pile add" });
  return h("div", { class: "piles" }, piles.map((pile) => {
    const mine = pile.users.includes(store.me);
    const names = pile.users.map((id) => (id === store.me ? "You" : store.users.get(id)?.name ?? "Someone")).join(", ");
    return h("button", {
      type: "button", class: `pile${mine ? " mine" : ""}`, "aria-pressed": String(mine), data: { reaction: pile.name },
      title: `${names} reacted with ${pile.name.replaceAll("_", " ")}`, "aria-label": `${pile.name.replaceAll("_", " ")}, ${names}`,
      on: { click: () => react(message, store, pile.name, !mine) },
    }, emoji(pile.name), h("span", {}, String(pile.users.length)));
  }), add);
}

async function react(message, store, name, on) {
  const answer = await post("react", { as: store.me, channel: message.channel, ts: message.ts, name, on });
  if (!answer.ok) toast({ title: "Reaction not saved", text: answer.error, tone: "bad" });
}

function threadLine(message, view) {
  if (!message.reply_count) return null;
  const { store } = view;
  const faces = message.reply_users.slice(0, 4).map((id) => store.users.get(id)).filter(Boolean)
    .map((user) => avatar({ name: user.real_name, url: user.avatar, size: "small" }));
  const fresh = store.freshThreads.has(threadKey(message.channel, message.ts));
  return h("button", {
    type: "button", class: `thread-line${fresh ? " fresh" : ""}`, on: { click: () => view.openThread(message.channel, message.ts) },
  }, faces, h("strong", {}, `${message.reply_count} ${message.reply_count === 1 ? "reply" : "replies"}`),
  fresh && h("span", { class: "new-tag" }, "New"),
  message.latest_reply && h("span", { class: "last-reply" }, "Last reply ", timeNode(seconds(message.latest_reply), "{ago}")));
}

/* ---- toolbar, editing ----------------------------------------------------- */

function toolbar(message, view, mine) {
  const { store } = view;
  const pick = iconButton("smile", "Find another reaction", () => openEmoji(pick, (name) => react(message, store, name, true)));
  const more = iconButton("more", "More actions", () => openMenu(more, moreItems(message, view, mine), "More actions"), { "aria-haspopup": "menu" });
  const root = message.thread_ts ?? message.ts;
  return h("div", { class: "toolbar" },
    QUICK.map((name) => h("button", {
      type: "button", class: "icon-button", "aria-label": `React with ${name.replaceAll("_", " ")}`,
      on: { click: () => react(message, store, name, true) },
    }, emoji(name))), pick,
    !view.inThread && iconButton("reply", "Reply in thread", () => view.openThread(message.channel, root)), more);
}

function moreItems(message, view, mine) {
  const { store } = view;
  const shortcuts = shortcutItems(store, "message", { channel: message.channel, ts: message.ts });
  const mayDelete = mine || store.users.get(store.me)?.is_admin;
  return [
    { label: "Copy link", icon: "link", pick: () => copyLink(message) },
    ...(mine ? [{ label: "Edit message", icon: "pencil", pick: () => view.setEditing(message.ts) }] : []),
    ...(mayDelete ? [{ label: "Delete message…", icon: "trash", danger: true, pick: () => remove(message, store) }] : []),
    ...(shortcuts.length ? [{ heading: "Message shortcuts" }, ...shortcuts] : []),
  ];
}

async function copyLink(message) {
  const url = new URL(document.baseURI);
  url.search = new URLSearchParams({ channel: message.channel, thread: message.thread_ts ?? message.ts });
  await navigator.clipboard.writeText(url.href);
  toast({ title: "Link copied", text: "It opens this thread." });
}

async function remove(message, store) {
  const sure = await confirm({ title: "Delete message", text: "Are you sure you want to delete this message? This cannot be undone.", yes: "Delete", danger: true });
  if (!sure) return;
  const answer = await post("delete", { as: store.me, channel: message.channel, ts: message.ts });
  if (!answer.ok) toast({ title: "Not deleted", text: answer.error, tone: "bad" });
}

/** What the author typed, as near as the encoded text tells. */
export function typedText(text, names) {
  return unescape(text
    .replace(/<@(\w+)(?:\|[^>]*)?>/g, (_, id) => `@${names.user(id).name ?? "someone"}`)
    .replace(/<#(\w+)(?:\|([^>]*))?>/g, (_, id, label) => `#${names.channel(id) ?? label}`)
    .replace(/<!(here|channel|everyone)(?:\|[^>]*)?>/g, "@$1")
    .replace(/<!subteam\^(\w+)(?:\|[^>]*)?>/g, (_, id) => `@${names.group(id) ?? "group"}`)
    .replace(/<([^|>]+)(?:\|[^>]*)?>/g, "$1"));
}

function editor(message, view) {
  const { store } = view;
  const input = h("textarea", { class: "text-input", rows: "2", "aria-label": "Edit message", value: typedText(message.text, store.names) });
  const problem = h("p", { class: "input-error", role: "alert" });
  const save = async () => {
    const answer = await post("edit", { as: store.me, channel: message.channel, ts: message.ts, text: input.value });
    if (answer.ok) view.setEditing(null);
    else problem.textContent = answer.error;
  };
  input.addEventListener("keydown", (event) => {
    if (event.key === "Escape") view.setEditing(null);
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    save();
  });
  queueMicrotask(() => { input.focus(); input.setSelectionRange(input.value.length, input.value.length); });
  return h("div", { class: "editor" }, input, problem, h("div", { class: "editor-actions" },
    h("button", { type: "button", class: "button", on: { click: () => view.setEditing(null) } }, "Cancel"),
    h("button", { type: "button", class: "button primary", on: { click: save } }, "Save")));
}
