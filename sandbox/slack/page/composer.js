/* Where one writes. Enter sends, Shift+Enter breaks the line; a refused text
   stays, with the reason above it, as Slack does it. */

import { post, upload } from "./api.js";
import { fill, h, icon, iconButton } from "./dom.js";
import { openEmoji } from "./picker.js";
import { shortcutButton } from "./shortcuts.js";
import { attachSuggest, usageOf } from "./suggest.js";

const MARKS = [["bold", "Bold", "*"], ["italic", "Italic", "_"], ["strike", "Strikethrough", "~"], ["code", "Code", "`"]];

/**
 * `place`: {channel, threadTs | null}. `drafts` is a Map that outlives the composer.
 * `onArrowUp` edits the newest own message; `onSent` runs after each message.
 */
export function createComposer({ store, place, drafts, placeholder, onSent = () => {}, onArrowUp = () => {} }) {
  const key = `${store.me}:${place.channel}:${place.threadTs ?? ""}`;
  const draft = drafts.get(key) ?? { text: "", files: [] };
  drafts.set(key, draft);
  const input = h("textarea", {
    class: "composer-input", rows: "1", placeholder, "aria-label": placeholder, value: draft.text, autocomplete: "off",
  });
  const problem = h("p", { class: "composer-error", role: "alert", hidden: true });
  const usage = h("p", { class: "composer-usage", hidden: true });
  const list = h("div", { class: "suggestions", role: "listbox", hidden: true });
  const chips = h("div", { class: "attachments" });
  const send = iconButton("send", "Send", () => submit(), { class: "send" });
  const also = place.threadTs && h("label", { class: "also-send" }, h("input", { type: "checkbox" }),
    `Also send to #${store.channels.get(place.channel)?.name ?? "channel"}`);
  const suggest = attachSuggest(input, list, store, Boolean(place.threadTs));

  const complain = (text) => {
    problem.hidden = !text;
    fill(problem, text ? [icon("warn"), h("span", {}, text)] : []);
  };
  const fit = () => {
    input.style.setProperty("height", "auto");
    input.style.setProperty("height", `${Math.min(input.scrollHeight, 180)}px`);
    send.disabled = !input.value.trim() && !draft.files.length;
  };
  const typed = () => {
    draft.text = input.value;
    fit();
    complain(null);
    suggest.update();
    const hint = place.threadTs ? null : usageOf(input.value, store);
    usage.hidden = !hint;
    fill(usage, hint ? [h("strong", {}, hint.command), " ", hint.hint && h("code", {}, hint.hint), " ", hint.detail] : []);
  };
  const setText = (text) => { input.value = text; typed(); };

  const submit = async () => {
    const text = input.value;
    const files = draft.files.filter((file) => file.id);
    if ((!text.trim() && !files.length) || draft.files.some((file) => !file.id)) return;
    setText("");
    draft.files = [];
    drawFiles();
    const answer = await post("message", {
      as: store.me, channel: place.channel, text, files: files.map((file) => file.id),
      ...(place.threadTs && { thread_ts: place.threadTs, broadcast: also.querySelector("input").checked }),
    });
    if (answer.ok) return sent();
    setText(text + (input.value ? `\n${input.value}` : ""));
    draft.files = [...files, ...draft.files];
    drawFiles();
    return complain(answer.error ?? "Your message was not sent.");
  };
  const sent = () => {
    if (also) also.querySelector("input").checked = false;
    onSent();
  };

  const attach = async (picked) => {
    for (const file of picked) {
      const entry = { name: file.name || "image.png", id: null, type: file.type };
      draft.files.push(entry);
      drawFiles();
      const answer = await upload(store.me, file);
      if (answer.ok) Object.assign(entry, { id: answer.file.id });
      else { draft.files = draft.files.filter((other) => other !== entry); complain(answer.error); }
      drawFiles();
    }
  };
  const drawFiles = () => {
    fill(chips, draft.files.map((file) => h("span", { class: `chip${file.id ? "" : " busy"}` }, icon("file"), file.name,
      h("button", {
        type: "button", class: "chip-remove", "aria-label": `Remove ${file.name}`,
        on: { click: () => { draft.files = draft.files.filter((other) => other !== file); drawFiles(); } },
      }, icon("close")))));
    fit();
  };

  const around = (mark) => {
    const [from, to] = [input.selectionStart, input.selectionEnd];
    input.setRangeText(`${mark}${input.value.slice(from, to)}${mark}`, from, to, "end");
    if (from === to) input.setSelectionRange(from + 1, from + 1);
    input.focus();
    typed();
  };
  const insert = (text) => {
    input.setRangeText(text, input.selectionStart, input.selectionEnd, "end");
    input.focus();
    typed();
  };

  input.addEventListener("input", typed);
  input.addEventListener("blur", suggest.hide);
  input.addEventListener("keydown", (event) => {
    if (suggest.handle(event)) return;
    if (event.key === "ArrowUp" && !input.value) { event.preventDefault(); onArrowUp(); }
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    submit();
  });
  input.addEventListener("paste", (event) => {
    if (!event.clipboardData.files.length) return;
    event.preventDefault();
    attach([...event.clipboardData.files]);
  });
  const chooser = h("input", { type: "file", multiple: true, hidden: true, on: { change: () => { attach([...chooser.files]); chooser.value = ""; } } });
  const smile = iconButton("smile", "Emoji", () => openEmoji(smile, (name) => insert(`:${name}: `)));
  const el = h("div", { class: "composer" }, problem, usage, list,
    h("div", { class: "composer-box" },
      h("div", { class: "composer-format" }, MARKS.map(([name, label, mark]) => iconButton(name, label, () => around(mark)))),
      chips, input,
      h("div", { class: "composer-tools" }, chooser,
        iconButton("plus", "Attach a file", () => chooser.click()), smile,
        iconButton("at", "Mention someone", () => insert("@")), shortcutButton(store), also, h("span", { class: "spacer" }), send)));
  dropInto(el, attach);
  drawFiles();
  queueMicrotask(fit);
  return { el, focus: () => input.focus({ preventScroll: true }), input };
}

function dropInto(el, attach) {
  el.addEventListener("dragover", (event) => { event.preventDefault(); el.classList.add("dropping"); });
  el.addEventListener("dragleave", () => el.classList.remove("dropping"));
  el.addEventListener("drop", (event) => {
    event.preventDefault();
    el.classList.remove("dropping");
    attach([...event.dataTransfer.files]);
  });
}
