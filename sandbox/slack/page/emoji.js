/* Emoji by Slack's short names. Those in DRAWN have a picture of ours in
   emoji/, so that the usual marks look the same on every machine, also where no
   emoji font is installed; the others are left to the system's font. */

import { h } from "./dom.js";

/** What the workspace knows; the composer and the search offer these. */
const OFFERED = {
  white_check_mark: "✅", heavy_check_mark: "✔️", lock: "🔒", unlock: "🔓", hand: "✋", raised_hand: "✋",
  warning: "⚠️", eye: "👁️", eyes: "👀", "+1": "👍", thumbsup: "👍", "-1": "👎", thumbsdown: "👎", tada: "🎉",
  heart: "❤️", star: "⭐", star2: "🌟", hourglass: "⌛", hourglass_flowing_sand: "⏳", bell: "🔔", no_bell: "🔕",
  bust_in_silhouette: "👤", busts_in_silhouette: "👥", robot_face: "🤖", speech_balloon: "💬", memo: "📝",
  package: "📦", x: "❌", zzz: "💤", alarm_clock: "⏰", clock3: "🕒", fire: "🔥", smile: "😄", smiley: "😃",
  grinning: "😀", joy: "😂", cry: "😢", sob: "😭", thinking_face: "🤔", slightly_smiling_face: "🙂", wink: "😉",
  blush: "😊", sweat_smile: "😅", disappointed: "😞", rage: "😡", heart_eyes: "😍", sunglasses: "😎",
  neutral_face: "😐", pray: "🙏", wave: "👋", clap: "👏", raised_hands: "🙌", muscle: "💪", ok_hand: "👌",
  point_right: "👉", point_left: "👈", point_up: "☝️", point_down: "👇", rocket: "🚀", large_green_circle: "🟢",
  red_circle: "🔴", large_yellow_circle: "🟡", large_orange_circle: "🟠", large_blue_circle: "🔵",
  white_circle: "⚪", black_circle: "⚫", arrow_right: "➡️", arrow_left: "⬅️", arrow_up: "⬆️", arrow_down: "⬇️",
  leftwards_arrow_with_hook: "↩️", arrow_right_hook: "↪️", repeat: "🔁", recycle: "♻️", paperclip: "📎", mag: "🔍",
  truck: "🚚", telephone_receiver: "📞", email: "📧", envelope: "✉️", inbox_tray: "📥", outbox_tray: "📤",
  earth_africa: "🌍", globe_with_meridians: "🌐", house: "🏠", wrench: "🔧", gear: "⚙️", bulb: "💡",
  information_source: "ℹ️", question: "❓", grey_question: "❔", exclamation: "❗", bangbang: "‼️", no_entry: "⛔",
  no_entry_sign: "🚫", octagonal_sign: "🛑", calendar: "📆", date: "📅", chart_with_upwards_trend: "📈",
  bar_chart: "📊", pushpin: "📌", round_pushpin: "📍", bookmark: "🔖", label: "🏷️", key: "🔑", shield: "🛡️",
  credit_card: "💳", moneybag: "💰", shopping_trolley: "🛒", gift: "🎁", coffee: "☕", sunny: "☀️", snowflake: "❄️",
  zap: "⚡", sparkles: "✨", 100: "💯", fox_face: "🦊", panda_face: "🐼", bear: "🐻", cat: "🐱", dog: "🐶", koala: "🐨",
  tiger: "🐯", lion_face: "🦁", frog: "🐸", owl: "🦉", penguin: "🐧", rabbit: "🐰", whale: "🐳", octopus: "🐙",
  bee: "🐝", butterfly: "🦋", turtle: "🐢", one: "1️⃣", two: "2️⃣", three: "3️⃣", four: "4️⃣", five: "5️⃣",
  double_vertical_bar: "⏸️", arrow_forward: "▶️", black_square_for_stop: "⏹️", heavy_plus_sign: "➕",
  heavy_minus_sign: "➖", link: "🔗", white_large_square: "⬜", ballot_box_with_check: "☑️",
  left_speech_bubble: "🗨️", pencil2: "✏️", iphone: "📱", computer: "💻", grin: "😁", laughing: "😆",
  upside_down_face: "🙃", unamused: "😒", scream: "😱", hugging_face: "🤗", blue_heart: "💙", green_heart: "💚",
  yellow_heart: "💛", purple_heart: "💜", broken_heart: "💔", hammer: "🔨", receipt: "🧾", office: "🏢",
  arrows_counterclockwise: "🔄", grey_exclamation: "❕", black_large_square: "⬛", six: "6️⃣", cloud: "☁️",
  umbrella: "☔", cactus: "🌵", sunflower: "🌻", tulip: "🌷", four_leaf_clover: "🍀", maple_leaf: "🍁", apple: "🍎",
  lemon: "🍋", watermelon: "🍉", cherries: "🍒", strawberry: "🍓", peach: "🍑", pear: "🍐", pineapple: "🍍",
};

/** Shown when an app sends them. */
const ALSO = {
  pencil: "📝", stopwatch: "⏱️", angry: "😠", confused: "😕", open_mouth: "😮", handshake: "🤝",
  large_purple_circle: "🟣", large_brown_circle: "🟤", telephone: "☎️", phone: "☎️", incoming_envelope: "📨",
  hammer_and_wrench: "🛠️", stop_sign: "🛑", construction: "🚧", rotating_light: "🚨", spiral_calendar_pad: "🗓️",
  clipboard: "📋", euro: "💶", hiking_boot: "🥾", tent: "⛺", pizza: "🍕", crescent_moon: "🌙", moon: "🌔",
  rainbow: "🌈", boom: "💥", hundred: "💯", trophy: "🏆", checkered_flag: "🏁", triangular_flag_on_post: "🚩",
  "flag-fr": "🇫🇷", "flag-de": "🇩🇪", "flag-es": "🇪🇸", "flag-gb": "🇬🇧", "flag-us": "🇺🇸", fr: "🇫🇷", de: "🇩🇪",
  es: "🇪🇸", gb: "🇬🇧", us: "🇺🇸", unicorn_face: "🦄", ghost: "👻", alien: "👽", skull: "💀", woman: "👩", man: "👨",
  adult: "🧑", technologist: "🧑‍💻", office_worker: "🧑‍💼", mailbox: "📫", mailbox_with_mail: "📬", hash: "#️⃣",
  lower_left_ballpoint_pen: "🖊️", camera: "📷", frame_with_picture: "🖼️", soon: "🔜", new: "🆕", ok: "🆗", sos: "🆘",
  v: "✌️", crossed_fingers: "🤞", raising_hand: "🙋", shrug: "🤷", facepalm: "🤦", orange_heart: "🧡",
  two_hearts: "💕", sparkling_heart: "💖", satisfied: "😆", rolling_on_the_floor_laughing: "🤣", innocent: "😇",
  "star-struck": "🤩", kissing_heart: "😘", yum: "😋", stuck_out_tongue: "😛", stuck_out_tongue_winking_eye: "😜",
  expressionless: "😑", no_mouth: "😶", smirk: "😏", face_with_rolling_eyes: "🙄", grimacing: "😬", relieved: "😌",
  pensive: "😔", sleepy: "😪", sleeping: "😴", mask: "😷", nerd_face: "🤓", worried: "😟",
  slightly_frowning_face: "🙁", frowning: "😦", astonished: "😲", flushed: "😳", pleading_face: "🥺", sweat: "😓",
  weary: "😩", tired_face: "😫", triumph: "😤", partying_face: "🥳", exploding_head: "🤯", saluting_face: "🫡",
  melting_face: "🫠", confetti_ball: "🎊", balloon: "🎈", rose: "🌹", cake: "🍰", birthday: "🎂", beers: "🍻",
  negative_squared_cross_mark: "❎", heavy_exclamation_mark: "❗", watch: "⌚", car: "🚗", airplane: "✈️",
  shopping_cart: "🛒", money_with_wings: "💸", dollar: "💵", loudspeaker: "📢", mega: "📣", bug: "🐛", cool: "🆒",
  medal: "🏅",
};

const NAMES = { ...ALSO, ...OFFERED };

const DRAWN = new Set(["white_check_mark", "lock", "raised_hand", "warning", "eye", "eyes", "+1", "-1", "tada",
  "heart", "star", "hourglass", "bell", "bust_in_silhouette", "robot_face", "speech_balloon", "memo", "package",
  "x", "zzz", "alarm_clock", "fire", "smile", "slightly_smiling_face", "joy", "cry", "thinking_face", "wave",
  "rocket", "large_green_circle", "red_circle", "large_yellow_circle", "large_orange_circle", "large_blue_circle",
  "large_purple_circle", "large_brown_circle", "white_circle", "black_circle", "truck", "mag", "paperclip",
  "email", "bulb", "no_entry", "pushpin", "label", "zap", "sparkles", "telephone", "unlock", "information_source",
  "leftwards_arrow_with_hook", "double_vertical_bar", "arrow_forward", "crescent_moon", "rotating_light",
  "question", "exclamation", "inbox_tray", "sunny", "busts_in_silhouette"]);

/** What the reaction picker offers: only what looks right everywhere. */
export const PICKABLE = ["white_check_mark", "+1", "-1", "eyes", "heart", "tada", "smile", "slightly_smiling_face", "joy",
  "cry", "thinking_face", "wave", "raised_hand", "warning", "lock", "fire", "rocket", "star", "sparkles",
  "zap", "bulb", "package", "truck", "memo", "bell", "hourglass", "alarm_clock", "pushpin", "mag",
  "speech_balloon", "question", "exclamation", "x", "no_entry", "large_green_circle", "large_yellow_circle",
  "red_circle", "large_blue_circle"];

const bare = (char) => char.replaceAll("\uFE0F", "");
const ALIASES = { hand: "raised_hand", thumbsup: "+1", thumbsdown: "-1", hourglass_flowing_sand: "hourglass", phone: "telephone" };
const DRAWN_BY_CHAR = new Map([...DRAWN].map((name) => [bare(NAMES[name]), name]).concat([["⏳", "hourglass"]]));
const CHARS = new RegExp(`(${[...DRAWN_BY_CHAR.keys()].join("|")})\uFE0F?`, "u");

export const known = (name) => Object.hasOwn(NAMES, name.split("::")[0]);
export const search = (start) => Object.keys(OFFERED).filter((name) => name.startsWith(start)).slice(0, 8);

function picture(name, label) {
  const file = name.replace("+1", "thumbs_up").replace("-1", "thumbs_down");
  return h("img", {
    class: "emoji", src: new URL(`emoji/${file}.svg`, import.meta.url).pathname, alt: label, draggable: "false",
    title: `:${name}:`,
  });
}

/** `:name:` as a node. A name nobody knows is shown in colons, as Slack does. */
export function emoji(fullName) {
  const [typed] = fullName.split("::");
  const name = ALIASES[typed] ?? typed;
  const char = NAMES[name];
  if (!char) return document.createTextNode(`:${fullName}:`);
  return DRAWN.has(name) ? picture(name, char) : h("span", { class: "emoji-char", title: `:${name}:` }, char);
}

/** Plain text as nodes: line breaks, and the emoji characters we have drawn. */
export function plain(text) {
  const nodes = [];
  text.split("\n").forEach((line, index) => {
    if (index) nodes.push(h("br"));
    let rest = line;
    for (let hit = CHARS.exec(rest); hit; hit = CHARS.exec(rest)) {
      if (hit.index) nodes.push(document.createTextNode(rest.slice(0, hit.index)));
      nodes.push(picture(DRAWN_BY_CHAR.get(bare(hit[1])), hit[1]));
      rest = rest.slice(hit.index + hit[0].length);
    }
    if (rest) nodes.push(document.createTextNode(rest));
  });
  return nodes;
}

/** Plain text in which `:name:` counts too (Slack's `plain_text` with `emoji: true`). */
export function withEmoji(text) {
  return text.split(/(:[a-z0-9_+'-]+:)/g).flatMap((part) => {
    const name = part.length > 2 && part.startsWith(":") && part.endsWith(":") ? part.slice(1, -1) : null;
    return name && known(name) ? [emoji(name)] : plain(part);
  });
}
