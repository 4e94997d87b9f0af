// "(3) Home · Natter": the unread count stands before the title.
export function titleWithUnread(title, count) {
  const plain = title.replace(/^\(\d+\) /, "");
  return count ? `(${count}) ${plain}` : plain;
}
