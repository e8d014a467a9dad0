// The widget put together: its element, its options, and window.deskbridge.
import { createChat } from './chat.js';
import { paint, sheet } from './style.js';
import { translator } from './texts.js';
import { createPanel } from './view.js';
import { createStore, reach } from './wire.js';

/** Made here: nothing for a media-src to forbid. */
function beep() {
  const audio = new AudioContext();
  const tone = new OscillatorNode(audio, { frequency: 740 });
  tone.connect(new GainNode(audio, { gain: 0.05 })).connect(audio.destination);
  tone.onended = () => audio.close();
  tone.start();
  tone.stop(0.15);
}

function blink(done) {
  const { title } = document;
  const timer = setInterval(() => (document.title = document.title === title ? `● ${title}` : title), 1000);
  const stop = () => done(clearInterval(timer), (document.title = title));
  document.addEventListener('visibilitychange', stop, { once: true });
}

export async function start(base, options, stub) {
  const store = createStore(`deskbridge:${base}:`);
  const tab = reach('sessionStorage'); // on the next page an open panel is open, a draft there
  const darkness = matchMedia('(prefers-color-scheme: dark)');
  const listeners = {};
  const host = document.createElement('deskbridge-chat');
  const shadow = host.attachShadow({ mode: 'open' });
  let { theme = 'auto' } = options;
  let locale = '';
  let identity;
  let attributes;
  let panel = null;
  let blinking = false;
  let drawing = false;
  let unread = 0;

  const emit = (event, detail) => listeners[event]?.forEach((listener) => listener(detail));
  const describe = async () => ({
    identity: typeof identity === 'function' ? await identity() : identity,
    locale,
    page: { url: location.href, title: document.title },
    time_zone: Intl.DateTimeFormat().resolvedOptions().timeZone,
    attributes,
  });

  function sound(on = store.get('sound') ?? chat.settings.sound !== false) {
    store.set('sound', on);
    return on;
  }

  function arrived(message) {
    panel.announce(message);
    if (!document.hidden || blinking) return;
    blinking = true;
    blink(() => (blinking = false));
    if (sound()) beep();
  }

  function draw() {
    const { state, settings } = chat;
    const dark = theme === 'dark' || (theme === 'auto' && darkness.matches);
    drawing = false;
    panel.root.classList.toggle('dark', dark);
    panel.root.classList.toggle('left', (options.position ?? settings.position) === 'left');
    paint(panel.root, options.color ?? settings.color, dark);
    panel.update(state);
    if (unread !== state.unread) emit('unread', (unread = state.unread));
  }

  /** Changes of one moment are drawn once. */
  function changed() {
    if (!drawing) queueMicrotask(draw);
    drawing = true;
  }

  function setLocale(asked = options.locale || chat.settings.locale) {
    const wanted = asked || document.documentElement.lang || navigator.language;
    const before = panel;
    locale = navigator.languages.find((one) => one.startsWith(wanted)) ?? wanted.replace('_', '-');
    const texts = () => ({ title: options.title ?? chat.settings.title, ...chat.settings.words, ...chat.settings.texts });
    panel = createPanel({ base, t: translator(locale, texts), locale, chat, tab, sound, onToggle: toggled });
    shadow.replaceChildren(panel.root);
    if (before?.opened) panel.toggle(true, false);
    if (before) chat.describe(); // what the server says to visitors is in their language, too
    changed();
  }

  function toggled(on) {
    tab.deskbridge_open = on;
    if (on) chat.start();
    chat.settle();
    emit(on ? 'open' : 'close');
  }

  /** A phone's keyboard covers the page. */
  function fit() {
    const { height, offsetTop } = window.visualViewport;
    host.style.setProperty('--height', `${height}px`);
    host.style.setProperty('--top', `${offsetTop}px`);
  }

  const api = {
    open: () => panel.toggle(true),
    close: () => panel.toggle(false),
    toggle: () => panel.toggle(!panel.opened),
    show: () => (host.hidden = false),
    hide: () => (host.hidden = true),
    setLocale,
    setTheme: (name) => changed((theme = name)),
    identify: (jwt) => ((identity = jwt), chat.describe()),
    setAttributes: (values) => ((attributes = { ...attributes, ...values }), chat.describe()),
    sendMessage: (text) => chat.send(text),
    on: (event, listener) => (listeners[event] ??= new Set()).add(listener),
    off: (event, listener) => listeners[event]?.delete(listener),
    reset() {
      identity = attributes = undefined;
      chat.reset(panel.clear());
    },
    shutdown() {
      chat.stop();
      host.remove();
      window.deskbridge = undefined;
    },
  };

  const chat = createChat({ base, store, describe, changed, emit, arrived });
  chat.watching = () => panel.opened && !document.hidden;
  shadow.adoptedStyleSheets = [sheet()];
  setLocale();
  darkness.onchange = changed;
  window.visualViewport.onresize = window.visualViewport.onscroll = fit;
  fit();
  document.documentElement.append(host); // not in the body, which some libraries replace
  const { q } = stub;
  stub.q = { push: ([method, ...args]) => api[method]?.(...args) };
  Object.assign(stub, api);
  q.forEach(stub.q.push);
  if ((tab.deskbridge_open ?? String('open' in options)) === 'true') panel.toggle(true, false);
  emit('ready');
}
