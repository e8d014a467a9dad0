// Elements. Text only ever becomes text nodes: nothing anybody writes becomes markup.

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
export function safeUrl(text, base) {
  const { protocol, href } = text && URL.canParse(text, base) ? new URL(text, base) : {};
  return /^(https?|mailto|tel):$/.test(protocol) ? href : undefined;
}

export const link = (href, ...inside) => h('a', { href, target: '_blank', rel: 'noopener noreferrer' }, ...inside);
