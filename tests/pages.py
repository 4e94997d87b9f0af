"""The twins of open pages: what a page keeps, loaded once from the routes, then kept up by frames alone.

``shows`` is what must equal a fresh page. Whatever a frame does that no page could make sense of is in ``wrong``.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from typing import Any

from app.realtime.frames import ELSEWHERE
from tests.live.sockets import Frame, Socket
from tests.site import Person

Facts = dict[str, Any]


# As many as a chat page begins with; it keeps more, and shows older ones on scrolling up.
MESSAGES = 50
LINES_AT_MOST = 50
# Their seq is nothing that happened.
UNCOUNTED = ELSEWHERE | {"caught_up"}


class Page:
    """A page with one socket, which goes on from its cursor at any address of the site."""

    path: str

    def __init__(self, person: Person) -> None:
        self.person = person
        self.socket: Socket | None = None
        self.line: Callable[[], type[Socket]] = lambda: Socket
        """Says by which way to connect, each time."""
        self.cursor, self.epoch = 0, ""
        self.stale = False
        self.heard: set[str] = set()
        self._turn = asyncio.Lock()
        self.wrong: list[object] = []

    async def loads(self) -> None:
        raise NotImplementedError

    @property
    def shows(self) -> Facts:
        raise NotImplementedError

    async def opens(self, url: str) -> None:
        """Load the page, again if it was open, and connect."""
        async with self._turn:
            await self._hangs_up()
            await self.loads()
            await self._connects(url)

    async def loses_the_line(self) -> None:
        """The line is cut, with frames perhaps under way."""
        async with self._turn:
            await self._hangs_up()

    async def comes_back(self, url: str) -> None:
        """Go on where we are, if we were away."""
        async with self._turn:
            if self.socket is None:
                await self._connects(url)

    async def _connects(self, url: str) -> None:
        while True:
            self.stale = False
            cursor = {"after": self.cursor, "epoch": self.epoch}
            self.socket = await self.line().opens(self.person, self.path, url, self.hears, **cursor)
            if not self.stale:
                return
            await self._hangs_up()
            await self.loads()

    async def _hangs_up(self) -> None:
        if self.socket:
            socket, self.socket = self.socket, None
            await socket.breaks()

    def hears(self, frame: Frame) -> None:
        """Apply one frame."""
        kind = frame["type"]
        self.heard.add(kind)
        if "seq" in frame and kind not in UNCOUNTED:
            # Every seq comes, once, in order: also where a reconnect lies between.
            if frame["seq"] != self.cursor + 1:
                self.wrong.append((f"{self.cursor} is shown, and next came", frame))
            self.cursor = frame["seq"]
        react = getattr(self, f"_{kind}", None)
        if react is None:
            self.wrong.append(("no page knows", frame))
        else:
            react(frame)

    def _hello(self, frame: Frame) -> None:
        if frame["epoch"] != self.epoch:
            self.wrong.append(("another epoch", frame))

    def _caught_up(self, frame: Frame) -> None:
        if frame["seq"] != self.cursor:
            self.wrong.append((f"caught up, and shows {self.cursor}", frame))

    def _reset(self, frame: Frame) -> None:
        self.stale = True

    def _skip(self, frame: Frame) -> None:
        pass


class ChatPage(Page):
    """A conversation, as one of its members has it open."""

    def __init__(self, person: Person, conversation: str) -> None:
        super().__init__(person)
        self.conversation = conversation
        self.path = f"/ws/chat/{conversation}/"
        self.messages: dict[int, Facts] = {}
        self.positions: dict[int, Facts] = {}
        self.repeated: set[str] = set()
        self.lines: dict[int, Facts] = {}
        self.group: Facts = {}
        self.gone: set[int] = set()
        self.threads: dict[str, dict[int, Facts]] = {}
        """What hangs on the messages that are shown, by what it hangs on, as if all of it stood open beside them."""
        self._asking: asyncio.Task[None] | None = None

    async def loads(self) -> None:
        page = (await self.person.get(f"/conversations/{self.conversation}/")).json()
        self.lines = {line["seq"]: line for line in page["lines"]}
        self.group = {name: page["conversation"][name] for name in ("title", "avatar", "members")}
        self.cursor, self.epoch = page["seq"], page["epoch"]
        self.messages = {message["seq"]: message for message in page["messages"]}
        self.positions = {
            other["user_id"]: {"read": other["read_seq"], "delivered": other["delivered_seq"]}
            for other in page["positions"]
        }
        self.threads = {}
        for root in [one["message_id"] for one in page["messages"] if "replies" in one]:
            thread = (await self.person.get(f"/conversations/{self.conversation}/threads/{root}/")).json()
            self.threads[root] = {one["seq"]: one for one in thread["items"]}

    async def is_closed(self) -> None:
        """Its person is out: the socket, if there is one, is closed with 4403, and a new one is refused."""
        async with self._turn:
            if self.socket:
                code = await self.socket.ends()
                if code != 4403:
                    self.wrong.append(("closed with", code))
                await self._hangs_up()
        refused = await self.person.shakes_hands(self.path)
        if refused.status_code != 403:
            self.wrong.append(("let in again", refused.status_code))

    @property
    def shows(self) -> Facts:
        reached = {
            # Who has read a message has also got it.
            user: {"read": at["read"], "delivered": max(at.values())}
            for user, at in self.positions.items()
        }
        newest = dict(sorted(self.messages.items())[-MESSAGES:])
        # Lines before the oldest message that is shown belong to older ones; of each part the newest 50 are shown.
        oldest = min(newest) if len(newest) == MESSAGES else 0
        lines = {seq: line for seq, line in sorted(self.lines.items())[-LINES_AT_MOST:] if seq > oldest}
        return {
            "messages": newest,
            "threads": {
                one["message_id"]: self.threads.get(one["message_id"]) for one in newest.values() if "replies" in one
            },
            "lines": lines,
            "group": self.group,
            "positions": reached,
            "cursor": self.cursor,
        }

    def hears(self, frame: Frame) -> None:
        if frame.get("client_id") in self.repeated and frame["seq"] != self.cursor + 1:
            # The answer to one's own repeat: the very frame that is shown, or that is on its way.
            if self._beside(frame).setdefault(frame["seq"], frame) != frame:
                self.wrong.append(("another answer to a repeat", frame))
            return
        super().hears(frame)

    def _line(self, frame: Frame) -> None:
        self.lines[frame["seq"]] = frame
        self.group |= {name: frame[name] for name in ("avatar", "members")}
        if frame["title"]:
            self.group["title"] = frame["title"]
        else:
            self._asking = asyncio.create_task(self._asks_who_it_is(self._asking))

    async def _asks_who_it_is(self, before: asyncio.Task[None] | None) -> None:
        """A group without a title of its own is called after the others in it. One question after the other."""
        if before:
            await before
        answer = await self.person.get(f"/conversations/{self.conversation}/")
        if answer.is_success:
            self.group["title"] = answer.json()["conversation"]["title"]

    _member_role_changed = _group_renamed = _group_picture_changed = _line

    def _member_left(self, frame: Frame) -> None:
        self._line(frame)
        for user in frame["users"]:
            self.gone.add(user["id"])
            self.positions.pop(user["id"], None)

    def _member_joined(self, frame: Frame) -> None:
        self._line(frame)
        for user in frame["users"]:
            # Who comes has read what was there.
            self.gone.discard(user["id"])
            for kind in ("read", "delivered"):
                self._moved(user["id"], kind, frame["seq"] - 1)

    def _beside(self, frame: Frame) -> dict[int, Facts]:
        """The messages among which this one is: those of its thread, or of the conversation."""
        return self.threads.setdefault(frame["thread"], {}) if "thread" in frame else self.messages

    def _everything(self) -> list[Facts]:
        return [one for said in (self.messages, *self.threads.values()) for one in said.values()]

    def _chat_message(self, frame: Frame) -> None:
        self._beside(frame)[frame["seq"]] = frame
        if "thread" in frame:
            # Who writes in a thread has not read the conversation.
            return self._counts_reply(frame)
        # Who answers has read what came before.
        for kind in ("read", "delivered"):
            self._moved(frame["user_id"], kind, frame["seq"])

    def _counts_reply(self, frame: Frame) -> None:
        for root in [one for one in self.messages.values() if one["message_id"] == frame["thread"]]:
            known = root.get("replies", {"count": 0, "usernames": []})
            if frame["number"] > known["count"]:
                names = [frame["username"], *[name for name in known["usernames"] if name != frame["username"]]]
                root["replies"] = {"count": frame["number"], "last_at": frame["sent_at"], "usernames": names[:3]}

    def _message_edited(self, frame: Frame) -> None:
        # What is older than everything here comes with the older messages.
        seq = frame["message_seq"]
        around = self._beside(frame)
        if "thread" in frame or len(around) < MESSAGES or seq > min(around):
            facts = {name: value for name, value in frame.items() if name not in ("message_seq", "preview")}
            # A thread only grows, and what was loaded may know more of it.
            known = around.get(seq, {}).get("replies")
            newer = (
                {"replies": known}
                if known and known["count"] > facts.get("replies", known | {"count": 0})["count"]
                else {}
            )
            around[seq] = facts | {"type": "chat_message", "seq": seq} | newer
        for message in self._everything():
            if message.get("reply_to", {}).get("message_id") == frame["message_id"]:
                message["reply_to"] = message["reply_to"] | {"preview": frame["preview"]}

    def _reaction(self, frame: Frame) -> None:
        for message in self._everything():
            if message["message_id"] == frame["message_id"] and "is_deleted" not in message:
                now = {name: frame[name] for name in ("emoji", "count", "usernames", "place")}
                others = [one for one in message.pop("reactions", []) if one["emoji"] != frame["emoji"]]
                shown = sorted([*others, *([now] if now["count"] else [])], key=lambda one: int(one["place"]))
                message.update({"reactions": shown} if shown else {})

    def _error(self, frame: Frame) -> None:
        # The message may be deleted by the time somebody reacts to it, or wants to begin a thread on it.
        late = {("reaction", "message_deleted"), ("chat_message", "no_such_message")}
        if (frame["command"], frame["code"]) not in late:
            self.wrong.append(("an error", frame))

    def _message_deleted(self, frame: Frame) -> None:
        self._message_edited(frame)

    def _read(self, frame: Frame) -> None:
        self._moved(frame["user_id"], "read", frame["seq"], told=True)

    def _delivered(self, frame: Frame) -> None:
        self._moved(frame["user_id"], "delivered", frame["seq"], told=True)

    def _moved(self, user_id: int, kind: str, seq: int, told: bool = False) -> None:
        if user_id in self.gone:
            return  # it was said before they left
        if user_id != self.person.id:
            at = self.positions.setdefault(user_id, {"read": 0, "delivered": 0})
            at[kind] = max(at[kind], seq)
        elif told:
            self.wrong.append(("told of oneself", kind, seq))

    def _typing(self, frame: Frame) -> None:
        if frame["username"] == self.person.facts["username"]:
            self.wrong.append(("oneself types", frame))


class NotificationsPage(Page):
    """Everything the notification socket keeps up: notifications, conversations, the posts shown, and new ones."""

    path = "/ws/notifications/"

    def __init__(self, person: Person, feed: str = "feed") -> None:
        super().__init__(person)
        self.feed = feed
        self.unread, self._exact_after, self._counts = 0, 0, False
        self._asking: set[asyncio.Task[None]] = set()
        self._missing = False
        self.notifications: dict[str, Facts] = {}
        self.conversations: dict[str, Facts] = {}
        self.titles: dict[str, list[str]] = {}
        """What groups are called and look like, of those that a frame said it of."""
        self.threads: dict[str, Facts] = {}
        """Those that one follows: where they stand, and how far one has read them."""
        self.guessed: set[str] = set()
        """Of these nobody has said how far one has read them."""
        self.posts: dict[int, Facts] = {}
        self.newest = 0
        self.authors: dict[int, int] = {}
        self.news: dict[int, str] = {}
        self.shown: dict[int, str] = {}
        """Whose presence the page shows, by id, and their usernames; what it is falls as it falls."""

    async def loads(self) -> None:
        page = await self._body()
        self.cursor, self.unread = _data(page, "cursor"), _data(page, "unread")
        [self.epoch] = re.findall(r'data-epoch="(\w+)"', page)
        self.notifications = {entry["id"]: entry for entry in await self._all("/notifications/")}
        listed = await self._all("/conversations/?show=all")
        self.conversations = {row["id"]: _standing(row) for row in listed}
        self.titles = {row["id"]: [row["title"], row["avatar"]] for row in listed if row["id"] in self.titles}
        self.threads = {
            row["id"]: {
                "of": row["conversation_id"],
                "followed": True,
                "last": row["last_number"],
                "read": row["last_number"] - row["unread"],
            }
            for row in await self._all("/threads")
        }
        for post_id in list(self.posts):
            await self.looks_at(post_id)
        self._exact_after = _data(await self._body(), "cursor")

    async def _body(self) -> str:
        return (await self.person.opens("/settings")).text

    async def looks_at(self, post_id: int) -> None:
        """Show a post; from now on it is watched, once that is said."""
        answer = await self.person.get(f"/post/{post_id}/")
        if answer.status_code == 404:
            self.posts.pop(post_id, None)
            return
        post = answer.json()
        kept = {name: post[name] for name in ("likes", "comments", "seq")}
        self.posts[post_id] = kept | {"discussion": {c["id"]: c for c in post["discussion"]["items"]}}
        self.newest = max(self.newest, post_id)
        self.authors[post_id] = post["author"]["id"]
        self.news.pop(post_id, None)

    async def _connects(self, url: str) -> None:
        await super()._connects(url)
        await self.watches()

    async def shows_more(self) -> None:
        """Tell the socket, if there is one just now; it stays while it is told."""
        async with self._turn:
            await self.watches()

    async def watches(self) -> None:
        """Tell the socket what this page shows."""
        posts = {str(post_id): post["seq"] for post_id, post in self.posts.items()}
        if self.socket:
            await self.socket.says("watch", posts=posts, after_post=self.newest, **{self.feed: True})
            await self.socket.says("presence", user_ids=list(self.shown))

    @property
    def shows(self) -> Facts:
        posts = {
            post_id: {name: value for name, value in post.items() if name != "seq"}
            for post_id, post in self.posts.items()
        }
        return {
            "unread": self.unread,
            "notifications": self.notifications,
            "conversations": {name: row | {"marks": 0} for name, row in self.conversations.items()},
            "titles": self.titles,
            "threads": {name: row for name, row in self.threads.items() if row["followed"] and row["last"]},
            "posts": posts,
            "cursor": self.cursor,
        }

    async def _all(self, path: str) -> list[Facts]:
        items, following = [], ""
        while following is not None:
            more = f"{'&' if '?' in path else '?'}before={following}" if following else ""
            page = (await self.person.get(path + more)).json()
            items += page["items"]
            following = page["next"]
        return items

    def _hello(self, frame: Frame) -> None:
        super()._hello(frame)
        # The line may have been cut between an event and its count.
        self._counts = False

    def _notification(self, frame: Frame) -> None:
        self.notifications[frame["id"]] = {k: v for k, v in frame.items() if k not in ("type", "seq")}
        self._counts = True

    def _notification_read(self, frame: Frame) -> None:
        for entry in self._named(frame["ids"]):
            self.notifications[entry] = self.notifications[entry] | {"read": True}
        self._counts = True

    def _skip(self, frame: Frame) -> None:
        # Perhaps a notification whose words were scrubbed: the counts up to its removal count it, the page cannot. And
        # as there may be several, only the end of a backlog says that all of them are gone.
        self._missing = True

    def _caught_up(self, frame: Frame) -> None:
        super()._caught_up(frame)
        self._missing = False

    def _notification_removed(self, frame: Frame) -> None:
        for entry in self._named(frame["ids"]):
            del self.notifications[entry]
        self._counts = True

    def _named(self, ids: Any) -> list[str]:
        return [entry for entry in list(self.notifications) if ids == "all" or entry in ids]

    def _unread_count(self, frame: Frame) -> None:
        self.unread = frame["count"]
        counted = sum(not entry["read"] for entry in self.notifications.values())
        # The count that comes with an event is the one after it. (The list was perhaps read later than the cursor.)
        is_exact = self._counts and self.cursor > self._exact_after and not self._missing
        if is_exact and self.unread != counted:
            self.wrong.append((f"{counted} are unread", frame))
        self._counts = False

    def _conversation_joined(self, frame: Frame) -> None:
        self._conversation(frame["conversation_id"])

    def _person_blocked(self, frame: Frame) -> None:
        for post in self.posts.values():
            for comment in [c for c, kept in post["discussion"].items() if kept["author"]["id"] == frame["user_id"]]:
                del post["discussion"][comment]
        for post_id in [p for p in self.posts if self.authors[p] == frame["user_id"]]:
            del self.posts[post_id]

    def _person_unblocked(self, frame: Frame) -> None:
        """What was hidden is back with a reload."""

    def _conversation_left(self, frame: Frame) -> None:
        self.conversations.pop(frame["conversation_id"], None)
        self.titles.pop(frame["conversation_id"], None)
        self.threads = {name: row for name, row in self.threads.items() if row["of"] != frame["conversation_id"]}

    def _conversation_changed(self, frame: Frame) -> None:
        name = frame["conversation_id"]
        self.titles[name] = shown = [frame["title"], frame["avatar"]]
        if not frame["title"]:
            task = asyncio.create_task(self._asks_what_it_is_called(name, shown))
            self._asking.add(task)
            task.add_done_callback(self._asking.discard)

    async def _asks_what_it_is_called(self, name: str, shown: list[str]) -> None:
        answer = await self.person.get(f"/conversations/{name}/")
        if answer.is_success and self.titles.get(name) is shown:
            shown[0] = answer.json()["conversation"]["title"]

    def _conversation_activity(self, frame: Frame) -> None:
        row = self._conversation(frame["conversation_id"])
        is_new = frame["last_number"] > row["last_number"]
        if frame["last_number"] >= row["last_number"]:
            row.update({name: frame[name] for name in ("last_number", "preview", "username", "sent_at")})
        if is_new and frame["username"] == self.person.facts["username"]:
            row["read"] = max(row["read"], frame["last_number"])

    def _conversation_read(self, frame: Frame) -> None:
        row = self._conversation(frame["conversation_id"])
        marks = frame.get("marks", 0)
        if marks > row["marks"]:
            row.update(read=frame["number"], marks=marks)
        elif marks == row["marks"]:
            row["read"] = max(row["read"], frame["number"])

    def _thread_followed(self, frame: Frame) -> None:
        row = self.threads.setdefault(frame["thread"], {"last": 0, "read": 0})
        row["of"], row["followed"] = frame["conversation_id"], frame["is_followed"]
        row["last"] = max(row["last"], frame["last_number"])
        self._thread_read({"thread": frame["thread"], "number": frame["read_number"]})

    def _thread_activity(self, frame: Frame) -> None:
        if frame["thread"] not in self.threads:
            self.guessed.add(frame["thread"])
        last = frame["last_number"]
        unheard = {"of": frame["conversation_id"], "followed": True, "last": 0, "read": last - 1}
        row = self.threads.setdefault(frame["thread"], unheard)
        is_new, row["last"] = last > row["last"], max(row["last"], last)
        if is_new and frame["username"] == self.person.facts["username"]:
            self._thread_read({"thread": frame["thread"], "number": last})

    def _thread_read(self, frame: Frame) -> None:
        row = self.threads.get(frame["thread"])
        if row:
            row["read"] = frame["number"] if frame["thread"] in self.guessed else max(row["read"], frame["number"])
            self.guessed.discard(frame["thread"])

    def _draft(self, frame: Frame) -> None:
        """Follows what is typed elsewhere; it is shown where one types."""

    def _conversation_unread(self, frame: Frame) -> None:
        self._conversation_read(frame)

    def _conversation_kept(self, frame: Frame) -> None:
        row = self._conversation(frame["conversation_id"])
        row.update({name: frame[name] for name in KEPT})

    def _conversation(self, conversation: str) -> Facts:
        return self.conversations.setdefault(conversation, dict(BLANK))

    def _post_changed(self, frame: Frame) -> None:
        self._post(frame)

    def _comment(self, frame: Frame) -> None:
        post = self._post(frame)
        if post:
            post["discussion"][frame["comment"]["id"]] = frame["comment"]

    def _comment_deleted(self, frame: Frame) -> None:
        post = self._post(frame)
        if post:
            post["discussion"].pop(frame["comment_id"], None)

    def _post_deleted(self, frame: Frame) -> None:
        self.posts.pop(frame["post_id"], None)

    def _post(self, frame: Frame) -> Facts | None:
        post = self.posts.get(frame["post_id"])
        if post is None or frame["seq"] <= post["seq"]:
            return None
        post.update({name: frame[name] for name in ("likes", "comments", "seq")})
        return post

    def _message_arrived(self, frame: Frame) -> None:
        """Is answered, and shows nothing here."""

    def _new_post(self, frame: Frame) -> None:
        if frame["post_id"] > self.newest:
            self.news[frame["post_id"]] = frame["username"]

    def _presence(self, frame: Frame) -> None:
        if self.shown.get(frame["user_id"]) != frame["username"]:
            self.wrong.append(("the presence of somebody else", frame))
        seen = frame["last_seen"] is None or frame["state"] in ("away", "offline")
        if frame["state"] not in ("online", "away", "offline", "unknown") or not seen:
            self.wrong.append(("no presence", frame))

    def _error(self, frame: Frame) -> None:
        # A notification may be gone by the time it is marked.
        if (frame["command"], frame["code"]) != ("mark_read", "not_found"):
            self.wrong.append(("an error", frame))


KEPT: Facts = {"is_pinned": False, "archived_number": None, "muted_until": None}
BLANK: Facts = {"last_number": 0, "preview": "", "username": "", "sent_at": None, "read": 0, "marks": 0, **KEPT}


def _standing(row: Facts) -> Facts:
    """What frames keep up of a row in the list of conversations."""
    return {
        "last_number": row["last_number"],
        "preview": row["preview"],
        "username": row["preview_username"],
        "sent_at": row["sent_at"] if row["last_number"] else None,
        "read": row["last_number"] - row["unread"],
        # How often it was marked as unread is nothing that shows; it orders what is told of it.
        "marks": 0,
        **{name: row[name] for name in KEPT},
    }


def _data(page: str, name: str) -> int:
    [value] = re.findall(rf'data-{name}="(\d+)"', page)
    return int(value)
