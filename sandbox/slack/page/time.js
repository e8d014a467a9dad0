/* Times as Slack shows them. Slack's `ts` is "seconds.micros"; all clocks here
   are 24 hours in the reader's zone. `<!date^…>` formats: docs.slack.dev,
   messaging/formatting-message-text, "Date formatting". */

import { h, link } from "./dom.js";

const MONTHS = ["January", "February", "March", "April", "May", "June", "July", "August",
  "September", "October", "November", "December"];
const DAYS = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
const DAY = 86400;

const pad = (number) => String(number).padStart(2, "0");

export const seconds = (ts) => Number.parseFloat(ts);
export const clock = (date) => `${pad(date.getHours())}:${pad(date.getMinutes())}`;

function ordinal(day) {
  const suffix = day % 100 >= 11 && day % 100 <= 13 ? "th" : ["th", "st", "nd", "rd"][day % 10] ?? "th";
  return `${day}${suffix}`;
}

/** Days between two dates by the calendar, so that 00:05 is a day after 23:55. */
function calendarDays(date, now) {
  const start = (any) => new Date(any.getFullYear(), any.getMonth(), any.getDate());
  return Math.round((start(now) - start(date)) / (DAY * 1000));
}

function pretty(date, now, otherwise) {
  const days = calendarDays(date, now);
  return { 0: "today", 1: "yesterday", "-1": "tomorrow" }[days] ?? otherwise;
}

/** "3 minutes ago", or "in 3 minutes" for what is to come. */
export function ago(at, now = Date.now() / 1000) {
  const gap = Math.abs(now - at);
  if (gap < 45) return now >= at ? "less than a minute ago" : "in less than a minute";
  const [size, unit] = gap < 2700 ? [60, "minute"] : gap < 79200 ? [3600, "hour"]
    : gap < 30 * DAY ? [DAY, "day"] : gap < 365 * DAY ? [30 * DAY, "month"] : [365 * DAY, "year"];
  const count = Math.max(1, Math.round(gap / size));
  const words = `${count} ${unit}${count === 1 ? "" : "s"}`;
  return now >= at ? `${words} ago` : `in ${words}`;
}

/** One `{token}` of a date format. An unknown token is left as it stands. */
function token(name, at, now) {
  const date = new Date(at * 1000);
  const today = new Date(now * 1000);
  const [year, month, day] = [date.getFullYear(), MONTHS[date.getMonth()], date.getDate()];
  const long = `${DAYS[date.getDay()]}, ${month} ${ordinal(day)}, ${year}`;
  const short = `${month.slice(0, 3)} ${day}, ${year}`;
  const plain = `${month} ${ordinal(day)}, ${year}`;
  const values = {
    date_num: `${year}-${pad(date.getMonth() + 1)}-${pad(day)}`,
    date: plain, date_short: short, date_long: long,
    date_pretty: pretty(date, today, plain),
    date_short_pretty: pretty(date, today, short),
    date_long_pretty: pretty(date, today, long),
    day_divider_pretty: pretty(date, today, `${DAYS[date.getDay()]}, ${month} ${ordinal(day)}`),
    time: clock(date),
    time_secs: `${clock(date)}:${pad(date.getSeconds())}`,
    ago: ago(at, now),
  };
  return values[name] ?? `{${name}}`;
}

export function formatDate(at, format, now = Date.now() / 1000) {
  return format.replace(/\{(\w+)\}/g, (_, name) => token(name, at, now));
}

export const dayLabel = (ts) => {
  const label = formatDate(seconds(ts), "{day_divider_pretty}");
  return label[0].toUpperCase() + label.slice(1);
};

export const dayOf = (ts) => new Date(seconds(ts) * 1000).toDateString();

/** A time that keeps itself right; `startTicking` looks after it. */
export function timeNode(at, format, address = null) {
  const node = h("time", {
    datetime: new Date(at * 1000).toISOString(),
    title: formatDate(at, "{date_long}, {time_secs}"),
    data: { at: String(at), format },
  }, formatDate(at, format));
  return address ? link(address, node) : node;
}

/** Renews every relative time in the page; only texts that differ are touched. */
export function startTicking(everyMilliseconds = 5000) {
  return setInterval(() => {
    const now = Date.now() / 1000;
    for (const node of document.querySelectorAll("time[data-format]")) {
      const text = formatDate(Number(node.dataset.at), node.dataset.format, now);
      if (node.textContent !== text) node.textContent = text;
    }
  }, everyMilliseconds);
}

/** For `<input type="datetime-local">`, which wants local time without a zone. */
export function toLocalInput(at) {
  const date = new Date(at * 1000);
  return `${date.getFullYear()}-${pad(date.getMonth() + 1)}-${pad(date.getDate())}T${clock(date)}`;
}
