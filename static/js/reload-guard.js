// A page may reload itself to refetch, but never in a loop: at most twice in half a minute.
const KEY = "natter:reloads";
const WITHIN = 30_000;
const AT_MOST = 2;

export function mayReload(storage = sessionStorage, now = Date.now()) {
  const recent = JSON.parse(storage.getItem(KEY) ?? "[]").filter((at) => now - at < WITHIN);
  if (recent.length >= AT_MOST) return false;
  storage.setItem(KEY, JSON.stringify([...recent, now]));
  return true;
}
