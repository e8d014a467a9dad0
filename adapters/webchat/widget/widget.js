// The loader: <script src="…/webchat/widget.js" async data-deskbridge></script>
// makes window.deskbridge callable at once, keeps what is called, and imports the rest.
(() => {
  const { src, dataset } = document.currentScript;
  const stub = (window.deskbridge ??= (...call) => stub.q.push(call));
  if (stub.open) return; // a second tag changes nothing
  stub.q ??= [];
  const names = 'open close toggle show hide identify setLocale setTheme setAttributes sendMessage on off reset shutdown';
  for (const name of names.split(' ')) stub[name] = (...args) => stub(name, ...args);
  const base = new URL('.', src).href;
  import(`${base}widget/main.js`).then(({ start }) => start(base, { ...dataset }, stub));
})();
