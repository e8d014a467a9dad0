/* Inside the demo page this client is one half of a window: the page asks it to
   open a thread, and hears how much is unread. Both are of one origin; messages
   from anywhere else are not listened to. */

import { get } from "./api.js";

/** How old the newest thread may be when the page says that one has just opened. */
const FRESH_SECONDS = 60;
const PATIENCE_MILLISECONDS = 20000;

export function speakWithParent(embedded, { openNewest }) {
  const alone = !embedded || window.parent === window;
  if (!alone) {
    addEventListener("message", (event) => {
      if (event.origin !== location.origin || event.source !== window.parent) return;
      if (event.data?.type === "open-newest-thread") openNewest();
    });
  }
  const last = { count: -1 };
  return {
    unread(count) {
      if (alone || count === last.count) return;
      last.count = count;
      window.parent.postMessage({ type: "workspace-unread", count }, location.origin);
    },
  };
}

/** The root that the app posted last; waits for the next one when that is of long ago. */
export async function newestThread(store) {
  const next = nextRoot(store);
  const newest = await newestRoot(store);
  const fresh = newest && Date.now() / 1000 - Number.parseFloat(newest.ts) < FRESH_SECONDS;
  return fresh ? newest : (await next) ?? newest;
}

const rooms = (store) => [...store.channels.values()]
  .filter((channel) => channel.members.includes(store.me) && !channel.is_archived && !channel.is_im);

async function newestRoot(store) {
  const answers = await Promise.all(rooms(store).map(({ id }) => get("history", { channel: id, as: store.me })));
  return answers.flatMap(({ messages = [] }) => messages).filter(isAppRoot)
    .reduce((best, message) => (!best || message.ts > best.ts ? message : best), null);
}

const isAppRoot = (message) => message.bot_id && !message.deleted && (!message.thread_ts || message.thread_ts === message.ts);

function nextRoot(store) {
  return new Promise((resolve) => {
    const end = (message) => { store.listeners.delete(listen); clearTimeout(timer); resolve(message); };
    const listen = ({ fresh }) => { if (fresh && isAppRoot(fresh)) end(fresh); };
    const timer = setTimeout(() => end(null), PATIENCE_MILLISECONDS);
    store.listeners.add(listen);
  });
}
