/* What has been read. The workspace counts unread messages for each person; this
   client tells it how far a channel has been looked at. */

import { post } from "./api.js";

export function markRead(store, id) {
  const channel = store.channels.get(id);
  if (!channel || (!channel.unread && !channel.mentions)) return;
  store.channels.set(id, { ...channel, unread: 0, mentions: 0 });
  post("read", { as: store.me, channel: id });
}

/** Messages for this person: mentions, and all direct messages. */
export function unreadTotal(store) {
  return [...store.channels.values()].filter((channel) => channel.members.includes(store.me))
    .reduce((sum, channel) => sum + (channel.is_im ? channel.unread : channel.mentions), 0);
}

/** Whether a message names this person, a group they are in, or everybody. */
export function namesMe(store, message) {
  const words = JSON.stringify([message.text, message.blocks]);
  const groups = [...store.groups.values()].filter((group) => group.users?.includes(store.me));
  return words.includes(`<@${store.me}`) || words.includes(`"user_id":"${store.me}"`)
    || groups.some((group) => words.includes(`<!subteam^${group.id}`) || words.includes(`"usergroup_id":"${group.id}"`))
    || /<!(here|channel|everyone)|"type":"broadcast"/.test(words);
}

/** Counts a new message in a channel that is not being looked at. */
export function countUnread(store, message) {
  const channel = store.channels.get(message.channel);
  if (!channel || message.ephemeral || (message.user === store.me && !message.bot_id)) return;
  const reply = message.thread_ts && message.thread_ts !== message.ts && !message.broadcast;
  store.channels.set(channel.id, {
    ...channel, unread: channel.unread + (reply ? 0 : 1), mentions: channel.mentions + (namesMe(store, message) ? 1 : 0),
  });
}
