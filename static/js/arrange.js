// Days and groups in a list of messages: a line between two days, and messages of one author close together.
import { dayOf } from "natter/moments.js";

const TOGETHER = 5 * 60_000;

export function arrange(row, dayTemplate) {
  if (!row) return;
  const before = messageBefore(row);
  const divider = row.previousElementSibling?.matches(".unread-divider") ? row.previousElementSibling : null;
  const first = divider ?? row;
  if (first.previousElementSibling?.matches(".day")) first.previousElementSibling.remove();
  const day = dayOf(new Date(row.dataset.sentAt));
  const isNewDay = !before || dayOf(new Date(before.dataset.sentAt)) !== day;
  if (isNewDay) first.before(dayRow(dayTemplate, day));
  row.classList.toggle("is-continued", !isNewDay && !divider && !isLine(first.previousElementSibling) && isOneVoice(before, row));
}

// Behind `last`, the message before it (or at the beginning), and behind the quiet lines that came before it.
export function placeBehind(last, row, list) {
  const seq = Number(row.dataset.seq || Infinity);
  let place = last;
  let next = last ? last.nextElementSibling : list.firstElementChild;
  while (isLine(next) && Number(next.dataset.seq) < seq) [place, next] = [next, next.nextElementSibling];
  if (place) place.after(row);
  else list.prepend(row);
}

const isLine = (row) => Boolean(row?.matches(".quiet-line"));

export function messageBefore(row) {
  let other = row.previousElementSibling;
  while (other && !other.matches(".message")) other = other.previousElementSibling;
  return other;
}

export function messageAfter(row) {
  let other = row.nextElementSibling;
  while (other && !other.matches(".message")) other = other.nextElementSibling;
  return other;
}

function isOneVoice(before, row) {
  const apart = new Date(row.dataset.sentAt) - new Date(before.dataset.sentAt);
  return before.dataset.userId === row.dataset.userId && apart < TOGETHER;
}

function dayRow(template, day) {
  const row = template.content.firstElementChild.cloneNode(true);
  row.dataset.day = day;
  row.querySelector("time").dateTime = day;
  return row;
}
