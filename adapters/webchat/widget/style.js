// One constructable stylesheet: the page's style-src does not concern it.
const CSS = `
:host { all: initial }
:host([hidden]), [hidden] { display: none !important }
* { box-sizing: border-box; margin: 0; padding: 0; border: 0; background: none; color: inherit; font: inherit }
.root { --bg: #fff; --fg: #1a1d24; --muted: #5c6370; --line: #e3e5ea; --soft: #f1f2f5; --bad: #b3261e; --star: #a86400;
  font: 15px/1.45 system-ui, sans-serif; color: var(--fg) }
.dark { --bg: #17191e; --fg: #eceef2; --muted: #a3abb9; --line: #30343d; --soft: #272b33; --bad: #ff9a91; --star: #ffc247; color-scheme: dark }
button { cursor: pointer }
:disabled { opacity: .4 }
:focus-visible { outline: 2px solid var(--ring); outline-offset: 2px }
svg { width: 20px; height: 20px; fill: none; stroke: currentColor; stroke-width: 2; stroke-linecap: round; stroke-linejoin: round }
.sr { position: absolute; top: 0; overflow: hidden; width: 1px; height: 1px; white-space: nowrap }
.launcher, .panel { position: fixed; z-index: 2147483000; right: 20px; bottom: 20px; box-shadow: 0 2px 6px #0f142322, 0 12px 40px #0f142333 }
.left > * { right: auto; left: 20px }
.launcher, .send, .me .bubble { background: var(--accent); color: var(--on) }
.launcher, .tool, .send, .face { display: grid; place-items: center; flex: none; border-radius: 50% }
.launcher { width: 56px; height: 56px }
.launcher svg { width: 26px; height: 26px }
.badge { position: absolute; top: -3px; right: -3px; min-width: 22px; padding: 0 6px; border-radius: 11px; background: #c62828; color: #fff; font-size: 12px; font-weight: 700; line-height: 22px }
.panel { bottom: 84px; display: flex; flex-direction: column; width: 384px; max-width: calc(100vw - 40px); height: min(680px, 100dvh - 104px);
  border: 1px solid var(--line); border-radius: 18px; background: var(--bg); overflow: hidden; animation: rise .2s }
@keyframes rise { from { opacity: 0; transform: translateY(12px) } }
header { display: flex; align-items: center; gap: 10px; height: 64px; padding-inline: 16px 12px; line-height: 1.25; border-bottom: 1px solid var(--line) }
header .face { width: 38px; height: 38px; font-size: 14px }
.who { flex: 1; display: grid; justify-items: start; min-width: 0; overflow-wrap: anywhere }
.who > *, .name { display: -webkit-box; -webkit-box-orient: vertical; -webkit-line-clamp: 2; overflow: hidden }
.who > h2, .name { -webkit-line-clamp: 1 }
h2, b { font-weight: 650 }
.status, .newer { font-size: 13px; color: var(--muted) }
.on::before { content: "●\\a0"; color: #1a9a50 }
.face { position: relative; overflow: hidden; width: 28px; height: 28px; background: hsl(var(--hue) 45% 34%); color: #fff; font-size: 11px; font-weight: 650 }
.face img { position: absolute; inset: 0; width: 100%; height: 100%; object-fit: cover }
.tool, .send { width: 36px; height: 36px }
.tool { color: var(--muted) }
.tool:hover, .menu button:hover, .chips button:hover { background: var(--soft) }
.menu { position: absolute; z-index: 1; top: 58px; inset-inline-end: 12px; padding: 6px; border: 1px solid var(--line); border-radius: 12px; background: var(--bg); box-shadow: 0 8px 28px #0f142333 }
.menu button { display: block; width: 100%; padding: 8px 12px; border-radius: 8px; text-align: start }
.menu [aria-pressed=true]::after { content: " ✓" }
.scroll { flex: 1; overflow: hidden auto; overscroll-behavior: contain; padding: 16px; outline-offset: -3px; overflow-wrap: anywhere }
.greeting { padding: 40px 16px 24px; font-size: 19px; font-weight: 650; text-align: center }
.log { display: grid }
.day, .system { justify-self: center; margin: 12px 16px 4px; font-size: 13px; color: var(--muted); text-align: center }
.day::first-letter { text-transform: uppercase }
.row { display: grid; grid-template-columns: 28px 1fr; column-gap: 8px; justify-items: start; margin-top: 2px; padding-inline-end: 28px }
.row.me { display: flex; flex-direction: column; align-items: end; padding-inline: 44px 0 }
.first { margin-top: 12px }
.row > * { grid-column: 2 }
.row > .face { grid-area: 2 / 1; align-self: end }
.row > .bubble { grid-row: 2 }
.row > .reactions { grid-row: 3 }
.row > .meta { grid-row: 4 }
.reactions, details[open] { display: flex; flex-wrap: wrap; gap: 4px }
.reactions { margin: -5px 6px 0; z-index: 1 }
.reactions > button, .reactions > span, details { padding: 0 6px; border: 1px solid var(--line); border-radius: 12px; background: var(--bg); font-size: 14px; line-height: 22px }
.reactions [aria-pressed=true] { border-color: var(--ring) }
summary { list-style: none; color: var(--muted); cursor: pointer }
details button { padding: 0 4px }
@media (hover: hover) {
  .them .reactions:not(:has(> button, > span)) { margin: -5px 48px -19px }
  .row:not(:hover) details:not([open], :focus-within) { opacity: 0 }
}
.name, .meta { margin: 3px 2px; font-size: 12px; color: var(--muted) }
.bubble { max-width: 100%; padding: 9px 13px; border: 1px solid transparent; border-radius: 17px; background: var(--soft); text-align: start }
.them:not(.first) .bubble { border-start-start-radius: 6px }
.me:not(.first) .bubble { border-start-end-radius: 6px }
.gone .bubble { border-color: var(--line); background: none; color: var(--muted) }
.gone .bubble, i { font-style: italic }
.bubble p:empty { height: .6em }
ul, ol { padding-inline-start: 20px }
blockquote { padding-inline-start: 10px; border-inline-start: 3px solid var(--line) }
code, pre { font-family: ui-monospace, monospace; font-size: 13px; white-space: pre-wrap }
.meta svg { width: 13px; height: 13px }
.bad, .fault, .over { color: var(--bad) }
.bad button, .fault button { text-decoration: underline }
.dots { color: var(--muted); font-size: 20px; line-height: 1; letter-spacing: 3px; animation: dots 1.4s infinite }
@keyframes dots { 50% { opacity: .3 } }
.tray { display: flex; flex-wrap: wrap; gap: 6px }
.tray button { overflow: hidden; max-width: 100%; margin-bottom: 8px; padding: 2px 10px; border-radius: 14px; background: var(--soft); text-overflow: ellipsis; white-space: nowrap }
.busy { opacity: .5 }
.file { display: block; text-decoration: underline; text-align: start }
.file img { display: block; max-width: 100%; max-height: 260px; border-radius: 10px }
.rate { margin: 12px 0 4px; padding: 12px; border: 1px solid var(--line); border-radius: 14px }
.rate > p:first-child { font-weight: 650; text-align: center }
.scores { display: grid; grid-template-columns: repeat(5, 1fr); gap: 4px; margin-top: 8px }
.scores button { padding: 6px 1px; border: 1px solid var(--line); border-radius: 10px; font-size: 12px; line-height: 1.3; overflow-wrap: normal }
.scores button:hover { background: var(--soft) }
.scores [aria-pressed=true] { border-color: var(--ring); box-shadow: inset 0 0 0 1px var(--ring); font-weight: 650 }
.scores span { display: block; color: var(--star); font-size: 10px; letter-spacing: -1px }
.rate form { display: grid; justify-items: end; gap: 8px; margin-top: 12px }
.rate label { width: 100%; font-size: 13px }
.rate textarea { display: block; width: 100%; margin-top: 4px; border: 1px solid var(--muted); border-radius: 10px }
.rate form button { padding: 6px 14px; border-radius: 16px; background: var(--soft) }
.chips { display: flex; flex-wrap: wrap; gap: 8px; padding: 12px 0 0; padding-inline-start: 36px }
.chips button { padding: 6px 14px; border: 1px solid var(--ring); border-radius: 18px; color: var(--ring); text-align: start }
.greeting:not([hidden]) ~ .chips { justify-content: center; padding: 0 }
.foot { position: relative; padding: 12px; border-top: 1px solid var(--line) }
.newer { position: absolute; bottom: 100%; left: 50%; transform: translate(-50%, -10px); padding: 6px 14px; border-radius: 16px; background: var(--fg); color: var(--bg) }
.ask { display: flex; align-items: end; gap: 8px; margin-bottom: 8px }
.ask label { flex: 1; font-size: 13px }
.ask input { display: block; box-sizing: border-box; width: 100%; margin-top: 4px; padding: 6px 12px; border: 1px solid var(--muted); border-radius: 16px; background: none; color: inherit; font: inherit; font-size: 16px }
.ask button { padding: 6px 14px; border-radius: 16px; background: var(--soft) }
.form { display: grid; gap: 12px; padding-bottom: 8px }
.form label { display: block; margin-top: 12px; font-size: 13px }
.form input, .form select { display: block; width: 100%; height: 38px; margin-top: 4px; padding: 0 12px; border: 1px solid var(--muted); border-radius: 12px; background: var(--bg); font-size: 16px }
.go { padding: 10px; border-radius: 20px; background: var(--accent); color: var(--on); font-weight: 650 }
.composer { display: flex; align-items: end; padding: 4px; border: 1px solid var(--muted); border-radius: 23px }
.composer:focus-within { border-color: var(--ring); box-shadow: 0 0 0 1px var(--ring) }
textarea { flex: 1; min-width: 0; max-height: 124px; padding: 7px 10px; line-height: 22px; resize: none }
textarea:focus { outline: none }
::placeholder { color: var(--muted); opacity: 1 }
@media (max-width: 480px), (max-height: 420px) {
  .panel { inset: var(--top, 0) 0 auto; width: auto; max-width: none; height: var(--height, 100dvh); border: 0; border-radius: 0;
    padding: env(safe-area-inset-top) env(safe-area-inset-right) env(safe-area-inset-bottom) env(safe-area-inset-left) }
  .opened .launcher { display: none }
  textarea { font-size: 16px }
}
@media (prefers-reduced-motion) { * { animation: none !important } }
`;

export function sheet() {
  const style = new CSSStyleSheet();
  style.replaceSync(CSS);
  return style;
}

/** Relative luminance of #rrggbb as WCAG 2 defines it. */
function luminance(hex) {
  const [r, g, b] = hex.match(/\w\w/g).map((pair) => (Number.parseInt(pair, 16) / 255) ** 2.2);
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

/** The site's colour for surfaces; for text and lines only where it can be read. */
export function paint({ style }, color, dark) {
  const accent = /^#[\da-f]{6}$/i.test(color) ? color : '#2b59d9';
  const light = luminance(accent);
  style.setProperty('--accent', accent);
  style.setProperty('--on', light < 0.18 ? '#fff' : '#101217');
  style.setProperty('--ring', (dark ? light > 0.22 : light < 0.18) ? accent : 'var(--fg)');
}
