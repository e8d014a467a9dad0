// The panel and its launcher.
import { avatar, h, icon } from './dom.js';
import { createFiles } from './files.js';
import { createForm } from './form.js';
import { createList } from './list.js';
import { createRating } from './rating.js';
import { createStatusLine } from './texts.js';

export function createPanel({ base, t, locale, chat, tab, onToggle, sound }) {
  const tool = (kind, name, label, onclick) =>
    h(`button.${kind}`, { ariaLabel: t(label), title: t(label), onclick }, icon(name));
  const nameOf = ({ kind, name }) => name || t({ user: 'you', bot: 'assistant' }[kind] ?? 'team');
  const isAsked = () => chat.state.status.rating?.score === 0;
  const hasBot = () => chat.state.status.has_bot ?? chat.settings.has_bot;
  const files = createFiles({ t, locale, chat, changed: () => grow(typed), grow });
  const rating = createRating({ t, chat, grow });
  const showList = createList({ base, t, locale, chat, nameOf, files, rating });
  const statusLine = createStatusLine(t, locale);
  let opened = false;
  let from = null;
  let newest = '';
  let offered = '';
  let shown = '';
  let left = false; // an e-mail; the status says so a little later

  const title = h('h2', { dir: 'auto' });
  const status = h('p.status');
  const more = tool('tool', 'menu', 'menu', () => showMenu(menu.hidden));
  // else the menu closes as it loses the focus, and the click opens it again
  more.onmousedown = (event) => event.preventDefault();
  const menu = h('div.menu', { hidden: true, tabIndex: -1 });
  menu.addEventListener('focusout', (event) => menu.contains(event.relatedTarget) || hideMenu());
  const greeting = h('p.greeting');
  const asking = createForm({ t, chat, onDone: () => settle() });
  const log = h('div.log', { role: 'log', ariaLive: 'off', ariaLabel: t('log') });
  const typing = h('div.row.them.first.last');
  const chips = h('div.chips');
  // as of the visitor's last scroll: what shrinks, as under a phone's keyboard, is none
  let atEnd = true;
  let room = '';
  const resized = () => room !== (room = `${scroll.clientWidth} ${scroll.clientHeight}`);
  const onscroll = () => (atEnd = atBottom() || (resized() && atEnd)) && toBottom();
  const scroll = h('div.scroll', { tabIndex: 0, onscroll }, greeting, asking.form, log, typing, chips);
  const newer = h('button.newer', { onclick: toBottom }, `${t('newer')} ↓`);
  const over = h('p.over', { role: 'alert' });
  const input = h('textarea', { rows: 1, dir: 'auto', placeholder: t('write'), oninput: typed, onkeydown: enter, onpaste: add });
  input.value = tab.deskbridge_draft ?? '';
  input.ariaLabel = input.placeholder;
  const chooser = h('input', { type: 'file', multiple: true, hidden: true });
  chooser.onchange = () => (files.add(chooser.files), (chooser.value = ''));
  const clip = tool('tool', 'clip', 'attach', () => chooser.click());
  const send = tool('send', 'send', 'send', submit);
  const email = h('input', { type: 'email', required: true, autocomplete: 'email', maxLength: 200 });
  const ask = h('form.ask', { hidden: true, onsubmit: leave }, h('label', {}, ' ', email), h('button'));
  const foot = h('div.foot', {}, newer, ask, over, files.tray, h('div.composer', {}, clip, input, send));
  const close = tool('tool', 'close', 'close', () => toggle(false));
  const header = h('header', {}, h('span'), h('div.who', {}, title, status), more, close);
  const panel = h('section.panel', { role: 'dialog', hidden: true, onkeydown: escape, ondrop: add, ondragover: (event) => event.preventDefault() }, header, menu, scroll, foot);
  const badge = h('span.badge');
  const launcher = h('button.launcher', { onclick: () => toggle(!opened) });
  const announcer = h('p.sr', { ariaLive: 'polite' });
  const dir = /^(ar|he|fa|ur)/.test(locale) ? 'rtl' : 'ltr';
  const root = h('div.root', { dir, lang: locale }, panel, launcher, announcer);

  new ResizeObserver(() => (resized(), atEnd && toBottom())).observe(scroll);
  const atBottom = () => scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < 60;

  /** Who looks at the end goes on looking at it. */
  function grow(act) {
    const stay = atBottom();
    act();
    if (stay) toBottom();
  }

  function toBottom() {
    scroll.scrollTop = asking.form.hidden ? scroll.scrollHeight : 0;
    newer.hidden = true;
  }

  /** The composer, but where that would raise a keyboard over the messages. */
  function settle() {
    const first = asking.form.hidden ? input : asking.form.querySelector('input, select');
    (matchMedia('(hover: none)').matches ? scroll : first).focus();
  }

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

  function leave(event) {
    event.preventDefault();
    chat.leave(email.value);
    ask.hidden = left = true;
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

  function hideMenu(hide = true) {
    menu.hidden = hide;
    more.ariaExpanded = !hide;
  }

  function showMenu(on) {
    hideMenu(!on);
    const item = (label, act, ariaPressed = null) =>
      h('button', { ariaPressed, onclick: () => (showMenu(false), act()) }, t(label));
    menu.replaceChildren(
      item('sound', () => sound(!sound()), sound()),
      ...(chat.state.messages.length ? [item('download', download)] : []),
      ...(isAsked() ? [item('rate', rating.focus)] : []),
      ...(/queued|assigned|paused/.test(chat.state.status.mode) ? [item(hasBot() ? 'back' : 'end', chat.end)] : []),
    );
    (on ? menu.firstChild : more).focus();
  }

  async function download() {
    const page = await chat.transcript().catch(() => grow(() => (over.textContent = t('trouble'))));
    if (!page) return;
    const href = URL.createObjectURL(page);
    h('a', { href, download: `chat-${new Date().toLocaleDateString('sv')}.html` }).click();
    setTimeout(URL.revokeObjectURL, 1000, href);
  }

  /** `focus` is false where nobody asked: the page keeps it. */
  function toggle(on, focus = true) {
    if (on === opened) return;
    opened = on;
    panel.hidden = !on;
    hideMenu();
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
      const asked = isAsked() ? chat.state.status.rating.question : '';
      announcer.textContent = author.kind === 'system' ? `${text} ${asked}` : `${nameOf(author)}: ${text}`;
    },
    update(state) {
      const n = state.unread;
      const label = t(opened ? 'close' : 'open') + (n && !opened ? `, ${t('unread', { n })}` : '');
      clip.hidden = !chat.settings.files;
      if (!state.status.ask_email) left = false;
      email.previousSibling.textContent = t('email');
      ask.lastChild.textContent = t('leave');
      grow(() => (ask.hidden = left || !state.status.ask_email));
      rating.update(state.status.rating);
      const here = input.matches(':focus');
      asking.update(chat.settings.prechat);
      foot.hidden = chips.hidden = !asking.form.hidden;
      if (here && foot.hidden) settle();
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
