/* The workspace's page: puts sidebar and panes together and keeps them in step
   with what the workspace tells. */

import { follow, post } from "./api.js";
import { fill, h, iconButton } from "./dom.js";
import { createModals } from "./modal.js";
import { unescape } from "./mrkdwn.js";
import { toast } from "./overlay.js";
import { channelPane, homePane, threadPane, threadsPane } from "./panes.js";
import { loadEmoji, withEmoji } from "./emoji.js";
import { countUnread, markRead, unreadTotal } from "./reading.js";
import { speakWithParent } from "./embed.js";
import { createSidebar } from "./sidebar.js";
import { apply, createStore, load, threadKey } from "./store.js";
import { typedText } from "./message.js";
import { startTicking } from "./time.js";

const asked = new URLSearchParams(location.search);
const embedded = asked.get("embed") === "1";

const store = createStore();
const drafts = new Map();
const forms = new Map();
const app = document.getElementById("app");
const shell = { store, drafts, forms, menuButton, openThread, closeThread, openHome, openMessages };
const screen = { run: 0, main: null, thread: null, sidebar: null, modals: null, stop: () => {} };
const slots = { main: h("main", { class: "slot-main" }), thread: h("div", { class: "slot-thread" }), line: h("p", { class: "offline", role: "status", hidden: true }, "Reconnecting to the workspace…") };
const parent = speakWithParent(embedded, { open: openAsked });

function menuButton() {
  return iconButton("menu", "Channels", () => app.classList.toggle("sidebar-open"), { class: "menu-button" });
}

const current = () => ({ page: screen.main?.page, channel: screen.main?.channel });

/* ---- where one is ---------------------------------------------------------- */

function showMain(pane, channel = null) {
  screen.main?.close();
  screen.main = Object.assign(pane, { channel });
  fill(slots.main, pane.el);
  app.classList.remove("sidebar-open");
  screen.sidebar.draw();
  remember();
}

function openChannel(id, focus = true) {
  if (screen.thread && screen.thread.channel !== id) closeThread();
  if (screen.main?.channel !== id) showMain(channelPane(shell, id), id);
  app.classList.remove("sidebar-open");
  markRead(store, id);
  refreshSidebar();
  if (focus) screen.main.focus();
}

function openHome() {
  if (!store.app.home_tab) return openMessages();
  closeThread();
  return showMain(homePane(shell));
}

function openThreads() {
  closeThread();
  showMain(threadsPane(shell));
}

/** The direct messages with the app, which the workspace opens when they are not. */
async function openMessages() {
  const { channel } = await post("home", { as: store.me, tab: "messages" });
  if (!channel) return;
  store.channels.set(channel.id, channel);
  openChannel(channel.id);
}

function openThread(channel, ts, focus = true) {
  if (screen.main?.channel !== channel) openChannel(channel, false);
  store.freshThreads.delete(threadKey(channel, ts));
  if (screen.thread?.ts !== ts) {
    screen.thread?.close();
    screen.thread = Object.assign(threadPane(shell, channel, ts), { channel, ts });
    fill(slots.thread, screen.thread.el);
    app.classList.add("with-thread");
    remember();
    syncPanes({ kind: "messages", channel });
    refreshSidebar();
  }
  if (focus) screen.thread.focus();
}

function closeThread() {
  screen.thread?.close();
  screen.thread = null;
  slots.thread.replaceChildren();
  app.classList.remove("with-thread");
  remember();
}

/** What the page around us wants to be seen; not where one may not look. */
function openAsked({ channel, ts }) {
  if (store.channels.get(channel)?.members.includes(store.me)) openThread(channel, ts, false);
}

/** The address always leads back to what is on the screen. */
function remember() {
  const query = new URLSearchParams({ as: store.me });
  if (embedded) query.set("embed", "1");
  if (screen.main?.channel) query.set("channel", screen.main.channel);
  if (screen.thread) query.set("thread", screen.thread.ts);
  history.replaceState(null, "", `?${query}`);
}

/* ---- what happens ----------------------------------------------------------- */

function refreshSidebar() {
  screen.sidebar.draw();
  const unread = unreadTotal(store);
  document.title = `${unread ? `(${unread}) ` : ""}${screen.main?.page === "home" ? store.app.name : store.channels.get(screen.main?.channel)?.name ?? ""} · ${store.team.name}`;
  parent.unread(unread);
}

function onChange(change) {
  if (change.kind === "view") return screen.modals.handle(change.event);
  if (change.kind === "notify") return notice(change.event);
  if (change.kind === "home" && screen.main.page === "home") return screen.main.sync();
  if (change.kind === "channels") roomsChanged();
  if (screen.main.page === "threads" && change.thread) screen.main.sync();
  if (change.kind === "messages" || change.kind === "room" || change.kind === "thread" || change.kind === "everything") syncPanes(change);
  if (change.fresh) {
    countUnread(store, change.fresh);
    if (change.channel === screen.main?.channel && !document.hidden) markRead(store, change.channel);
  }
  return refreshSidebar();
}

/** A channel was renamed, archived, left or deleted. */
function roomsChanged() {
  const gone = screen.main.page === "channel" && !store.channels.has(screen.main.channel);
  if (gone) return openChannel([...store.channels.values()].find((channel) => channel.members.includes(store.me)).id, false);
  if (screen.main.page === "channel") screen.main.sync();
  return screen.thread?.sync();
}

function syncPanes(change) {
  const everywhere = change.kind === "everything";
  if (screen.main.page === "channel" && (everywhere || change.channel === screen.main.channel)) screen.main.sync(change);
  if (screen.thread && (everywhere || change.thread === screen.thread.key)) screen.thread.sync(change);
}

/** What a desktop notification would show; not for what is already in view. */
function notice({ channel, thread_ts: threadTs, ts, text, title }) {
  const inView = threadTs && threadTs !== ts ? screen.thread?.ts === threadTs : screen.main?.channel === channel;
  if (inView && isLookedAt()) return;
  if (threadTs && threadTs !== ts) {
    store.freshThreads.add(threadKey(channel, threadTs));
    syncPanes({ kind: "messages", channel });
    if (screen.main.page === "threads") screen.main.sync();
    refreshSidebar();
  }
  const words = unescape(typedText(text, store.names));
  toast({
    title, text: withEmoji(words.length > 140 ? `${words.slice(0, 140)}…` : words),
    onClick: () => (threadTs ? openThread(channel, threadTs) : openChannel(channel)),
  });
}

/** Half of a demo page is looked at without the focus, unless its tab is not the one in front. */
const isLookedAt = () => !document.hidden && (document.hasFocus() || (embedded && innerWidth > 0));

/* ---- start ------------------------------------------------------------------- */

async function start(as, keep = {}) {
  const run = (screen.run += 1);
  screen.stop();
  const loaded = (await loadEmoji()) && (await load(store, as));
  if (run !== screen.run) return undefined;
  if (!loaded) return retry(keep);
  screen.main?.close();
  screen.thread?.close();
  screen.modals?.shut();
  screen.modals = createModals(store);
  screen.sidebar = createSidebar(store, { channel: openChannel, home: openHome, threads: openThreads, become }, current);
  screen.main = screen.thread = null;
  frame();
  const first = [...store.channels.values()].find((channel) => channel.members.includes(store.me) && !channel.is_archived);
  const wanted = store.channels.get(keep.channel)?.members.includes(store.me) ? keep.channel : first?.id;
  if (keep.page === "threads") openThreads();
  else if (keep.page === "home" || !wanted) openHome();
  else openChannel(wanted, false);
  if (keep.thread && keep.channel === wanted) openThread(wanted, keep.thread, false);
  screen.stop = follow(store.me, store.cursor, onEvent, (up) => { slots.line.hidden = up; });
  return refreshSidebar();
}

/** Silent workspace, or nobody by that id: say so and try again as the usual person. */
function retry(keep) {
  if (!screen.sidebar) fill(app, h("p", { class: "starting" }, "The workspace does not answer yet. Trying again…"));
  setTimeout(() => start(document.body.dataset.as, keep), 1500);
}

function frame() {
  app.classList.remove("loading", "with-thread");
  app.classList.toggle("embedded", embedded);
  screen.sidebar.draw();
  const veil = h("div", { class: "veil", on: { click: () => app.classList.remove("sidebar-open") } });
  fill(app, !embedded && h("header", { class: "topbar" }, h("strong", {}, "Sandbox workspace"),
    h("span", {}, "speaks Slack's protocol, no account needed")),
  screen.sidebar.el, veil, slots.main, slots.thread, slots.line);
  slots.thread.replaceChildren();
}

function here() {
  return { page: screen.main?.page, channel: screen.main?.channel, thread: screen.thread?.ts };
}

const become = (user) => start(user, here());

/** `reload`: the workspace started anew or forgot what we missed; read everything again. */
function onEvent(event) {
  if (event.type === "reload") start(store.me, here());
  else apply(store, event);
}

store.listeners.add(onChange);
startTicking();
document.addEventListener("visibilitychange", () => {
  if (!document.hidden && screen.main?.channel) { markRead(store, screen.main.channel); refreshSidebar(); }
});
start(asked.get("as") ?? document.body.dataset.as, { channel: asked.get("channel"), thread: asked.get("thread") });
