/* How the messages of a conversation look. */

const GAP = 20 * 60; // seconds of silence after which the time is told
const time = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });

export const clock = (seconds = Date.now() / 1000) => time.format(seconds * 1000);
export const pagePicture = () => new URL("../pictures/page.svg", location.href).href;

export function element(kind, className, text = "") {
  const made = document.createElement(kind);
  if (className) made.className = className;
  made.textContent = text;
  return made;
}

/** Where nothing has been said yet. */
export function beginning(page) {
  const made = element("li", "beginning");
  const picture = element("img");
  picture.alt = "";
  picture.src = pagePicture();
  made.append(picture, element("strong", "", page), element("p", "", "Say what it is about. You get an answer here."));
  return made;
}

/** The whole list anew; `react(message)` puts a heart on it or takes it off. */
export function lines(messages, isTyping, react) {
  const all = messages.flatMap((message, n) => [
    ...(n && message.at - messages[n - 1].at < GAP ? [] : [element("li", "time", clock(message.at))]),
    line(message, messages[n - 1], messages[n + 1], react),
  ]);
  return isTyping ? [...all, typing()] : all;
}

function line(message, before, after, react) {
  const same = (other) => other && other.by_page === message.by_page && other.name === message.name;
  const row = element("li", message.by_page ? "theirs" : "mine");
  row.classList.toggle("first", !same(before));
  row.classList.toggle("last", !same(after));
  const said = element("div", "said");
  if (message.by_page) {
    row.append(face(message.picture || pagePicture()));
    if (!same(before)) said.append(element("p", "name", message.name));
  }
  for (const each of message.attachments) said.append(attachment(each));
  if (message.text) said.append(words(message, react));
  if (message.reaction) said.append(element("span", "reaction", message.reaction));
  row.append(said);
  return row;
}

function face(src) {
  const made = element("img", "face");
  made.alt = "";
  made.src = src;
  return made;
}

function words(message, react) {
  const made = element(message.by_page ? "button" : "span", "bubble", message.text);
  made.dir = "auto";
  if (message.by_page) {
    made.title = message.reaction ? "Take ❤️ off" : "Put ❤️ on it";
    made.onclick = () => react(message);
  }
  return made;
}

function attachment({ type, name, payload }) {
  const made = element("a", type === "image" ? "picture" : "bubble", type === "image" ? "" : name || "File");
  made.href = payload?.url ?? "";
  made.target = "_blank";
  made.rel = "noopener";
  if (type === "image") {
    const image = element("img");
    image.alt = name || "Picture";
    image.src = made.href;
    made.append(image);
  }
  return made;
}

function typing() {
  const row = element("li", "theirs first last");
  const dots = element("div", "bubble dots");
  dots.setAttribute("role", "img");
  dots.setAttribute("aria-label", "Writing…");
  dots.append(element("i"), element("i"), element("i"));
  row.append(face(pagePicture()), dots);
  return row;
}
