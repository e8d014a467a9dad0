/* The drawer: what goes over the wire, what is broken, and whether anything got lost by it. */

import { byId, copyable, element, later } from "./dom.js";

const KEPT = 150;
const KINDS = {
  event: ["Slack → Deskbridge", "in"], call: ["Deskbridge → Slack", "out"], webhook: ["Deskbridge → bot", "out"],
  chat: ["Customer → Deskbridge", "in"], meta: ["Messenger → Deskbridge", "in"], send: ["Deskbridge → Messenger", "out"], api: ["API → Deskbridge", "in"],
};
const KIND_OF_FAULT = 400;
const clock = new Intl.DateTimeFormat(undefined, { timeStyle: "medium", hourCycle: "h23" });

/** `speed`: how many times faster than usual the page plays. */
export function createHood({ speed }) {
  const seen = { newest: 0, chosen: null, entries: new Map() };
  const ticking = { timer: 0, until: 0 };

  function toggle(open = byId("inside").hidden) {
    byId("inside").hidden = !open;
    byId("hood").setAttribute("aria-expanded", String(open));
    document.body.classList.toggle("with-drawer", open);
  }

  function row(entry) {
    const [label, way] = KINDS[entry.kind];
    const bad = !entry.status || entry.status >= KIND_OF_FAULT;
    const button = element("button", { type: "button", class: `line ${way}${bad ? " bad" : ""}` },
      element("time", {}, clock.format(entry.at * 1000)), element("span", { class: "who" }, label),
      element("span", { class: "what" }, entry.title + (entry.repeated ? " (again)" : "")),
      element("span", { class: "status" }, entry.status ? String(entry.status) : "lost"));
    button.addEventListener("click", () => choose(entry.n));
    return element("li", { "data-n": entry.n }, button);
  }

  function choose(number) {
    const { entries } = seen;
    const entry = entries.get(number);
    seen.chosen = number;
    for (const li of byId("wire").children) li.classList.toggle("chosen", Number(li.dataset.n) === number);
    byId("entry").replaceChildren(
      element("div", { class: "entry-head" }, element("strong", {}, entry.title), copyable(entry.curl, "Copy as curl")),
      element("pre", { tabindex: "0" }, entry.body || "(empty)"));
  }

  function wire(entries) {
    const list = byId("wire");
    for (const entry of entries) {
      if (entry.n <= seen.newest) continue;
      seen.newest = entry.n;
      seen.entries.set(entry.n, entry);
      list.prepend(row(entry));
    }
    while (list.childElementCount > KEPT) {
      seen.entries.delete(Number(list.lastElementChild.dataset.n));
      list.lastElementChild.remove();
    }
    if (seen.chosen === null && seen.newest) choose(seen.newest);
  }

  function tally({ sent, received, doubled }) {
    const box = byId("tally");
    box.textContent = `sent ${sent} · received ${received} · doubled ${doubled}`;
    box.classList.toggle("wrong", doubled > 0);
    box.classList.toggle("behind", received < sent);
    Object.assign(box.dataset, { sent, received, doubled });
  }

  function server({ up, restarts }) {
    const box = byId("server");
    const times = restarts === 1 ? "restarted once" : `restarted ${restarts} times`;
    box.textContent = up ? `Server runs${restarts ? `, ${times}` : ""}` : "Server is starting…";
    box.dataset.up = String(up);
    box.dataset.restarts = restarts;
  }

  function faults({ down_until: until, limited, doubled }) {
    fault("limited").setAttribute("aria-pressed", String(limited));
    fault("doubled").setAttribute("aria-pressed", String(doubled));
    ticking.until = until * 1000;
    if (until && !ticking.timer) tick();
    document.body.classList.toggle("broken", Boolean(until || limited || doubled));
  }

  function tick() {
    const left = Math.ceil((ticking.until - Date.now()) / 1000);
    const down = ticking.until > 0;
    fault("down").disabled = down;
    fault("down").textContent = down ? `Slack is down: ${Math.max(left, 0)} s` : "Slack down for 20 s";
    ticking.timer = down ? later(tick, 250) : 0;
  }

  const fault = (name) => document.querySelector(`[data-fault=${name}]`);

  async function breakIt({ currentTarget: button }) {
    const on = button.getAttribute("aria-pressed") !== "true";
    const asked = { fault: button.dataset.fault, on, ...(button.dataset.fault === "down" && { seconds: 20 / speed }) };
    await fetch("/demo/break", { method: "POST", body: JSON.stringify(asked) });
  }

  for (const button of document.querySelectorAll("[data-fault]")) button.addEventListener("click", breakIt);
  byId("hood").addEventListener("click", () => toggle());
  const hear = (news) => {
    if (news.wire) wire(news.wire);
    if (news.tally) tally(news.tally);
    if (news.server) server(news.server);
    if (news.faults) faults(news.faults);
  };
  /** The demo was started anew: its numbers begin again. */
  const forget = () => {
    byId("wire").replaceChildren();
    byId("entry").replaceChildren();
    Object.assign(seen, { newest: 0, chosen: null });
    seen.entries.clear();
  };
  return { hear, toggle, forget };
}
