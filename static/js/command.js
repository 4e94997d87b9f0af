// How the parts of a chat page reach its socket: true when the command went out.
export function sent(element, command) {
  return !element.dispatchEvent(new CustomEvent("chat:command", { detail: command, bubbles: true, cancelable: true }));
}
