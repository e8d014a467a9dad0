/* *Watch it*: plays the story by itself. What it types and clicks are the real widget and the real
   workspace, and it goes on when the server says that something has happened. */

import { byId } from "./dom.js";

const ANSWER = "Hi Sam, I am calling the courier now.";
const LOOK = 40; // ms between two looks at a condition
const AGAIN = 4000; // ms after which a click that did nothing is repeated, as anybody would
const GIVE_UP = 120000; // ms

/** `told()` is what the server said last; `speed` shortens what is only there to be watched. */
export function createWatch({ frames, told, showTab, showPlace, openThread, newVisit, speed, onChange }) {
  let playing = null;

  const pause = (milliseconds, signal) => new Promise((resolve, reject) => {
    const stop = () => { clearTimeout(timer); reject(signal.reason); };
    const timer = setTimeout(() => { signal.removeEventListener("abort", stop); resolve(); }, milliseconds);
    if (signal.aborted) stop();
    signal.addEventListener("abort", stop, { once: true });
  });

  /** The first true answer of `look`; an error names what never came. */
  async function until(look, what, signal, patience = GIVE_UP) {
    const end = Date.now() + patience;
    for (;;) {
      const found = look();
      if (found) return found;
      if (Date.now() > end) throw new Error(`Waited in vain: ${what}`);
      await pause(LOOK, signal);
    }
  }

  const customer = () => frames.customer.contentDocument?.querySelector("deskbridge-chat")?.shadowRoot;
  const team = () => frames.team.contentDocument;
  const inThread = (selector) => {
    const { thread } = told();
    const pane = team()?.querySelector(".thread-pane");
    return pane && team().location.search.includes(thread?.ts ?? "none") ? pane.querySelector(selector) : null;
  };
  const seen = (root, selector, text) => [...(root?.querySelectorAll(selector) ?? [])].some((node) => node.textContent.includes(text));

  /** The pointer goes there; then it is pressed. */
  async function go(frame, node, signal) {
    node.scrollIntoView({ block: "nearest" });
    const outer = frame.getBoundingClientRect();
    const inner = node.getBoundingClientRect();
    const pointer = byId("pointer");
    pointer.hidden = false;
    pointer.style.setProperty("transform", `translate(${outer.left + inner.left + Math.min(inner.width / 2, 60)}px, ${outer.top + inner.top + inner.height / 2}px)`);
    await pause(650 / speed, signal);
  }

  async function type(frame, find, text, signal) {
    const input = await until(find, "the composer", signal);
    await go(frame, input, signal);
    const Sight = frame.contentWindow;
    input.value = "";
    for (const letter of text) {
      input.value += letter;
      input.dispatchEvent(new Sight.InputEvent("input", { bubbles: true, data: letter }));
      await pause(34 / speed, signal);
    }
    await pause(350 / speed, signal);
    input.dispatchEvent(new Sight.KeyboardEvent("keydown", { key: "Enter", bubbles: true, cancelable: true }));
  }

  async function asCustomer(text, signal) {
    showTab("customer");
    showPlace("site");
    await until(() => customer()?.querySelector("textarea"), "the chat", signal);
    if (customer().querySelector(".panel").hidden) customer().querySelector(".launcher").click();
    await type(frames.customer, () => customer()?.querySelector("textarea"), text, signal);
  }

  async function asAna(text, signal) {
    showTab("team");
    await type(frames.team, () => inThread(".composer-input"), text, signal);
  }

  /** Presses the button until it is gone: what Slack could not deliver is pressed again. */
  async function press(selector, signal) {
    for (;;) {
      const button = await until(() => inThread(selector), "the button", signal);
      await go(frames.team, button, signal);
      inThread(selector)?.click();
      const gone = await until(() => !inThread(selector), selector, signal, AGAIN).catch((error) => {
        signal.throwIfAborted();
        return error.message.startsWith("Waited") ? null : Promise.reject(error);
      });
      if (gone) return;
    }
  }

  const ticked = (step, signal) => until(() => told().steps?.[step - 1], `step ${step}`, signal);
  const answered = (text, signal) => until(() => seen(customer(), ".bubble, .system", text), text, signal);
  const breathe = (signal) => pause(3200 / speed, signal);

  async function story(signal) {
    if (told().steps?.some(Boolean)) await newVisit();
    await until(() => customer()?.querySelector("textarea"), "the chat", signal);
    await asCustomer("Where is order 1009?", signal);
    await ticked(1, signal);
    await answered("courier", signal);
    await breathe(signal);
    await asCustomer("I want a human", signal);
    await ticked(2, signal);
    await until(() => told().thread, "the thread", signal);
    openThread();
    showTab("team");
    await until(() => inThread("[data-action=assign_me]"), "the card", signal);
    await breathe(signal);
    await press("[data-action=assign_me]", signal);
    await breathe(signal);
    await asAna(ANSWER, signal);
    await ticked(3, signal);
    showTab("customer");
    await answered(ANSWER, signal);
    await breathe(signal);
    await asAna("!n check the courier", signal);
    await ticked(4, signal);
    await breathe(signal);
    await asCustomer("Thank you, Ana!", signal);
    await breathe(signal);
    showTab("team");
    await until(() => seen(team(), ".thread-pane .message", "Thank you, Ana!"), "the thanks", signal);
    await asAna("!resolve", signal);
    await until(() => told().returned, "the assistant", signal);
    await breathe(signal);
    await asCustomer("Where is order 1009?", signal);
    await ticked(5, signal);
    await answered("Ana told you", signal);
    const { sent } = told().tally;
    await until(() => told().tally.received >= sent, "everything received", signal);
  }

  async function start() {
    playing = new AbortController();
    const { signal } = playing;
    onChange({ playing: true });
    const end = await story(signal).then(() => ({ done: true }), (error) => ({ error: signal.aborted ? null : error }));
    playing = null;
    byId("pointer").hidden = true;
    onChange({ playing: false, ...end });
  }

  return { toggle: () => (playing ? playing.abort(new Error("stopped")) : start()), stop: () => playing?.abort(new Error("stopped")) };
}
