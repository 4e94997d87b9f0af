// Times in words, in the reader's own zone. The short form is the server's `ago`.
const SIZES = [[86_400, "d"], [3_600, "h"], [60, "m"]];
const WEEK = 7 * 86_400;

export function ago(moment, now = new Date()) {
  const seconds = Math.max(0, Math.floor((now - moment) / 1000));
  if (seconds >= WEEK) return shortDate(moment, now);
  const size = SIZES.find(([length]) => seconds >= length);
  return size ? `${Math.floor(seconds / size[0])}${size[1]}` : "now";
}

const LONG_SIZES = [[86_400, "day"], [3_600, "hour"], [60, "minute"]];

// "5 minutes ago", "on 3 March".
export function longAgo(moment, now = new Date()) {
  const seconds = Math.max(0, Math.floor((now - moment) / 1000));
  if (seconds >= WEEK) return `on ${shortDate(moment, now)}`;
  const size = LONG_SIZES.find(([length]) => seconds >= length);
  if (!size) return "just now";
  const count = Math.floor(seconds / size[0]);
  return `${count} ${size[1]}${count === 1 ? "" : "s"} ago`;
}

export function clock(moment) {
  return moment.toLocaleTimeString([], { hour: "numeric", minute: "2-digit" });
}

export function month(moment) {
  return moment.toLocaleDateString([], { month: "long", year: "numeric" });
}

// "2026-03-01" in the reader's zone.
export function dayOf(moment) {
  const two = (number) => String(number).padStart(2, "0");
  return `${moment.getFullYear()}-${two(moment.getMonth() + 1)}-${two(moment.getDate())}`;
}

export function dayInWords(day, now = new Date()) {
  const moment = new Date(`${day}T12:00`);
  const yesterday = new Date(now.getFullYear(), now.getMonth(), now.getDate() - 1);
  if (day === dayOf(now)) return "Today";
  if (day === dayOf(yesterday)) return "Yesterday";
  return moment.toLocaleDateString([], { weekday: "long", ...dateParts(moment, now) });
}

function shortDate(moment, now) {
  return moment.toLocaleDateString([], dateParts(moment, now));
}

function dateParts(moment, now) {
  const parts = { day: "numeric", month: "short" };
  return moment.getFullYear() === now.getFullYear() ? parts : { ...parts, year: "numeric" };
}
