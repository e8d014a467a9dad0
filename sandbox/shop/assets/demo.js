/* The demo page: two sides in two frames, and five steps that tick themselves
   when the server says that they have happened. */

import { byId, copyable, element } from "./dom.js";
import { createHood } from "./hood.js";
import { createWatch } from "./watch.js";

const STEPS = [
  { label: "Ask", side: "customer", say: "Where is order 1009?", lead: "Ask the assistant:",
    where: "Write it into the chat on the customer's side. The assistant answers by itself." },
  { label: "Get a human", side: "customer", say: "I want a human", lead: "Then say:",
    where: "Write it into the same chat. A thread opens in the team's workspace by itself." },
  { label: "Answer", side: "team", say: "Hi Sam, I am calling the courier now.", lead: "Click Assign to me, then reply:",
    where: "In the thread on the team's side: press “Assign to me” on the card, then reply in the thread. Sam reads it in the chat." },
  { label: "Keep a note", side: "team", say: "!n check the courier", lead: "Reply with a note:",
    where: "Reply it in the same thread. It gets a lock: your team sees it, the customer never does." },
  { label: "Hand back", side: "team", say: "!resolve", lead: "Reply in the thread:",
    where: "Reply it in the thread, then ask “Where is order 1009?” in the chat again: the assistant knows what Ana said.",
    then: { side: "customer", say: "Where is order 1009?", lead: "After !resolve, ask again:" } },
];

const MORE = [
  { key: "held", label: "Answer in a colleague's thread", say: "I can help, too.",
    where: "While Ana has Sam's thread, so before !resolve or after asking for a human again, switch to Ben (You are: Ana) and reply in it. It is held: Ben says whether Sam gets it." },
  { key: "template", label: "Send a template", say: "!hello",
    where: "Reply it in the thread while Ana has it. Sam reads the whole text, in his language and with his name. “Template…” on the card shows it first." },
  { key: "stats", label: "See how the day goes", say: "/desk stats",
    where: "Write it into the channel on the team's side, not into a thread. Only you see the answer." },
];
const FASTEST = 50;
const frames = { customer: byId("shop"), messenger: byId("messenger"), team: byId("workspace") };
const SIDES = { customer: ["customer", "messenger"], team: ["team"] }; // and their frames
const PLACES = { site: "customer", messenger: "messenger" }; // of the customer, and their frames
const NOTHING = { customer: 0, messenger: 0, team: 0 };
const state = { done: STEPS.map(() => false), unread: { ...NOTHING }, pop: null, told: {} };
const speed = Math.min(Math.max(Number(new URLSearchParams(location.search).get("speed")) || 1, 1), FASTEST);

/* ---- steps --------------------------------------------------------------------- */

const currentStep = () => state.done.indexOf(false);

function drawSteps() {
  const current = currentStep();
  byId("steps").replaceChildren(...STEPS.map((step, index) => {
    const done = state.done[index];
    const mark = element("span", { class: "tick", "aria-hidden": "true" }, done ? "✓" : String(index + 1));
    const button = element("button", {
      type: "button", class: [done && "done", index === current && "current"].filter(Boolean).join(" "),
      "aria-label": `Step ${index + 1}, ${step.label}${done ? ", done" : ""}`, "aria-haspopup": "dialog",
    }, mark, element("span", { class: "step-label" }, step.label));
    button.addEventListener("click", () => explain(button, index));
    return element("li", {}, button);
  }));
}

function drawHints() {
  const current = currentStep();
  const step = STEPS[current];
  for (const side of ["customer", "team"]) {
    const hint = !step ? null : step.side === side ? step : step.then?.side === side ? step.then : null;
    const box = document.querySelector(`#${side} .hint`);
    const key = hint ? `${current}${side}` : step ? step.side : "end";
    if (box.dataset.key === key) continue;
    box.dataset.key = key;
    if (hint) box.replaceChildren(element("span", { class: "lead" }, hint.lead), copyable(hint.say));
    else if (step) box.replaceChildren(elsewhere(step.side));
    else box.replaceChildren(...(side === "team" ? [] : [element("span", { class: "lead" }, "All five done. Go on as you like, or begin a new visit.")]));
  }
  const side = step?.side;
  for (const name of ["customer", "team"]) byId(name).classList.toggle("next", name === side);
}

/** Shown only where one side covers the other. */
function elsewhere(side) {
  const button = element("button", { type: "button", class: "elsewhere" }, `Next: ${side === "team" ? "Team" : "Customer"} →`);
  button.addEventListener("click", () => showTab(side));
  return button;
}

function explain(button, index) {
  const step = STEPS[index];
  pop(button, `${index + 1}. ${step.label}`, element("p", {}, step.where), copyable(step.say));
}

function offerMore() {
  const items = MORE.map(({ key, label, say, where }) => element("section", { class: "try" },
    element("h4", {}, state.told.more?.[key] ? element("span", { class: "tried" }, "✓") : null, label),
    element("p", {}, where), copyable(say)));
  pop(byId("more"), "More to try", ...items);
}

/** Opens a box below `button`, or closes it where it is open. */
function pop(button, title, ...inside) {
  const open = state.pop;
  closePop();
  if (open?.title === title) return;
  const box = element("div", { class: "pop", role: "dialog", "aria-label": title }, element("h3", {}, title), ...inside);
  document.body.append(box);
  const at = button.getBoundingClientRect();
  box.style.setProperty("top", `${at.bottom + 8}px`);
  box.style.setProperty("left", `${Math.max(8, Math.min(at.left, innerWidth - box.offsetWidth - 8))}px`);
  state.pop = { title, box, button };
}

function closePop(refocus = false) {
  if (!state.pop) return;
  state.pop.box.remove();
  if (refocus && state.pop.button.isConnected) state.pop.button.focus();
  state.pop = null;
}

function setDone(done) {
  const next = STEPS.map((_, index) => Boolean(done[index]));
  // What is known already must not close what somebody is reading.
  if (byId("steps").childElementCount && String(next) === String(state.done)) return;
  closePop();
  state.done = next;
  drawSteps();
  drawHints();
}

/** What the server says. A thread that has just opened comes to the front. */
function heard(news) {
  const before = state.told;
  state.told = { ...before, ...news };
  if (news.steps) setDone(news.steps);
  hood.hear(news);
  if (news.psid) openMessenger();
  if (news.thread && before.steps && news.thread.ts !== before.thread?.ts) openThread();
}

function openThread() {
  frames.team.contentWindow.postMessage({ type: "open-thread", ...state.told.thread }, location.origin);
}

/* ---- the two sides --------------------------------------------------------------- */

function showTab(side) {
  document.body.dataset.tab = side;
  for (const tab of document.querySelectorAll("[role=tab]")) tab.setAttribute("aria-selected", String(tab.dataset.tab === side));
  drawDots();
}

/** The same customer, on the site or on Messenger. */
function showPlace(place) {
  document.body.dataset.place = place;
  for (const button of document.querySelectorAll(".places button")) button.setAttribute("aria-pressed", String(button.dataset.place === place));
  openMessenger();
  drawDots();
}

/** Loaded when it is first looked at, and anew for another customer. */
function openMessenger() {
  const { psid } = state.told;
  const frame = frames.messenger;
  if (!psid || frame.dataset.psid === psid || document.body.dataset.place !== "messenger") return;
  frame.dataset.psid = psid;
  const told = [["psid", psid], ["first", "Sam"], ["last", "Rivera"], ...STEPS.slice(0, 2).map(({ say }) => ["ask", say])];
  frame.contentWindow.location.replace(`/sandbox/graph/page/?${new URLSearchParams(told)}`);
}

/** A dot only where something is out of sight; looking at it is reading it. */
function drawDots() {
  for (const [side, its] of Object.entries(SIDES)) {
    const hidden = getComputedStyle(byId(side)).display === "none";
    document.querySelector(`#tab-${side} .unread`).hidden = !(hidden && its.some((name) => state.unread[name] > 0));
  }
  for (const [place, name] of Object.entries(PLACES)) {
    const hidden = document.body.dataset.place !== place;
    document.querySelector(`.places [data-place=${place}] .unread`).hidden = !(hidden && state.unread[name] > 0);
  }
}

addEventListener("message", (event) => {
  if (event.origin !== location.origin) return;
  const frame = Object.keys(frames).find((name) => frames[name].contentWindow === event.source);
  if (!frame || !["customer-unread", "workspace-unread"].includes(event.data?.type)) return;
  state.unread[frame] = event.data.count;
  drawDots();
});

/* ---- server ----------------------------------------------------------------------- */

let source = null;

/** Of the customer who is logged in now. The stream begins with all there is. */
function followSteps() {
  source?.close();
  source = new EventSource("/demo/events");
  source.onopen = () => hood.forget();
  source.onmessage = (message) => heard(JSON.parse(message.data));
}

/** The customer comes as for the first time; the team keeps its threads, as teams do. */
async function newVisit() {
  byId("reset").disabled = true;
  closePop();
  const answer = await fetch("/demo/reset", { method: "POST" });
  if (answer.ok) {
    source.close(); // it tells of the customer before
    state.told = {};
    setDone([]);
    const fresh = new Promise((resolve) => frames.customer.addEventListener("load", resolve, { once: true }));
    frames.customer.contentWindow.location.replace("/shop?fresh=1");
    frames.team.contentWindow.location.replace("/sandbox/slack/?embed=1&as=U06ANAT0RR5");
    frames.messenger.contentWindow.location.replace("about:blank");
    frames.messenger.dataset.psid = "";
    state.unread = { ...NOTHING };
    showTab("customer");
    await fresh;
    followSteps();
  }
  byId("reset").disabled = false;
}

/* ---- watch it ---------------------------------------------------------------------- */

const hood = createHood({ speed });
const watch = createWatch({ frames, told: () => state.told, showTab, showPlace, openThread, newVisit, speed, onChange: drawWatch });

function drawWatch({ playing, done, error }) {
  const button = byId("watch");
  document.body.classList.toggle("watching", playing);
  button.querySelector(".wide").textContent = playing ? "Stop" : done ? "Watch again" : "Watch it (40 s)";
  button.querySelector(".sign").textContent = playing ? "■" : "▶";
  button.setAttribute("aria-label", playing ? "Stop watching" : "Watch it, 40 seconds");
  button.dataset.end = playing ? "" : done ? "done" : (error?.message ?? "stopped");
  byId("reset").disabled = playing;
  if (error) pop(button, "It stopped", element("p", {}, error.message));
}

for (const tab of document.querySelectorAll("[role=tab]")) tab.addEventListener("click", () => showTab(tab.dataset.tab));
for (const button of document.querySelectorAll(".places button")) button.addEventListener("click", () => showPlace(button.dataset.place));
byId("reset").addEventListener("click", newVisit);
byId("more").addEventListener("click", offerMore);
byId("watch").addEventListener("click", () => { closePop(); watch.toggle(); });
addEventListener("resize", () => { closePop(); drawDots(); });
// A click into a frame is not heard here, but it takes the focus away.
addEventListener("blur", () => closePop());
document.addEventListener("pointerdown", (event) => {
  if (!event.target.closest(".pop, .steps, #more")) closePop();
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  closePop(true);
  watch.stop();
});
setDone([]);
followSteps();
