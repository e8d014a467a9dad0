/* The left column: workspace, who one is, channels, people, the app's Home. */

import { post } from "./api.js";
import { avatar } from "./avatar.js";
import { fill, h, icon } from "./dom.js";
import { openMenu, toast } from "./overlay.js";

/** `go`: {channel(id), home(), threads(), become(userId)}; `current()` → {page: "channel"|"home", channel}. */
export function createSidebar(store, go, current) {
  const el = h("nav", { class: "sidebar", "aria-label": "Workspace" });
  const draw = () => fill(el, head(store, go), h("div", { class: "sidebar-scroll" },
    threadsRow(store, go, current()),
    (store.app.home_tab || store.app.messages_tab) && homeRow(store, go, current()),
    h("h2", {}, "Channels"), channels(store, current()).map((channel) => channelRow(channel, go, current())),
    messages(store, current()).length > 0 && h("h2", {}, "Direct messages"), messages(store, current()).map((channel) => channelRow(channel, go, current(), store)),
    h("h2", {}, "People"), people(store).map(personRow)));
  return { el, draw };
}

const mine = (store) => [...store.channels.values()].filter((channel) => channel.members.includes(store.me));
const channels = (store, now) => mine(store).filter((channel) => !channel.is_im && (!channel.is_archived || channel.id === now.channel));
/** Where the app has tabs its messages are behind one of them, unless there is news. */
const messages = (store, now) => mine(store).filter((channel) => channel.is_im
  && (!store.app.home_tab || !store.app.messages_tab || channel.unread > 0 || channel.id === now.channel));
const people = (store) => [...store.users.values()].filter((user) => !user.is_bot && user.id !== "USLACKBOT");

function head(store, go) {
  const me = store.users.get(store.me);
  const button = h("button", {
    type: "button", class: "you-are", "aria-haspopup": "menu", "aria-label": `You are: ${me.name}`,
    on: { click: () => openMenu(button, switchItems(store, go, me), "Act as") },
  }, face(me), h("span", { class: "you-name" }, h("small", {}, "You are: "), me.name), icon("caret"));
  return h("header", { class: "sidebar-head" }, h("div", { class: "workspace-name" }, store.team.name), button);
}

const face = (user) => h("span", { class: "face" }, avatar({ name: user.real_name, url: user.avatar, size: "small" }),
  h("span", { class: `dot ${user.presence}`, title: user.presence === "active" ? "Active" : "Away" }));

function switchItems(store, go, me) {
  const away = me.presence === "active";
  const role = (user) => (user.is_guest ? "Guest" : user.is_stranger ? "Other workspace" : user.title);
  return [
    { heading: "Act as" },
    ...people(store).map((user) => ({
      label: user.real_name, detail: role(user), checked: user.id === store.me, pick: () => go.become(user.id),
    })),
    { heading: "Your status" },
    { label: away ? "Set yourself as away" : "Set yourself as active", pick: () => setPresence(store, away ? "away" : "active") },
  ];
}

async function setPresence(store, presence) {
  const answer = await post("presence", { as: store.me, presence });
  if (!answer.ok) toast({ title: "Status not changed", text: answer.error, tone: "bad" });
}

function threadsRow(store, go, now) {
  const fresh = store.freshThreads.size;
  const here = now.page === "threads";
  return h("button", {
    type: "button", class: `row${here ? " current" : ""}${fresh && !here ? " unread" : ""}`, "aria-current": here ? "page" : null,
    data: { threads: "1" }, on: { click: go.threads },
  }, icon("reply"), h("span", { class: "row-name" }, "Threads"),
  fresh > 0 && h("span", { class: "badge", "aria-label": `${fresh} with new replies` }, String(fresh)));
}

function homeRow(store, go, now) {
  const bot = store.users.get(store.app.bot_user);
  return h("button", {
    type: "button", class: `row${now.page === "home" ? " current" : ""}`, "aria-current": now.page === "home" ? "page" : null,
    data: { home: "1" }, on: { click: go.home },
  }, avatar({ name: store.app.name, url: bot?.avatar, size: "small" }), h("span", { class: "row-name" }, store.app.name),
  h("span", { class: "row-note" }, store.app.home_tab ? "Home" : "App"));
}

function channelRow(channel, go, now, store = null) {
  const here = now.page === "channel" && now.channel === channel.id;
  const unread = channel.unread > 0 && !here;
  const bot = store?.users.get(store.app.bot_user);
  return h("button", {
    type: "button", class: `row${here ? " current" : ""}${unread ? " unread" : ""}${channel.is_archived ? " archived" : ""}`, data: { channel: channel.id },
    "aria-current": here ? "page" : null, on: { click: () => go.channel(channel.id) },
  }, bot ? avatar({ name: channel.name, url: bot.avatar, size: "small" }) : icon(channel.is_archived ? "archive" : channel.is_private ? "lock" : "hash"),
  h("span", { class: "row-name" }, channel.name),
  badge(channel, here, unread));
}

function badge(channel, here, unread) {
  const count = channel.is_im ? channel.unread : channel.mentions;
  if (count > 0 && !here) return h("span", { class: "badge", "aria-label": `${count} for you` }, count > 99 ? "99+" : String(count));
  return unread ? h("span", { class: "visually-hidden" }, "unread") : null;
}

const personRow = (user) => h("div", { class: "row still" }, face(user), h("span", { class: "row-name" }, user.real_name),
  user.is_guest && h("span", { class: "row-note" }, "guest"), user.is_stranger && h("span", { class: "row-note" }, "external"));
