/* The three panes beside the sidebar: a channel, a thread, the app's Home. */

import { get, post } from "./api.js";
import { avatar } from "./avatar.js";
import { renderBlocks } from "./blocks.js";
import { createComposer } from "./composer.js";
import { fill, h, icon, iconButton } from "./dom.js";
import { createForm } from "./form.js";
import { createHost } from "./host.js";
import { createList } from "./list.js";
import { renderMessage } from "./message.js";
import { openRoom, openThread, roomMessages, shown, threadKey, threadMessages } from "./store.js";

/** How many messages a channel shows at first, and more at each wish. */
const PAGE = 200;

const ownNewest = (messages, me) => messages.findLast((message) => message.user === me && !message.bot_id && !message.ephemeral)?.ts;

/** Why nobody can write here, or null. */
function whyClosed(store, channel) {
  if (channel.is_archived) return `#${channel.name} has been archived. It can be read, but nobody can write here.`;
  if (!channel.members.includes(store.me)) return `You are not a member of #${channel.name}.`;
  if (channel.is_im && store.app.read_only) return "Sending messages to this app has been turned off.";
  return null;
}

/** Puts the composer or the reason into the foot, moving nothing that is there already. */
function closeFoot(foot, composer, reason) {
  if (foot.dataset.reason === (reason ?? "open")) return;
  foot.dataset.reason = reason ?? "open";
  fill(foot, reason ? h("p", { class: "not-member" }, reason) : composer.el);
}

/** The app's own two places: its Home, and the messages with it. */
function appTabs(shell, now) {
  const { store } = shell;
  const tab = (name, label, go) => h("button", {
    type: "button", class: "app-tab", role: "tab", "aria-selected": String(name === now), on: { click: go },
  }, label);
  if (!store.app.home_tab || !store.app.messages_tab) return null;
  return h("div", { class: "app-tabs", role: "tablist" }, tab("home", "Home", shell.openHome), tab("messages", "Messages", shell.openMessages));
}

/** Each pane: {el, sync(change), close(), focus()}. `shell`: {store, drafts, forms, menu(), openThread, closeThread}. */
export function channelPane(shell, id) {
  const { store } = shell;
  const channel = store.channels.get(id);
  const welcome = h("div", { class: "welcome" });
  const view = { store, forms: shell.forms, inThread: false, openThread: shell.openThread };
  const list = createList(view, { label: `Messages in ${channel.name}`, before: welcome });
  const title = h("h1", {});
  const topic = h("p", { class: "topic" });
  const composer = createComposer({
    store, place: { channel: id, threadTs: null }, drafts: shell.drafts,
    placeholder: channel.is_im ? `Message ${channel.name}` : `Message #${channel.name}`, onSent: () => list.toBottom(),
    onArrowUp: () => list.setEditing(ownNewest(roomMessages(store, id), store.me)),
  });
  const foot = h("div", { class: "pane-foot" });
  const state = { limit: PAGE };
  const earlier = h("button", {
    type: "button", class: "button earlier", on: { click: () => { state.limit += PAGE; sync(); } },
  }, "Show earlier messages");
  const sync = (change) => {
    const now = store.channels.get(id);
    if (!now) return;
    fill(title, now.is_im ? null : icon(now.is_archived ? "archive" : now.is_private ? "lock" : "hash"), h("span", {}, now.name));
    topic.textContent = now.topic;
    closeFoot(foot, composer, whyClosed(store, now));
    const messages = roomMessages(store, id).filter(shown);
    if (messages.length > state.limit) fill(welcome, earlier);
    else fill(welcome, h("h2", {}, now.is_im ? now.name : `#${now.name}`),
      h("p", {}, messages.length ? `This is where #${now.name} begins.` : `Nothing has been said here yet. ${now.topic}.`));
    list.sync(messages.slice(-state.limit));
    if (change?.fresh && change.channel === id) noticed(list, change.fresh, store, false);
  };
  openRoom(store, id).then(() => { sync(); list.toBottom(); });
  return {
    el: h("section", { class: "pane channel-pane", "aria-label": channel.name },
      h("header", { class: "pane-head" }, shell.menuButton(), h("div", { class: "pane-title" }, title, topic)),
      channel.is_im && appTabs(shell, "messages"), list.el, foot),
    sync, close: list.close, focus: composer.focus, page: "channel",
  };
}

function noticed(list, message, store, inThread) {
  const reply = message.thread_ts && message.thread_ts !== message.ts;
  if (reply && !inThread && !message.broadcast) return;
  if (message.user === store.me && !message.bot_id) list.toBottom();
  else list.announce();
}

export function threadPane(shell, channelId, ts) {
  const { store } = shell;
  const key = threadKey(channelId, ts);
  const channel = store.channels.get(channelId);
  const view = { store, forms: shell.forms, inThread: true, openThread: shell.openThread };
  const separator = (message, index, all) => {
    const count = all.slice(1).filter((reply) => !reply.ephemeral).length;
    return index === 1 && count > 0 ? `${count} ${count === 1 ? "reply" : "replies"}` : null;
  };
  const list = createList(view, { label: "Thread", separator });
  const composer = createComposer({
    store, place: { channel: channelId, threadTs: ts }, drafts: shell.drafts, placeholder: "Reply…",
    onSent: () => list.toBottom(),
    onArrowUp: () => list.setEditing(ownNewest(threadMessages(store, key), store.me)),
  });
  const foot = h("div", { class: "pane-foot" });
  const sync = (change) => {
    const now = store.channels.get(channelId);
    if (now) closeFoot(foot, composer, whyClosed(store, now));
    list.sync(threadMessages(store, key).filter((message) => shown(message) || message.ts === ts));
    if (change?.fresh && change.thread === key) noticed(list, change.fresh, store, true);
  };
  openThread(store, channelId, ts).then(() => { sync(); list.toBottom(); });
  return {
    el: h("aside", { class: "pane thread-pane", "aria-label": "Thread" },
      h("header", { class: "pane-head" }, iconButton("back", "Back to the channel", shell.closeThread, { class: "thread-back" }),
        h("div", { class: "pane-title" }, h("h1", {}, h("span", {}, "Thread")), h("p", { class: "topic" }, `#${channel.name}`)),
        iconButton("close", "Close thread", shell.closeThread, { class: "thread-close" })), list.el, foot),
    sync, close: list.close, focus: composer.focus, key,
  };
}

export function homePane(shell) {
  const { store } = shell;
  const form = createForm();
  const body = h("div", { class: "home-body" });
  const bot = store.users.get(store.app.bot_user);
  const host = createHost(store, () => ({ view_id: store.home?.id }), () => store.home?.blocks ?? [], { form });
  const sync = () => {
    const focused = body.contains(document.activeElement) ? document.activeElement.dataset.action : null;
    fill(body, store.home ? renderBlocks(store.home.blocks, host)
      : h("div", { class: "home-empty" }, h("h2", {}, "Nothing here yet"),
        h("p", {}, `${store.app.name} shows your work here as soon as there is some.`)));
    if (focused) body.querySelector(`[data-action="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
  };
  const open = async () => {
    const { view } = await get("home", { as: store.me });
    if (view && !store.home) { store.home = view; sync(); }
    await post("home", { as: store.me });
    // Most apps publish within a moment; until then an empty page would only flash.
    if (!store.home) setTimeout(sync, 400);
  };
  open();
  if (store.home) sync();
  return {
    el: h("section", { class: "pane home-pane", "aria-label": `${store.app.name} Home` },
      h("header", { class: "pane-head" }, shell.menuButton(), avatar({ name: store.app.name, url: bot?.avatar, size: "small" }),
        h("div", { class: "pane-title" }, h("h1", {}, h("span", {}, store.app.name)), h("p", { class: "topic" }, "App"))),
      appTabs(shell, "home"), h("div", { class: "home-scroll" }, body)),
    sync, close: () => {}, focus: () => {}, page: "home",
  };
}

/** The threads one takes part in, the liveliest first. */
export function threadsPane(shell) {
  const { store } = shell;
  const body = h("div", { class: "threads-list" });
  const run = { number: 0 };
  const sync = async () => {
    const mine = (run.number += 1);
    const { messages = [] } = await get("threads", { as: store.me });
    if (mine !== run.number) return;
    fill(body, messages.length ? messages.map((root) => threadCard(shell, root))
      : h("div", { class: "home-empty" }, h("h2", {}, "No threads yet"), h("p", {}, "Threads you write in, or are named in, come here.")));
  };
  sync();
  return {
    el: h("section", { class: "pane threads-pane", "aria-label": "Threads" },
      h("header", { class: "pane-head" }, shell.menuButton(), h("div", { class: "pane-title" }, h("h1", {}, icon("reply"), h("span", {}, "Threads")),
        h("p", { class: "topic" }, "What you take part in"))),
      h("div", { class: "home-scroll" }, body)),
    sync, close: () => { run.number += 1; }, focus: () => {}, page: "threads",
  };
}

function threadCard(shell, root) {
  const { store } = shell;
  const view = { store, forms: shell.forms, inThread: true, compact: false, openThread: shell.openThread };
  const fresh = store.freshThreads.has(threadKey(root.channel, root.ts));
  const open = () => shell.openThread(root.channel, root.ts);
  return h("div", { class: `thread-card${fresh ? " fresh" : ""}`, data: { thread: root.ts } },
    h("div", { class: "thread-card-head" }, icon("hash"), h("strong", {}, store.channels.get(root.channel)?.name ?? ""), fresh && h("span", { class: "new-tag" }, "New")),
    renderMessage(root, view),
    h("button", { type: "button", class: "button", on: { click: open } }, `${root.reply_count} ${root.reply_count === 1 ? "reply" : "replies"}`));
}
