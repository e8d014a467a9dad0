/* One customer's view of the page: ?psid= names them, &first= and &last= are their name, each &ask=
   is what they may begin with. */

import { beginning, clock, element, lines, pagePicture } from "./view.js";

const LOOK = 500; // ms between two looks
const NEAR = 80; // px from the end of the list
const asked = new URLSearchParams(location.search);
const control = (name) => new URL(`../control/${name}`, location.href);
const at = (id) => document.getElementById(id);
const shown = { psid: asked.get("psid") || "", state: "", read: 0, below: true };

async function post(name, body, type) {
  const answer = await fetch(control(name), { method: "POST", headers: { "Content-Type": type }, body });
  if (!answer.ok) throw new Error(`${name}: ${answer.status}`);
  return answer.json();
}

const act = (name, more = {}) => post(name, JSON.stringify({ psid: shown.psid, ...more }), "application/json");

/** What the customer does, and at once what came of it. False: it was not taken. */
async function does(name, more) {
  const done = await act(name, more).then(() => true, () => false);
  at("trouble").hidden = done;
  if (done) await look().catch(() => {});
  return done;
}

async function write() {
  const text = at("text").value.trim();
  if (!text) return;
  at("text").value = "";
  if (!(await does("write", { text }))) at("text").value ||= text;
}

async function sendPicture() {
  const [file] = at("picture").files;
  at("picture").value = "";
  if (!file) return;
  const kept = await post("upload", file, file.type).catch(() => null);
  at("trouble").hidden = Boolean(kept);
  if (kept) await does("write", { attachments: [kept.attachment] });
}

/** Nobody reads in a frame that takes no place on its page. */
const isSeen = () => !document.hidden && (!frameElement || frameElement.getClientRects().length > 0);

function show({ page, messages, signs }) {
  at("clock").textContent = clock();
  const [last] = messages.slice(-1);
  const [sign] = signs.slice(-1);
  const isTyping = Boolean(last && !last.by_page && sign?.action === "typing_on" && sign.at >= last.at);
  const state = JSON.stringify([page, messages, isTyping]);
  if (state !== shown.state) draw(page, messages, isTyping);
  shown.state = state;
  told(messages.filter((message) => message.by_page).length);
}

function draw(page, messages, isTyping) {
  at("page-name").textContent = page;
  const [last] = messages.slice(-1);
  at("messages").replaceChildren(...(last ? lines(messages, isTyping, react) : [beginning(page)]));
  at("replies").replaceChildren(...(last ? last.replies.map(reply) : asked.getAll("ask").map(opening)));
  for (const image of at("messages").querySelectorAll(".picture img")) image.onload = stay;
  stay();
}

/** Who was at the newest message stays there, whatever its place. */
function stay() {
  const list = at("messages");
  if (shown.below) list.scrollTop = list.scrollHeight;
}

function scrolled({ target: list }) {
  shown.below = list.scrollHeight - list.scrollTop - list.clientHeight < NEAR;
}

const react = ({ mid, reaction }) => does("react", { mid, emoji: "❤️", on: !reaction });

const reply = ({ title }) => offer(title, "choose", { title });
const opening = (text) => offer(text, "write", { text });

function offer(words, name, more) {
  const button = element("button", "", words);
  button.onclick = () => does(name, more);
  return button;
}

/** The page learns what was read, and who shows us in a frame what was not. */
function told(heard) {
  if (heard > shown.read && isSeen()) {
    shown.read = heard;
    act("read").catch(() => {});
  }
  const unread = { type: "customer-unread", count: heard - shown.read };
  if (parent !== window) parent.postMessage(unread, location.origin);
}

async function look() {
  const url = control("state");
  url.searchParams.set("psid", shown.psid);
  show(await (await fetch(url)).json());
}

async function begin() {
  const known = { first_name: asked.get("first") || "Sara", last_name: asked.get("last") || "Lind" };
  shown.psid = (await act("customers", known)).psid;
  at("page-picture").src = pagePicture();
  at("composer").onsubmit = (event) => { event.preventDefault(); write(); };
  at("pick").onclick = () => at("picture").click();
  at("picture").onchange = sendPicture;
  at("messages").addEventListener("scroll", scrolled, { passive: true });
  new ResizeObserver(stay).observe(at("messages"));
  await look();
  setInterval(() => document.hidden || look().catch(() => {}), LOOK);
}

begin();
