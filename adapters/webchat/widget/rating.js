// What the visitor thinks of how they were helped: five buttons with words, then a word of their own.
import { h } from './dom.js';

export function createRating({ t, chat, grow }) {
  const question = h('p', { role: 'status' });
  const scores = [1, 2, 3, 4, 5].map((n) =>
    h('button', { onclick: () => give(n) }, h('span', { ariaHidden: 'true' }, '★'.repeat(n)), ' '),
  );
  const comment = h('textarea', { rows: 2, dir: 'auto', maxLength: 2000, oninput: draw });
  const save = h('button', {}, t('send'));
  const form = h('form', { onsubmit: submit }, h('label', {}, ' ', comment), save);
  const fault = h('p.fault', { role: 'alert' });
  const element = h('div.rate', { role: 'group' }, question, h('div.scores', {}, ...scores), fault);
  let told = null; // by the server
  let score = 0;
  let again;

  function draw() {
    grow(show);
  }

  function show() {
    const kept = told.comment ?? '';
    const text = comment.value.trim();
    element.ariaLabel = told.question;
    question.textContent = told.score ? t('thanks') : told.question;
    scores.forEach((button, n) => {
      button.ariaPressed = String(n + 1 === score);
      button.lastChild.textContent = t(`score${n + 1}`);
    });
    if (told.score) fault.before(form);
    else form.remove();
    comment.previousSibling.textContent = t('comment');
    save.disabled = text === kept;
    save.textContent = t(text && text === kept ? 'sent' : 'send');
  }

  async function post(comment) {
    again = () => post(comment);
    fault.replaceChildren();
    draw();
    const fail = () => fault.replaceChildren(`${t('failed')} · `, h('button', { onclick: () => again() }, t('again')));
    await chat.rate(score, comment).catch(() => grow(fail));
  }

  function give(n) {
    score = n;
    post();
  }

  function submit(event) {
    event.preventDefault();
    post(comment.value.trim());
  }

  return {
    element,
    get after() {
      return told?.after;
    },
    focus() {
      element.scrollIntoView({ block: 'nearest' });
      scores[0].focus();
    },
    update(rating) {
      if (JSON.stringify(rating) === JSON.stringify(told)) return;
      if (rating && rating.comment !== told?.comment) comment.value = rating.comment ?? '';
      told = rating;
      score = rating?.score ?? 0;
      if (rating) draw();
    },
  };
}
