/* Faces: a picture where there is one, an emoji the app chose, else initials. */

import { h, hash, safeUrl } from "./dom.js";
import { emoji, known } from "./emoji.js";

const HUES = 12;
/** A plain coloured circle says only "which colour"; with initials in it people are told apart. */
const CIRCLE = /^(?:large_)?(blue|green|orange|purple|yellow|brown|red)_circle$/;

/** Marks of direction, which stand around names and are not to be seen. */
const UNSEEN = /[\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

function initials(name) {
  const parts = name.replace(UNSEEN, "").replace(/·.*$/, "").trim().split(/\s+/).filter(Boolean);
  const letters = [parts[0], parts.length > 1 ? parts.at(-1) : ""].map((part) => [...(part ?? "")][0] ?? "");
  return letters.join("").toUpperCase() || "?";
}

/** `size`: small 20, normal 36, big 72 pixels; the colour follows from the name. */
export function avatar({ name, url = null, iconEmoji = null, size = "normal" }) {
  const shade = `hue-${hash(name) % HUES}`;
  const symbol = iconEmoji?.replaceAll(":", "");
  const circle = CIRCLE.exec(symbol ?? "");
  if (circle) return h("span", { class: `avatar ${size} circle-${circle[1]}`, "aria-hidden": "true" }, initials(name));
  if (symbol && known(symbol)) return h("span", { class: `avatar ${size} symbol ${shade}`, "aria-hidden": "true" }, emoji(symbol));
  const source = url && safeUrl(url);
  const letters = h("span", { class: `avatar ${size} ${shade}`, "aria-hidden": "true" }, initials(name));
  if (!source) return letters;
  const picture = h("img", { class: `avatar ${size}`, src: source, alt: "", loading: "eager" });
  picture.addEventListener("error", () => picture.replaceWith(letters), { once: true });
  return picture;
}
