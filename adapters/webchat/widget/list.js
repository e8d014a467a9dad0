// The messages: grouped bubbles, days, what became of each.
import { avatar, h, icon } from './dom.js';
import { createReactions } from './reactions.js';
import { plain, rich } from './richtext.js';

const dayOf = (message) => message && new Date(message.sent_at).toDateString();
const authorOf = ({ kind, name }) => (kind === 'user' ? kind : kind + name);

function together(a, b) {
  if (!a || !b || a.author.kind === 'system' || authorOf(a.author) !== authorOf(b.author)) return false;
  return dayOf(a) === dayOf(b) && Math.abs(new Date(b.sent_at) - new Date(a.sent_at)) < 3e5;
}

export function createList({ base, t, locale, chat, nameOf, files, rating }) {
  const reactions = createReactions({ t, chat });
  let rows = new Map();

  function day(message) {
    const days = Math.round((new Date(dayOf(message)) - new Date(new Date().toDateString())) / 864e5);
    const near = new Intl.RelativeTimeFormat(locale, { numeric: 'auto' }).format(days, 'day');
    const far = new Date(message.sent_at).toLocaleDateString(locale, { dateStyle: 'full' });
    return h('div.day', {}, days > -2 ? near : far);
  }

  function content({ deleted, text, author, attachments = [] }) {
    if (deleted) return t('removed');
    return [...(text ? (author.kind === 'user' ? plain : rich)(text) : []), ...attachments.map(files.show)];
  }

  function meta({ failed, code, seq, client_id, edited_at, deleted, author, sent_at }, { last, seen }) {
    const again = () => h('button', { onclick: () => chat.retry(client_id) }, t('again'));
    if (code === 'blocked') return h('div.meta.bad', { title: failed }, t('ended'));
    if (failed) return h('div.meta.bad', { title: failed }, `${t('failed')} · `, again());
    if (!seq) return h('div.meta', {}, icon('clock'), h('span.sr', {}, t('sending')));
    const edited = edited_at && !deleted && `${t('edited')} · `;
    if (!last && !seen && !edited) return null;
    const sign = seen ? ` · ${t('seen')}` : author.kind === 'user' && [' ✓', h('span.sr', {}, t('sent'))];
    return h('div.meta', {}, edited, new Date(sent_at).toLocaleTimeString(locale, { timeStyle: 'short' }), sign);
  }

  function row(message, place) {
    const { kind, avatar_url } = message.author;
    if (kind === 'system') return h('div.system', {}, message.text);
    const own = kind === 'user';
    const name = nameOf(message.author);
    const marks = ['first', 'last', 'gone'].filter((mark) => place[mark]);
    return h(
      ['div.row', own ? 'me' : 'them', ...marks].join('.'),
      {},
      place.first && h(own ? 'span.sr' : 'div.name', { dir: 'auto' }, name),
      place.last && !own && avatar({ name, avatar_url }, base),
      h('div.bubble', { dir: 'auto' }, content(message)),
      reactions(message),
      meta(message, place),
    );
  }

  /** Rows that show the same as before stay the same elements: focus and selection stay. */
  function wanted(messages, seen) {
    const found = new Map();
    const keep = (key, signature, make) => {
      const old = rows.get(key);
      found.set(key, old?.signature === signature ? old : { signature, element: make() });
    };
    const below = messages.findLastIndex(({ seq }) => seq <= rating.after);
    const newest = messages.findLast((one) => one.author.kind === 'user' && one.seq);
    messages.forEach((message, n) => {
      const before = messages[n - 1];
      const place = {
        first: !together(before, message),
        last: !together(message, messages[n + 1]),
        seen: message === newest && seen >= message.seq,
        gone: message.deleted,
      };
      if (dayOf(before) !== dayOf(message)) keep(dayOf(message), new Date().toDateString(), () => day(message));
      const key = message.client_id ?? message.id;
      keep(found.has(key) ? message.id : key, JSON.stringify([message, place]), () => row(message, place));
      if (n === below) keep('rating', '', () => rating.element);
    });
    return found;
  }

  return (box, messages, seen) => {
    const next = wanted(messages, seen);
    for (const [key, { element }] of rows) if (next.get(key)?.element !== element) element.remove();
    let spot = box.firstChild;
    for (const { element } of next.values()) {
      if (element === spot) spot = spot.nextSibling;
      else box.insertBefore(element, spot);
    }
    rows = next;
  };
}
