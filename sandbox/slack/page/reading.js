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
  return marksMe(store, message.text ?? "") || inBlocks(store, message.blocks ?? []);
}

const myGroups = (store) => [...store.groups.values()].filter((group) => group.users?.includes(store.me)).map(({ id }) => id);

const marksMe = (store, mrkdwn) => mrkdwn.includes(`<@${store.me}`) || /<!(here|channel|everyone)\b/.test(mrkdwn)
  || myGroups(store).some((id) => mrkdwn.includes(`<!subteam^${id}`));

/** Only typed elements and mrkdwn can mention; the words of a `text` element are just words. */
function inBlocks(store, node) {
  if (Array.isArray(node)) return node.some((child) => inBlocks(store, child));
  if (!node || typeof node !== "object") return false;
  if (node.type === "mrkdwn") return marksMe(store, node.text ?? "");
  if (node.type === "user") return node.user_id === store.me;
  if (node.type === "usergroup") return myGroups(store).includes(node.usergroup_id);
  return node.type === "broadcast" || Object.values(node).some((child) => inBlocks(store, child));
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
