"use strict";
// One customer's view of the page: ?psid= names them, &first= and &last= are their name.
const asked = new URLSearchParams(location.search);
const control = (name) => new URL(`../control/${name}`, location.href);
const at = (id) => document.getElementById(id);
let psid = asked.get("psid") || "";
let seen = "";
let read = 0;

async function act(name, body = {}) {
  const answer = await fetch(control(name), {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ psid, ...body }),
  });
  return answer.json();
}

function element(kind, className, text = "") {
  const made = document.createElement(kind);
  made.className = className;
  made.textContent = text;
  return made;
}

function attached(each) {
  const url = each.payload?.url;
  if (!url) return element("span", "", `[${each.type}]`);
  const shown = element({ image: "img", audio: "audio", video: "video" }[each.type] || "a", "attached");
  if (shown.tagName === "A") {
    shown.href = url;
    shown.textContent = each.name || each.type;
    return shown;
  }
  shown.src = url;
  shown.alt = each.name || "";
  shown.controls = true;
  return shown;
}

function bubble(message) {
  const made = element(message.by_page && !message.attachments.length ? "button" : "span", "bubble", message.text);
  made.append(...message.attachments.map(attached));
  made.classList.toggle("picture", message.attachments.some((each) => each.type === "image"));
  made.dir = "auto";
  if (made.tagName === "BUTTON") {
    const on = !message.reaction;
    made.title = on ? "Put ❤️ on it" : "Take ❤️ off";
    made.onclick = () => act("react", { mid: message.mid, emoji: "❤️", on }).then(look);
  }
  return made;
}

function line(message, before, after) {
  const same = (other) => other && other.by_page === message.by_page && other.name === message.name;
  const row = element("li", message.by_page ? "theirs" : "mine");
  row.classList.toggle("first", !same(before));
  row.classList.toggle("last", !same(after));
  const said = element("div", "said");
  if (message.by_page) {
    const face = element("img", "");
    face.alt = "";
    face.src = message.picture || picture();
    row.append(face);
    if (!same(before)) said.append(element("p", "name", message.name));
  }
  said.append(bubble(message));
  if (message.reaction) said.append(element("span", "reaction", message.reaction));
  row.append(said);
  return row;
}

const picture = () => new URL("../pictures/page.svg", location.href).href;

function show(state) {
  const now = JSON.stringify([state.messages, state.signs.length]);
  if (now === seen) return;
  seen = now;
  const list = at("messages");
  const below = list.scrollHeight - list.scrollTop - list.clientHeight < 80;
  const all = state.messages;
  list.replaceChildren(...all.map((m, n) => line(m, all[n - 1], all[n + 1])));
  const offered = all.length ? all[all.length - 1].replies : [];
  at("replies").replaceChildren(...offered.map(reply));
  const sign = state.signs[state.signs.length - 1];
  at("typing").hidden = !(sign && sign.action === "typing_on" && all.length && !all[all.length - 1].by_page);
  if (below) list.scrollTop = list.scrollHeight;
  const heard = all.filter((m) => m.by_page).length;
  if (heard > read) {
    read = heard;
    act("read");
  }
}

function reply(offered) {
  const button = element("button", "", offered.title);
  button.onclick = () => act("choose", { title: offered.title }).then(look);
  return button;
}

async function look() {
  const url = control("state");
  url.searchParams.set("psid", psid);
  const state = await (await fetch(url)).json();
  at("page-name").textContent = state.page;
  show(state);
}

async function begin() {
  const known = { first_name: asked.get("first") || "Sara", last_name: asked.get("last") || "Lind" };
  psid = (await act("customers", known)).psid;
  at("page-picture").src = picture();
  at("composer").onsubmit = (event) => {
    event.preventDefault();
    const text = at("text").value.trim();
    at("text").value = "";
    if (text) act("write", { text }).then(look);
  };
  await look();
  setInterval(() => document.hidden || look().catch(() => {}), 500);
}

begin();
