/* What the composer offers while one types: commands after "/", people after
   "@", channels after "#", emoji after ":". */

import { avatar } from "./avatar.js";
import { fill, h } from "./dom.js";
import { emoji, search } from "./emoji.js";
import { fold } from "./picker.js";

const LIMIT = 8;

/** The entries for a text up to the caret: {from, entries: [{insert, label, detail, picture}]} or null. */
export function suggestions(text, store, inThread) {
  const command = /^(\/\S*)$/.exec(text);
  // Slack offers no app commands inside a thread: it would refuse them.
  if (command) return inThread ? null : { from: 0, entries: commands(store, command[1]) };
  const word = /(?:^|\s)([@#:])([\p{L}\p{N}_.+-]*)$/u.exec(text);
  if (!word || (word[1] === ":" && word[2].length < 2)) return null;
  const entries = FINDERS[word[1]](store, fold(word[2])).slice(0, LIMIT);
  return entries.length ? { from: text.length - word[2].length - 1, entries } : null;
}

function commands(store, start) {
  return store.commands.filter(({ command }) => command.startsWith(start)).map((one) => ({
    insert: `${one.command} `, label: one.command, hint: one.usage_hint, detail: one.description,
    picture: avatar({ name: store.app.name, url: store.users.get(store.app.bot_user)?.avatar, size: "small" }),
  }));
}

const starts = (name, query) => fold(name).split(" ").some((part) => part.startsWith(query));

const FINDERS = {
  "@": (store, query) => [...store.users.values()]
    .filter((user) => user.id !== "USLACKBOT" && starts(`${user.name} ${user.real_name}`, query))
    .map((user) => ({
      insert: `@${user.name} `, label: user.name, detail: user.real_name === user.name ? "" : user.real_name,
      picture: avatar({ name: user.real_name, url: user.avatar, size: "small" }),
    }))
    .concat([...store.groups.values()].filter((group) => starts(group.handle, query))
      .map((group) => ({ insert: `@${group.handle} `, label: `@${group.handle}`, detail: group.name })))
    .concat([["here", "Everyone online in this channel"], ["channel", "Everyone in this channel"]]
      .filter(([name]) => name.startsWith(query)).map(([name, detail]) => ({ insert: `@${name} `, label: `@${name}`, detail }))),
  "#": (store, query) => [...store.channels.values()].filter((channel) => !channel.is_im && starts(channel.name, query))
    .map((channel) => ({ insert: `#${channel.name} `, label: `#${channel.name}`, detail: channel.topic })),
  ":": (store, query) => search(query).map((name) => ({ insert: `:${name}: `, label: `:${name}:`, picture: emoji(name) })),
};

/** The hint for a command whose name is complete, e.g. "[42] [reason]". */
export function usageOf(text, store) {
  const found = store.commands.find(({ command }) => text.startsWith(`${command} `));
  return found ? { command: found.command, hint: found.usage_hint, detail: found.description } : null;
}

/** Ties the list to a textarea. Returns {update, handle(event) → taken}. */
export function attachSuggest(input, box, store, inThread) {
  const state = { found: null, at: 0 };
  const hide = () => { state.found = null; box.hidden = true; input.removeAttribute("aria-activedescendant"); };
  const choose = (entry) => {
    const tail = input.value.slice(input.selectionStart);
    const head = input.value.slice(0, state.found.from) + entry.insert;
    input.value = head + tail;
    input.setSelectionRange(head.length, head.length);
    hide();
    input.dispatchEvent(new Event("input"));
    input.focus();
  };
  const draw = () => {
    box.hidden = false;
    fill(box, state.found.entries.map((entry, index) => h("button", {
      type: "button", role: "option", class: "suggestion", tabindex: "-1", "aria-selected": String(index === state.at),
      on: { pointerdown: (event) => { event.preventDefault(); choose(entry); } },
    }, entry.picture, h("strong", {}, entry.label), entry.hint && h("code", {}, entry.hint),
    entry.detail && h("span", { class: "picker-detail" }, entry.detail))));
  };
  const update = () => {
    const caret = input.selectionStart;
    const found = suggestions(input.value.slice(0, caret), store, inThread);
    if (!found?.entries.length) return hide();
    Object.assign(state, { found, at: 0 });
    return draw();
  };
  const handle = (event) => {
    if (!state.found || event.isComposing) return false;
    const { entries } = state.found;
    const moves = { ArrowDown: 1, ArrowUp: -1 };
    if (event.key === "Escape") hide();
    else if (moves[event.key]) { state.at = (state.at + moves[event.key] + entries.length) % entries.length; draw(); }
    else if (event.key === "Tab" || (event.key === "Enter" && entries[state.at].insert.trim() !== input.value)) choose(entries[state.at]);
    else return false;
    event.preventDefault();
    return true;
  };
  return { update, handle, hide };
}
