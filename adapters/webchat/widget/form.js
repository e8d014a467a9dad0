// What is asked before the first message: the server says what, and checks the answers, too.
import { h } from './dom.js';

export function createForm({ t, chat, onDone }) {
  const fields = h('div');
  const fault = h('p.fault', { role: 'alert' });
  const go = h('button.go');
  const form = h('form.form', { hidden: true, onsubmit: submit }, h('p'), fields, fault, go);
  let shown = '';

  function field({ name, label, type, required, options }) {
    const about = { name, required, oninput: ({ target }) => target.setCustomValidity('') };
    const choice = ({ value, text }) => h('option', { value }, text);
    const input = options.length
      ? h('select', about, h('option', { value: '' }, t('choose')), ...options.map(choice))
      : h('input', { ...about, type, maxLength: 200, dir: 'auto', autocomplete: /^(name|email)$/.test(name) ? name : 'off' });
    return h('label', {}, required ? label : `${label} (${t('optional')})`, input);
  }

  async function submit(event) {
    event.preventDefault();
    go.disabled = true;
    fault.textContent = '';
    try {
      await chat.introduce(Object.fromEntries(new FormData(form)));
      onDone();
    } catch ({ fields: faults, status, message }) {
      for (const [path, said] of Object.entries(faults ?? {})) {
        const input = fields.querySelector(`[name=${path.replace('prechat.', '')}]`);
        input?.setCustomValidity(t('mistake') || said);
        input?.reportValidity();
      }
      if (!faults) fault.textContent = t('mistake') || !status ? t('trouble') : message;
    }
    go.disabled = false;
  }

  return {
    form,
    /** What is being written stays, while the same is asked. */
    update(asked = []) {
      form.hidden = !asked.length;
      if (shown === (shown = JSON.stringify(asked))) return;
      form.firstChild.textContent = t('form');
      go.textContent = t('start');
      fields.replaceChildren(...asked.map(field));
    },
  };
}
