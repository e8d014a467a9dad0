// All that is seen. Text only ever becomes text nodes: nothing anybody writes becomes markup.
import { createFiles } from './files.js';
import { createReactions } from './reactions.js';
import { createStatusLine } from './texts.js';

/** h('button.send', {onclick}, 'text', child): null and false are left out. */
export function h(name, props, ...children) {
  const [tag, ...classes] = name.split('.');
  const element = Object.assign(document.createElement(tag), { className: classes.join(' ') }, props);
  element.append(...children.flat().filter(Boolean));
  return element;
}

const PATHS = {
  chat: 'M4 5h16v11H10l-5 4v-4H4z',
  down: 'M6 9l6 6 6-6',
  close: 'M6 6l12 12M18 6L6 18',
  clip: 'M8 12l5-5a3 3 0 0 1 4 4l-7 7a5 5 0 0 1-7-7l7-7',
  menu: 'M5 12h1M12 12h1M19 12h1',
  send: 'M12 19V5M6 11l6-6 6 6',
  clock: 'M12 7v5l3 2M12 3a9 9 0 1 0 .1 0',
};

export function icon(name) {
  const [svg, path] = ['svg', 'path'].map((tag) => document.createElementNS('http://www.w3.org/2000/svg', tag));
  svg.setAttribute('viewBox', '0 0 24 24');
  path.setAttribute('d', PATHS[name]);
  svg.append(path);
  return svg;
}

export function avatar({ name, avatar_url }, base) {
  const words = name.trim().split(/\s+/);
  const initials = [words[0], words[1] && words.at(-1)].map((word) => [...(word ?? '')][0]).join('');
  const face = h('span.face', { ariaHidden: 'true' }, initials.toUpperCase());
  face.style.setProperty('--hue', 170 + ([...name].reduce((sum, letter) => sum * 7 + letter.codePointAt(0), 0) % 180));
  const src = safeUrl(avatar_url, base);
  if (src) face.append(h('img', { src, alt: '', onerror: ({ target }) => target.remove() }));
  return face;
}

/** The address if it may be opened, else undefined. */
function safeUrl(text, base) {
  const { protocol, href } = text && URL.canParse(text, base) ? new URL(text, base) : {};
  return /^(https?|mailto|tel):$/.test(protocol) ? href : undefined;
}

const link = (href, ...inside) => h('a', { href, target: '_blank', rel: 'noopener noreferrer' }, ...inside);

const ADDRESS = /(https?:\/\/[^\s<>]*[^\s<>.,;:!?'")\]])/;
const INLINE = new RegExp(
  [
    /\\([!-/:-@[-`{-~])/,
    /(`+)(.+?)(?<!`)\2(?!`)/,
    /(\*\*|__|~~)(?=\S)((?:\\.|[^\\])+?)(?<=\S)\4(?!\*)/,
    /(\*|(?<!\w)_)(?=\S)((?:\\.|\*\*|(?!\6)[^\\])+?)(?<=\S)\6(?<=\*|_(?!\w))/,
    /\[((?:\\.|[^\]\\])+)\]\(<?([^\s)>]+)>?\)/,
    /<(\w+:[^\s<>]+)>/,
    ADDRESS,
  ]
    .map((one) => one.source)
    .join('|'),
  'g',
);

function inline(text) {
  const nodes = [];
  let end = 0;
  for (const match of text.matchAll(INLINE)) {
    const [all, escaped, , code, mark, strong, , italic, label, target, auto, url = auto] = match;
    const href = safeUrl(target ?? url);
    nodes.push(text.slice(end, match.index));
    end = match.index + all.length;
    if (code) nodes.push(h('code', {}, code.replace(/^ (.+) $/, '$1')));
    else if (strong) nodes.push(h(mark === '~~' ? 's' : 'b', {}, ...inline(strong)));
    else if (italic) nodes.push(h('i', {}, ...inline(italic)));
    else if (href) nodes.push(link(href, ...(label ? inline(label) : [url])));
    else nodes.push(escaped ?? all);
  }
  return [...nodes, text.slice(end)];
}

/** What agents and bots write: a light CommonMark. */
const rich = (text) => blocks(text.split('\n'));

function blocks(lines) {
  const found = [];
  let list;
  let kind;
  while (lines.length) {
    const line = lines.shift();
    const upTo = (end) => lines.splice(0, end < 0 ? lines.length : end);
    const fence = /^(`{3,}|~{3,})[^`]*$/.exec(line)?.[1];
    const item = /^(?:[-*+]|(\d+)([.)]))(?: +|$)/.exec(line);
    if (item) {
      const [sign, start, mark = '-'] = item;
      const inside = upTo(lines.findIndex((one, n) => !/^ {2}/.test(one || lines[n + 1])));
      if (kind !== mark) found.push((list = start ? h('ol', { start }) : h('ul')));
      kind = mark;
      const indent = new RegExp(`^ {1,${sign.trim().length + 1}}`);
      list.append(h('li', {}, ...blocks([line.slice(sign.length), ...inside.map((one) => one.replace(indent, ''))])));
      continue;
    }
    if (fence) {
      found.push(h('pre', {}, upTo(lines.findIndex((one) => one.startsWith(fence))).join('\n')));
      lines.shift();
    } else if (line[0] === '>') {
      const inside = [line, ...upTo(lines.findIndex((one) => one[0] !== '>'))];
      found.push(h('blockquote', {}, ...blocks(inside.map((one) => one.replace(/> ?/, '')))));
    } else found.push(h('p', {}, ...inline(line)));
    kind = '';
  }
  return found;
}

/** As typed, with addresses made links. */
function plain(text) {
  const parts = (line) => line.split(ADDRESS).map((part, n) => (n % 2 ? link(part, part) : part));
  return text.split('\n').map((line) => h('p', {}, ...parts(line)));
}

const dayOf = (message) => message && new Date(message.sent_at).toDateString();
const authorOf = ({ kind, name }) => (kind === 'user' ? kind : kind + name);

function together(a, b) {
  if (!a || !b || a.author.kind === 'system' || authorOf(a.author) !== authorOf(b.author)) return false;
  return dayOf(a) === dayOf(b) && Math.abs(new Date(b.sent_at) - new Date(a.sent_at)) < 3e5;
}

export function createList({ base, t, locale, chat, nameOf, files }) {
  const reactions = createReactions({ h, t, chat });
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

  function meta({ failed, seq, client_id, edited_at, deleted, author, sent_at }, { last, seen }) {
    const again = () => h('button', { onclick: () => chat.retry(client_id) }, t('again'));
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
      place.first && h(own ? 'span.sr' : 'div.name', {}, name),
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

export function createPanel({ base, t, locale, chat, tab, onToggle, sound }) {
  const tool = (kind, name, label, onclick) =>
    h(`button.${kind}`, { ariaLabel: t(label), title: t(label), onclick }, icon(name));
  const nameOf = ({ kind, name }) => name || t({ user: 'you', bot: 'assistant' }[kind] ?? 'team');
  const hasBot = () => chat.state.status.has_bot ?? chat.settings.has_bot;
  const files = createFiles({ h, t, locale, chat, changed: () => grow(typed), grow });
  const showList = createList({ base, t, locale, chat, nameOf, files });
  const statusLine = createStatusLine(t, locale);
  let opened = false;
  let from = null;
  let newest = '';
  let offered = '';
  let shown = '';

  const title = h('h2');
  const status = h('p.status');
  const more = tool('tool', 'menu', 'menu', () => showMenu(menu.hidden));
  const menu = h('div.menu', { hidden: true });
  const greeting = h('p.greeting');
  const log = h('div.log', { role: 'log', ariaLive: 'off', ariaLabel: t('log') });
  const typing = h('div.row.them.first.last');
  const chips = h('div.chips');
  const onscroll = () => atBottom() && toBottom();
  const scroll = h('div.scroll', { tabIndex: 0, onscroll }, greeting, log, typing, chips);
  const newer = h('button.newer', { onclick: toBottom }, `${t('newer')} ↓`);
  const over = h('p.over', { role: 'alert' });
  const input = h('textarea', { rows: 1, dir: 'auto', placeholder: t('write'), oninput: typed, onkeydown: enter, onpaste: add });
  input.value = tab.deskbridge_draft ?? '';
  input.ariaLabel = input.placeholder;
  const chooser = h('input', { type: 'file', multiple: true, hidden: true });
  chooser.onchange = () => (files.add(chooser.files), (chooser.value = ''));
  const clip = tool('tool', 'clip', 'attach', () => chooser.click());
  const send = tool('send', 'send', 'send', submit);
  const foot = h('div.foot', {}, newer, over, files.tray, h('div.composer', {}, clip, input, send));
  const close = tool('tool', 'close', 'close', () => toggle(false));
  const header = h('header', {}, h('span'), h('div.who', {}, title, status), more, close);
  const panel = h('section.panel', { role: 'dialog', hidden: true, onkeydown: escape, ondrop: add, ondragover: (event) => event.preventDefault() }, header, menu, scroll, foot);
  const badge = h('span.badge');
  const launcher = h('button.launcher', { onclick: () => toggle(!opened) });
  const announcer = h('p.sr', { ariaLive: 'polite' });
  const dir = /^(ar|he|fa|ur)/.test(locale) ? 'rtl' : 'ltr';
  const root = h('div.root', { dir, lang: locale }, panel, launcher, announcer);

  const atBottom = () => scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < 60;

  /** Who looks at the end goes on looking at it. */
  function grow(act) {
    const stay = atBottom();
    act();
    if (stay) toBottom();
  }

  function toBottom() {
    scroll.scrollTop = scroll.scrollHeight;
    newer.hidden = true;
  }

  /** The composer, but where that would raise a keyboard over the messages. */
  const settle = () => (matchMedia('(hover: none)').matches ? scroll : input).focus();

  function typed() {
    const n = [...input.value].length - (chat.settings.max_text ?? 10000);
    input.style.height = '0';
    input.style.height = `${input.scrollHeight}px`;
    over.textContent = n > 0 ? t('tooLong', { n }) : files.fault;
    send.disabled = n > 0 || files.busy || !(input.value.trim() || files.ready);
    if (input.value) chat.typing();
    tab.deskbridge_draft = input.value;
  }

  function enter(event) {
    // 229: in Safari a composition has ended before we hear of the Enter that ended it
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing || event.keyCode === 229) return;
    event.preventDefault();
    if (!send.disabled) submit();
  }

  function submit() {
    say(input.value.trim(), undefined, files.take());
    clear();
    input.focus();
  }

  function clear() {
    input.value = '';
    typed();
  }

  /** Pasted, or dropped anywhere on the panel. */
  function add(event) {
    const { files: list } = event.clipboardData ?? event.dataTransfer;
    if (!list.length) return;
    event.preventDefault();
    files.add(list);
  }

  function say(text, payload, attachments) {
    chat.send(text, payload, attachments);
    toBottom();
  }

  function escape(event) {
    if (event.key !== 'Escape' || event.isComposing) return;
    event.stopPropagation();
    if (menu.hidden) toggle(false);
    else showMenu(false);
  }

  function showMenu(on) {
    menu.hidden = !on;
    more.ariaExpanded = on;
    const item = (label, act, ariaPressed = null) =>
      h('button', { ariaPressed, onclick: () => (showMenu(false), act()) }, t(label));
    menu.replaceChildren(
      item('sound', () => sound(!sound()), sound()),
      item('download', download),
      ...(/queued|assigned|paused/.test(chat.state.status.mode) ? [item(hasBot() ? 'back' : 'end', chat.end)] : []),
    );
    (on ? menu.firstChild : more).focus();
  }

  function download() {
    const time = (message) => new Date(message.sent_at).toLocaleString(locale);
    const lines = chat.state.messages.map((one) => `${time(one)} ${nameOf(one.author)}: ${one.text}`);
    const href = URL.createObjectURL(new Blob([lines.join('\n')]));
    h('a', { href, download: 'chat.txt' }).click();
    setTimeout(URL.revokeObjectURL, 1000, href);
  }

  /** `focus` is false where nobody asked: the page keeps it. */
  function toggle(on, focus = true) {
    if (on === opened) return;
    opened = on;
    panel.hidden = !on;
    menu.hidden = true;
    root.classList.toggle('opened', on);
    onToggle(on);
    typed();
    toBottom();
    if (on) from = document.activeElement;
    if (!focus) return;
    if (on) settle();
    else (from.matches('body, deskbridge-chat') ? launcher : from).focus();
  }

  function drawHeader(state) {
    const { agent, mode } = state.status;
    const here = mode === 'assigned' && agent;
    const face = here ? { ...agent, name: nameOf(agent) } : { name: t('title') };
    panel.ariaLabel = title.textContent = t('title');
    status.textContent = statusLine(state, hasBot());
    status.classList.toggle('on', Boolean(here) && agent.online !== false && !state.reconnecting);
    if (shown !== (shown = JSON.stringify(face))) header.firstChild.replaceWith(avatar(face, base));
  }

  function drawTyping(author) {
    typing.hidden = !author;
    if (!author) return;
    const name = nameOf(author);
    const label = t('typing', { name });
    if (typing.title === label) return;
    typing.title = label;
    const dots = h('div.bubble.dots', { role: 'img', ariaLabel: label }, '•••');
    typing.replaceChildren(avatar({ ...author, name }, base), dots);
  }

  function drawChips(last) {
    const buttons = (last ? last.author.kind !== 'user' && last.buttons : chat.settings.greeting_buttons) || [];
    if (offered === (offered = JSON.stringify([last?.id, buttons]))) return;
    const chip = ({ text, label = text, value }) => h('button', { onclick: () => (say(label, value), settle()) }, label);
    chips.replaceChildren(...buttons.map(chip));
  }

  function drawMessages({ messages, seen, typist }) {
    const stay = atBottom();
    const last = messages.findLast(({ author }) => author.kind !== 'system');
    const before = newest;
    newest = messages.at(-1)?.client_id ?? messages.at(-1)?.id ?? '';
    showList(log, messages, seen);
    greeting.hidden = messages.length > 0;
    greeting.textContent = chat.settings.greeting ?? t('greeting');
    drawChips(last);
    drawTyping(typist);
    if (stay || !before) toBottom();
    else if (newest !== before) newer.hidden = false;
  }

  return {
    root,
    toggle,
    clear,
    get opened() {
      return opened;
    },
    announce({ author, text }) {
      announcer.textContent = author.kind === 'system' ? text : `${nameOf(author)}: ${text}`;
    },
    update(state) {
      const n = state.unread;
      const label = t(opened ? 'close' : 'open') + (n && !opened ? `, ${t('unread', { n })}` : '');
      clip.hidden = !chat.settings.files;
      drawHeader(state);
      drawMessages(state);
      if (launcher.title === label) return;
      launcher.ariaLabel = launcher.title = label;
      launcher.ariaExpanded = opened;
      badge.textContent = n > 9 ? '9+' : n;
      launcher.replaceChildren(icon(opened ? 'down' : 'chat'), ...(n && !opened ? [badge] : []));
    },
  };
}
