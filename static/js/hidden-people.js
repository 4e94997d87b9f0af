// What somebody wrote goes from every open page of mine at the moment one of us blocks the other.
import { say } from "natter/http.js";

export function hidePeople() {
  document.addEventListener("natter:person_blocked", ({ detail: { username } }) => hide(username));
  document.addEventListener("natter:person_unblocked", ({ detail: { username } }) => {
    say(`You and @${username} see each other again. What was hidden is back after a reload.`);
  });
}

function hide(username) {
  for (const row of document.querySelectorAll(".post, .comment")) {
    if (row.querySelector(".byline-name").getAttribute("href") === `/@${username}/`) row.remove();
  }
}
