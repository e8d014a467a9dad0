/* What this client knows of the workspace, and how it hears of changes.

   One acting person at a time. Messages are kept by channel (roots and
   broadcasts) and by thread (root and replies); a change tells its listeners
   which of them it touched: {kind, channel?, thread?}. */

import { get } from "./api.js";

const byTs = (one, other) => (one.ts < other.ts ? -1 : 1);
export const threadKey = (channel, ts) => `${channel}:${ts}`;
const isReply = (message) => Boolean(message.thread_ts) && message.thread_ts !== message.ts;

export function createStore() {
  const store = {
    me: null, team: null, app: null, users: new Map(), channels: new Map(), groups: new Map(),
    commands: [], shortcuts: [], cursor: 0, rooms: new Map(), threads: new Map(), home: null,
    ephemerals: new Map(), freshThreads: new Set(), listeners: new Set(),
  };
  store.names = {
    user: (id) => ({ name: store.users.get(id)?.name ?? null, mine: id === store.me }),
    channel: (id) => store.channels.get(id)?.name ?? null,
    group: (id) => store.groups.get(id)?.handle ?? null,
  };
  return store;
}

export function tell(store, change) {
  for (const listener of store.listeners) listener(change);
}

/** Reads the whole state for a person; answers false when the workspace is silent. */
export async function load(store, as) {
  const state = await get("state", as ? { as } : {});
  if (!state.me) return false;
  Object.assign(store, {
    me: state.me.id, team: state.team, app: state.app, commands: state.commands, shortcuts: state.shortcuts,
    cursor: state.cursor, users: mapped(state.users), channels: mapped(state.channels),
    groups: mapped(state.groups ?? []), home: null,
  });
  store.freshThreads.clear();
  store.rooms.clear();
  store.threads.clear();
  const { messages } = await get("ephemerals", { as: store.me });
  store.ephemerals = new Map((messages ?? []).map((message) => [message.ts, message]));
  return true;
}

const mapped = (records) => new Map(records.map((record) => [record.id, record]));

/**
 * Fills a shelf from the workspace, and adds what only this person sees. An event
 * that came in the meantime is newer than the answer and stays.
 */
async function fetchInto(map, key, path, query, ephemerals) {
  const shelf = new Map();
  map.set(key, shelf);
  const { messages = [] } = await get(path, query);
  for (const message of [...messages, ...ephemerals]) if (!shelf.has(message.ts)) shelf.set(message.ts, message);
}

export async function openRoom(store, channel) {
  const own = [...store.ephemerals.values()].filter((message) => message.channel === channel && !isReply(message));
  if (!store.rooms.has(channel)) await fetchInto(store.rooms, channel, "history", { channel, as: store.me }, own);
  tell(store, { kind: "room", channel });
}

export async function openThread(store, channel, ts) {
  const key = threadKey(channel, ts);
  const own = [...store.ephemerals.values()].filter((message) => message.channel === channel && message.thread_ts === ts);
  if (!store.threads.has(key)) await fetchInto(store.threads, key, "thread", { channel, ts, as: store.me }, own);
  tell(store, { kind: "thread", thread: key, channel });
}

export const roomMessages = (store, channel) => [...(store.rooms.get(channel)?.values() ?? [])].sort(byTs);
export const threadMessages = (store, key) => [...(store.threads.get(key)?.values() ?? [])].sort(byTs);

/** The collections that show a message, as far as they are loaded. */
function shelves(store, { channel, ts, thread_ts: threadTs, broadcast }) {
  const reply = threadTs && threadTs !== ts;
  const room = store.rooms.get(channel);
  const thread = store.threads.get(threadKey(channel, threadTs ?? ts));
  return [(!reply || broadcast) && room, thread].filter(Boolean);
}

function put(store, message) {
  for (const shelf of shelves(store, message)) shelf.set(message.ts, message);
}

function find(store, { channel, ts, thread_ts: threadTs }) {
  return store.threads.get(threadKey(channel, threadTs ?? ts))?.get(ts) ?? store.rooms.get(channel)?.get(ts);
}

function changedAt(store, { channel, ts, thread_ts: threadTs }, extra = {}) {
  tell(store, { kind: "messages", channel, thread: threadKey(channel, threadTs ?? ts), ...extra });
}

/** Each event of the stream by its type. */
const APPLY = {
  message(store, { message }) {
    put(store, message);
    changedAt(store, message, { fresh: message });
  },
  changed(store, { message }) {
    put(store, message);
    changedAt(store, message);
  },
  deleted(store, { channel, ts, thread_ts: threadTs }) {
    const at = { channel, ts, thread_ts: threadTs };
    store.rooms.get(channel)?.delete(ts);
    store.threads.get(threadKey(channel, threadTs ?? ts))?.delete(ts);
    changedAt(store, at);
  },
  reaction(store, event) {
    const message = find(store, event);
    if (!message) return;
    for (const shelf of [store.rooms.get(event.channel), store.threads.get(threadKey(event.channel, event.thread_ts ?? event.ts))]) {
      const copy = shelf?.get(event.ts);
      if (copy) shelf.set(event.ts, { ...copy, reactions: event.reactions });
    }
    changedAt(store, event);
  },
  ephemeral(store, event) {
    if (event.user !== store.me) return;
    const message = { ...event.message, ephemeral: true, thread_ts: event.thread_ts, channel: event.channel };
    store.ephemerals.set(message.ts, message);
    put(store, message);
    changedAt(store, message, { fresh: message });
  },
  ephemeral_gone(store, { user, ts }) {
    if (user !== store.me) return;
    store.ephemerals.delete(ts);
    const touched = [...store.rooms.values(), ...store.threads.values()].filter((shelf) => shelf.delete(ts));
    if (touched.length) tell(store, { kind: "everything" });
  },
  home(store, { user, view }) {
    if (user !== store.me) return;
    store.home = view;
    tell(store, { kind: "home" });
  },
  view(store, event) {
    if (event.user === store.me) tell(store, { kind: "view", event });
  },
  channel(store, { channel }) {
    store.channels.set(channel.id, channel);
    tell(store, { kind: "channels" });
  },
  channel_gone(store, { channel }) {
    store.channels.delete(channel);
    tell(store, { kind: "channels" });
  },
  presence(store, { user, presence }) {
    const person = store.users.get(user);
    if (!person) return;
    store.users.set(user, { ...person, presence });
    tell(store, { kind: "people" });
  },
  notify(store, event) {
    if (event.user === store.me) tell(store, { kind: "notify", event });
  },
};

/** Takes one event; unknown types are for clients newer than this one. */
export function apply(store, event) {
  APPLY[event.type]?.(store, event);
}

export const shown = (message) => !message.deleted || message.reply_count > 0;
export { isReply };
