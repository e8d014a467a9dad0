// Emoji on messages: those that are there, and on the team's a choice of some more.
import { h } from './dom.js';

/** t and chat as in view.js; the answer makes the line below a bubble, or nothing. */
export function createReactions({ t, chat }) {
  return ({ id, author, deleted, reactions = [] }) => {
    const offered = chat.settings.reactions ?? [];
    const open = author.kind !== 'user' && id && offered.length;
    const mine = (emoji) => reactions.some((one) => one.emoji === emoji && one.by === 'user');
    const press = (emoji) => {
      const on = mine(emoji);
      return h('button', { ariaPressed: on, onclick: () => chat.react(id, emoji, !on) }, emoji);
    };
    const there = [...new Set(reactions.map(({ emoji }) => emoji))].map(open ? press : (emoji) => h('span', {}, emoji));
    const more = open && h('details', {}, h('summary', { ariaLabel: t('react'), title: t('react') }, '☺'), ...offered.map(press));
    return !deleted && (there.length || more) && h('div.reactions', {}, there, more);
  };
}
