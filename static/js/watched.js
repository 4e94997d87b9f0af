// What this page follows beside its own notifications: the posts on it, and whose new ones it shows. Null when nothing.
const AT_MOST = 100;

export function watched(root) {
  const posts = [...root.querySelectorAll("[data-post-id-value]")].map(({ dataset }) => [Number(dataset.postIdValue), Number(dataset.postSeqValue)]);
  const shows = isFirstPage() ? root.body.dataset.watch : undefined;
  if (!posts.length && !shows) return null;
  const wanted = { posts: Object.fromEntries(posts.slice(0, AT_MOST)) };
  return shows ? { ...wanted, [shows]: true, after_post: Math.max(0, ...posts.map(([id]) => id)) } : wanted;
}

export function isFirstPage() {
  return !new URLSearchParams(location.search).has("before");
}
