// Texts of messages as elements.
import { h, link, safeUrl } from './dom.js';

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
export const rich = (text) => blocks(text.split('\n'));

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
export function plain(text) {
  const parts = (line) => line.split(ADDRESS).map((part, n) => (n % 2 ? link(part, part) : part));
  return text.split('\n').map((line) => h('p', {}, ...parts(line)));
}
