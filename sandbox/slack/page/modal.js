/* Modals: a stack of at most three views in one dialog.

   The workspace says what is open (`view` events: open, push, update, close,
   clear); this client sends what was entered and shows errors under their inputs. */

import { post } from "./api.js";
import { renderBlocks } from "./blocks.js";
import { fill, h, iconButton } from "./dom.js";
import { withEmoji } from "./emoji.js";
import { complaint, createForm } from "./form.js";
import { createHost } from "./host.js";

const FAILED = "We had some trouble connecting. Try again?";

export function createModals(store) {
  const state = { stack: [], dialog: null };
  const top = () => state.stack.at(-1);

  const shut = () => {
    state.stack = [];
    state.dialog?.close();
  };
  const closeTop = () => {
    const view = top()?.view;
    if (!view) return;
    post("close", { as: store.me, view_id: view.id });
    if (view.clear_on_close) shut();
    else drop(view.id);
  };
  const drop = (id) => {
    state.stack = state.stack.filter((entry) => entry.view.id !== id);
    draw();
  };

  const ensureDialog = () => {
    if (state.dialog) return state.dialog;
    const dialog = h("dialog", { class: "dialog modal" });
    dialog.addEventListener("cancel", (event) => { event.preventDefault(); closeTop(); });
    dialog.addEventListener("close", () => { dialog.remove(); state.dialog = null; state.stack = []; });
    document.body.append(dialog);
    dialog.showModal();
    state.dialog = dialog;
    return dialog;
  };

  const draw = () => {
    if (!top()) return shut();
    const dialog = ensureDialog();
    const focused = focusMark(dialog);
    dialog.setAttribute("aria-label", top().view.title?.text ?? "Dialog");
    fill(dialog, frame(top()));
    dialog.querySelector(".dialog-body").scrollTop = top().scroll;
    restoreFocus(dialog, focused);
    return undefined;
  };

  const frame = (entry) => {
    const { view, form, errors } = entry;
    const host = createHost(store, () => ({ view_id: view.id }), () => entry.view.blocks, {
      form, onError: (text) => { entry.problem = text; draw(); },
    });
    const body = h("div", { class: "dialog-body" }, renderBlocks(view.blocks, host, errors));
    body.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.isComposing || !event.target.matches("input.text-input")) return;
      event.preventDefault();
      event.target.dispatchEvent(new Event("change"));
      submit(entry);
    });
    body.addEventListener("scroll", () => { entry.scroll = body.scrollTop; }, { passive: true });
    const inputs = view.blocks.some((block) => block.type === "input");
    return [
      h("header", { class: "dialog-head" },
        state.stack.length > 1 && iconButton("back", "Back", () => closeTop()),
        h("h2", {}, withEmoji(view.title?.text ?? "")), iconButton("close", "Close", () => closeTop())),
      body, entry.problem && h("p", { class: "dialog-problem", role: "alert" }, entry.problem),
      h("footer", { class: "dialog-foot" },
        h("button", { type: "button", class: "button", on: { click: () => closeTop() } }, withEmoji(view.close?.text ?? "Close")),
        (view.submit || inputs) && h("button", {
          type: "button", class: `button primary${entry.busy ? " busy" : ""}`, data: { submit: "1" }, disabled: Boolean(entry.busy),
          on: { click: () => submit(entry) },
        }, withEmoji(view.submit?.text ?? "Submit"))),
    ];
  };

  const submit = async (entry) => {
    const errors = localErrors(entry);
    if (Object.keys(errors).length) return show(entry, { errors });
    show(entry, { busy: true, errors: {}, problem: null });
    const answer = await post("submit", { as: store.me, view_id: entry.view.id, values: entry.form.values(entry.view.blocks) });
    entry.busy = false;
    if (answer.response_action === "errors" || answer.errors) return show(entry, { errors: answer.errors ?? {} });
    if (!answer.ok) return show(entry, { problem: answer.error ?? FAILED });
    // The workspace tells what follows by its events; without an action the view is done.
    if (!answer.response_action) return drop(entry.view.id);
    return draw();
  };
  const show = (entry, change) => {
    Object.assign(entry, change);
    if (state.stack.includes(entry)) draw();
  };

  const handle = (event) => {
    HANDLE[event.action]?.(state, event);
    draw();
  };
  return { handle, shut };
}

function localErrors({ view, form }) {
  const errors = {};
  for (const block of view.blocks) {
    const wrong = block.type === "input" && complaint(block, form.get(block, block.element));
    if (wrong) errors[block.block_id] = wrong;
  }
  return errors;
}

const entryFor = (view, errors) => ({ view, form: createForm(), errors: errors ?? {}, problem: null, busy: false, scroll: 0 });

const HANDLE = {
  open(state, { view, errors }) { state.stack = [entryFor(view, errors)]; },
  push(state, { view, errors }) { if (!state.stack.some((entry) => entry.view.id === view.id)) state.stack.push(entryFor(view, errors)); },
  update(state, { view, errors }) {
    const entry = state.stack.find((one) => one.view.id === view.id);
    if (entry) Object.assign(entry, { view, errors: errors ?? {}, problem: null, busy: false });
  },
  clear(state) { state.stack = []; },
  /** `view` is the one that shows again; what lay above it is gone. */
  close(state, { view }) {
    const at = state.stack.findIndex((entry) => entry.view.id === view?.id);
    if (at >= 0) state.stack.length = at + 1;
  },
};

/** Where the keyboard was, so that a redraw under the fingers does not move it. */
function focusMark(dialog) {
  const at = document.activeElement;
  const block = dialog.contains(at) ? at.closest("[data-block]") : null;
  if (!block) return null;
  const range = "selectionStart" in at && at.selectionStart !== null ? [at.selectionStart, at.selectionEnd] : null;
  return { block: block.dataset.block, tag: at.tagName, range };
}

function restoreFocus(dialog, mark) {
  const block = mark && dialog.querySelector(`[data-block="${CSS.escape(mark.block)}"]`);
  const node = block?.querySelector(mark.tag) ?? dialog.querySelector(".has-error input, .has-error textarea, .has-error .select")
    ?? dialog.querySelector(".dialog-body :is(input, textarea, .select)") ?? dialog.querySelector("[data-submit]");
  node?.focus({ preventScroll: Boolean(mark) });
  if (mark?.range && node?.setSelectionRange && node.type !== "date") node.setSelectionRange(...mark.range);
}
