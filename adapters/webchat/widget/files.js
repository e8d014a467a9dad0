// Files: what the visitor attaches, refused here before it is sent, and what messages carry.
import { h } from './dom.js';

const RUNS = /\.(exe|msi|bat|cmd|com|scr|ps1|vbs|js|jar|app|apk|dmg|lnk|hta|dll|sh|iso|docm|xlsm|pptm)$/i;

export function createFiles({ t, locale, chat, changed, grow }) {
  const tray = h('div.tray');
  const urls = {}; // by id; the promises of addresses in this page
  let chosen = [];

  const limits = () => chat.settings.files;

  function sizeOf(bytes) {
    const [n, unit] = bytes < 1e6 ? [bytes / 1e3, 'kilobyte'] : [bytes / 1e6, 'megabyte'];
    return n.toLocaleString(locale, { style: 'unit', unit, maximumSignificantDigits: 2 });
  }

  function fault({ name, size }) {
    if (chosen.length >= limits().count) return t('tooMany', { n: limits().count });
    if (size > limits().size) return t('tooBig', { name, n: limits().size >> 20 });
    return RUNS.test(name) && t('badFile', { name });
  }

  function draw() {
    const chip = (one) => h(one.id ? 'button' : 'button.busy', { title: t('remove'), onclick: () => drop(one) }, `× ${one.name}`);
    tray.replaceChildren(...chosen.map(chip));
    changed();
  }

  function drop(one) {
    chosen = chosen.filter((other) => other !== one);
    draw();
  }

  async function add(file) {
    if ((files.fault = fault(file) || '')) return draw();
    const one = { name: file.name };
    chosen.push(one);
    draw();
    try {
      Object.assign(one, await chat.upload(file));
      urls[one.id] = URL.createObjectURL(file);
    } catch (error) {
      files.fault = `${file.name}: ${t('mistake') ? t('failed') : error.message}`;
      drop(one);
    }
    draw();
  }

  const url = (id) => (urls[id] ??= chat.file(id).then(URL.createObjectURL, () => (urls[id] = null)));

  async function save({ id, name }) {
    const href = await url(id);
    if (href) h('a', { href, download: name }).click();
  }

  const files = {
    tray,
    fault: '',
    get ready() {
      return chosen.length > 0 && chosen.every(({ id }) => id);
    },
    get busy() {
      return chosen.some(({ id }) => !id);
    },
    add: (list) => limits() && [...list].forEach(add),
    take() {
      const taken = chosen;
      chosen = [];
      files.fault = '';
      draw();
      return taken;
    },
    /** An image is shown, anything else can be saved. */
    show(file) {
      const button = h('button.file', { onclick: () => save(file) }, `${file.name} · ${sizeOf(file.size)}`);
      if (/^image\/(png|jpe?g|gif|webp|avif)$/.test(file.mime)) {
        const image = h('img', { alt: file.name, onload: () => grow(() => button.replaceChildren(image)) });
        Promise.resolve(url(file.id)).then((src) => src && (image.src = src));
      }
      return button;
    },
  };
  return files;
}
