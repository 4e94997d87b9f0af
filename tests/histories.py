"""Random histories: a small world of four people who do whatever one can do, with pages that come and go meanwhile."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import httpx
import nats.aio.client

from tests.live.sockets import Socket
from tests.pages import ChatPage, NotificationsPage, Page
from tests.pictures import png
from tests.site import Person, Site, until

CAST = ("alice", "bob", "carol", "dave")
LANES = 2
BACKLOG_EVENTS = 12
MESSAGES_AT_MOST = 20
COMMENTS_AT_MOST = 25
REPLIES_AT_MOST = 20

Action = Callable[["World"], Awaitable[None]]


class World:
    """Four people, their posts and conversations, their open pages, and what was done, in ``told``."""

    def __init__(
        self, sites: list[Site], operator: nats.aio.client.Client, seed: str, lines: Sequence[type[Socket]] = (Socket,)
    ) -> None:
        self.sites, self.operator, self.lines = sites, operator, lines
        self.random = random.Random(seed)
        self.name = seed
        self.told: list[str] = []
        self.people: list[Person] = []
        self.pages: list[Page] = []
        self.posts: dict[int, Person] = {}
        self.comments: dict[int, tuple[int, Person]] = {}
        self.conversations: dict[str, list[Person]] = {}
        self.sent: dict[str, int] = {}
        self.follows: set[tuple[Person, Person]] = set()
        # For each post who must hear of it: who followed the author from before it was published until the end.
        self.hearers: dict[int, set[Person]] = {}
        self.publications = 0
        self.guest: Person
        """Somebody who is let into groups, and shown out again."""
        self.guest_in: set[str] = set()
        self.guest_shown_out: set[str] = set()
        """By somebody else: no link leads in again."""
        self.guests_turn = asyncio.Lock()

    async def lives(self, steps: int) -> None:
        """Every action once and ``steps`` more, in an order of chance; then all pages are there to see the rest."""
        number = self.name.rpartition("-")[2]
        for name in CAST:
            person = await self.sites[0].signs_in(f"{name}_{number}")
            self.people.append(person)
        self.guest = await self.sites[0].signs_in(f"guest_{number}")
        for person in [*self.people, self.guest]:
            page = NotificationsPage(person)
            page.shown = {other.id: name_of(other) for other in self.people}
            await self.opens(page)
        await self.does([*ACTIONS, *PAGES_MOVE, *self.random.choices([*ACTIONS, *PAGES_MOVE], k=steps)])
        await self.comes_back()
        await self.does([*ACTIONS])

    async def does(self, actions: list[Action]) -> None:
        """All of them, in an order of chance, in lanes that run side by side."""
        self.random.shuffle(actions)
        await asyncio.gather(*[self.lane(actions[lane::LANES]) for lane in range(LANES)])

    async def lane(self, actions: list[Action]) -> None:
        for action in actions:
            self.told.append(action.__name__)
            await action(self)

    async def comes_back(self) -> None:
        """Every page that was away goes on where it was; one that was told to refetch does."""
        for page in self.pages:
            if page.stale:
                await page.opens(self.somewhere())
            await page.comes_back(self.somewhere())

    async def opens(self, page: Page) -> None:
        page.line = self.line
        await page.opens(self.somewhere())
        self.pages.append(page)

    def line(self) -> type[Socket]:
        return self.random.choice(self.lines)

    def somewhere(self) -> str:
        return self.random.choice(self.sites).url

    def somebody(self, *but: Person) -> Person:
        return self.random.choice([person for person in self.people if person not in but])

    def chance(self, odds: float) -> bool:
        return self.random.random() < odds

    def words(self, *mentioned: Person) -> str:
        return " ".join([f"words {self.random.random():.6f}", *[f"@{name_of(person)}" for person in mentioned]])

    def text(self, author: Person) -> str:
        return self.words(self.somebody(author)) if self.chance(0.3) else self.words()

    async def some_post(self) -> int:
        if not self.posts:
            await publishes(self)
        return self.random.choice(list(self.posts))

    async def some_conversation(self) -> str:
        if not self.conversations:
            await starts_a_conversation(self)
        return self.random.choice(list(self.conversations))

    async def some_group(self) -> str:
        groups = [conversation for conversation, members in self.conversations.items() if len(members) > 2]
        while not groups:
            await starts_a_conversation(self)
            groups = [conversation for conversation, members in self.conversations.items() if len(members) > 2]
        return self.random.choice(groups)

    def notifications_page(self, person: Person) -> NotificationsPage:
        [page] = [p for p in self.pages if isinstance(p, NotificationsPage) and p.person is person]
        return page

    def chat_pages(self, conversation: str, person: Person | None = None) -> list[ChatPage]:
        return [
            page
            for page in self.pages
            if isinstance(page, ChatPage) and page.conversation == conversation and person in (None, page.person)
        ]


def name_of(person: Person) -> str:
    return str(person.facts["username"])


def done(answer: httpx.Response) -> Any:
    """What was answered; None when the thing is gone, which the other lane may have seen to."""
    if answer.status_code == 404:
        return None
    assert answer.is_success, (answer.request.url, answer.status_code, answer.text)
    return answer.json() if answer.content else {}


async def publishes(world: World) -> None:
    await _publishes(world, world.somebody())


async def _publishes(world: World, author: Person) -> None:
    before = {follower for follower, followed in world.follows if followed is author}
    post = done(await author.post("/posts", {"body": world.text(author)}))
    world.posts[post["id"]] = author
    still = {follower for follower, followed in world.follows if followed is author}
    world.hearers[post["id"]] = (before & still) | {author}


async def deletes_a_post(world: World) -> None:
    post = await world.some_post()
    author = world.posts.pop(post)
    world.hearers.pop(post, None)
    world.comments = {c: kept for c, kept in world.comments.items() if kept[0] != post}
    done(await author.delete(f"/post/{post}/"))


async def likes(world: World) -> None:
    post = await world.some_post()
    done(await world.somebody().put(f"/post/{post}/like"))


async def takes_a_like_back(world: World) -> None:
    post = await world.some_post()
    done(await world.somebody().delete(f"/post/{post}/like"))


async def likes_and_regrets_it_later(world: World) -> None:
    author = world.somebody()
    post = done(await author.post("/posts", {"body": world.words()}))
    liker = world.somebody(author)
    done(await liker.put(f"/post/{post['id']}/like"))

    async def author_knows() -> bool:
        items = (await author.get("/notifications/")).json()["items"]
        return any(entry["data"].get("action_url") == f"/post/{post['id']}/" for entry in items)

    await until(author_knows)
    done(await liker.delete(f"/post/{post['id']}/like"))
    world.posts[post["id"]] = author


async def comments(world: World) -> None:
    post = await world.some_post()
    author = world.somebody()
    if sum(under == post for under, _ in world.comments.values()) < COMMENTS_AT_MOST:
        comment = done(await author.post(f"/post/{post}/comments", {"body": world.text(author)}))
        if comment and post in world.posts:
            world.comments[comment["id"]] = (post, author)


async def deletes_a_comment(world: World) -> None:
    while not world.comments:
        await comments(world)
    comment = world.random.choice(list(world.comments))
    _, author = world.comments.pop(comment)
    done(await author.delete(f"/comments/{comment}"))


async def follows(world: World) -> None:
    follower = world.somebody()
    author = world.somebody(follower)
    done(await follower.put(f"/@{name_of(author)}/follow"))
    world.follows.add((follower, author))


async def follows_who_publishes_at_once(world: World) -> None:
    follower = world.somebody()
    author = world.somebody(follower)
    done(await follower.put(f"/@{name_of(author)}/follow"))
    world.follows.add((follower, author))
    await _publishes(world, author)


async def unfollows(world: World) -> None:
    if not world.follows:
        await follows(world)
    follower, author = world.random.choice(sorted(world.follows, key=lambda pair: [name_of(one) for one in pair]))
    world.follows.discard((follower, author))
    for post, hearers in world.hearers.items():
        if world.posts.get(post) is author:
            hearers.discard(follower)
    done(await follower.delete(f"/@{name_of(author)}/follow"))
    # The other lane may have begun to follow meanwhile.
    world.follows.discard((follower, author))


async def starts_a_conversation(world: World) -> None:
    starter = world.somebody()
    others = [world.somebody(starter)] if world.chance(0.5) else [p for p in world.people if p is not starter]
    title = "Everybody" if len(others) > 1 and world.chance(0.5) else ""
    wanted = {"usernames": [name_of(other) for other in others], "title": title}
    conversation = done(await starter.post("/conversations/", wanted))["id"]
    if conversation not in world.conversations:
        world.conversations[conversation] = [starter, *others]
        for member in [starter, *others]:
            if world.chance(0.7):
                await world.opens(ChatPage(member, conversation))


async def sends_a_message(world: World) -> None:
    conversation = await world.some_conversation()
    author = world.random.choice(world.conversations[conversation])
    world.sent[conversation] = world.sent.get(conversation, 0) + 1
    if world.sent[conversation] > MESSAGES_AT_MOST:
        return
    message = {"message": world.text(author), "client_id": str(uuid4())}
    said = done(await author.get(f"/conversations/{conversation}/messages"))["items"]
    if said and world.chance(0.4):
        message["reply_to"] = world.random.choice(said[-5:])["message_id"]
    for page in world.chat_pages(conversation, author):
        if page.socket:
            page.repeated.add(message["client_id"])
            await page.socket.says("chat_message", **message)
    # The same message again, as a page says it that was cut off before the answer.
    done(await author.post(f"/conversations/{conversation}/messages", message))


async def _some_thread(world: World) -> tuple[str, str]:
    """A conversation, and a message of it on which a thread hangs or may come to."""
    conversation = await world.some_conversation()
    member = world.conversations[conversation][0]
    said = done(await member.get(f"/conversations/{conversation}/messages"))["items"]
    roots = [one for one in said if "replies" in one] if world.chance(0.7) else []
    roots = roots or [one for one in said if "is_deleted" not in one]
    root = world.random.choice(roots) if roots else await member.writes(conversation, world.words())
    return conversation, root["message_id"]


async def writes_in_a_thread(world: World) -> None:
    """By a command and again by HTTP, as a page does that was cut off before the answer."""
    conversation, root = await _some_thread(world)
    author = world.random.choice(world.conversations[conversation])
    said = done(await author.get(f"/conversations/{conversation}/threads/{root}"))["items"]
    if len(said) >= REPLIES_AT_MOST:
        return
    message = {"message": world.text(author), "client_id": str(uuid4()), "thread": root}
    if world.chance(0.3):
        message["reply_to"] = world.random.choice([root, *[one["message_id"] for one in said]])
    for page in world.chat_pages(conversation, author):
        if page.socket:
            page.repeated.add(message["client_id"])
            await page.socket.says("chat_message", **message)
    answer = await author.post(f"/conversations/{conversation}/messages", message)
    # The other lane may have deleted what it was to hang on.
    assert answer.is_success or answer.json()["error"]["code"] == "no_such_message", answer.text


async def reads_a_thread(world: World) -> None:
    conversation, root = await _some_thread(world)
    reader = world.random.choice(world.conversations[conversation])
    said = done(await reader.get(f"/conversations/{conversation}/threads/{root}"))["items"]
    if not said:
        return
    seq = said[-1 if world.chance(0.6) else world.random.randrange(len(said))]["seq"]
    pages = [page for page in world.chat_pages(conversation, reader) if page.socket]
    if pages and pages[0].socket and world.chance(0.5):
        await pages[0].socket.says("read_thread", thread=root, seq=seq)
    else:
        done(await reader.put(f"/conversations/{conversation}/threads/{root}/read", {"seq": seq}))


async def reads_a_thread_to_its_end(world: World) -> None:
    """Somebody who has something unread there, at once after somebody else has written it."""
    conversation, root = await _some_thread(world)
    members = world.conversations[conversation]
    reader, author = world.random.sample(members, 2)
    done(await reader.put(f"/conversations/{conversation}/threads/{root}/follow"))
    await author.post(f"/conversations/{conversation}/messages", {"message": world.words(), "thread": root})
    done(await reader.put(f"/conversations/{conversation}/threads/{root}/read", {"seq": 2**40}))


async def follows_a_thread_or_does_not(world: World) -> None:
    conversation, root = await _some_thread(world)
    member = world.random.choice(world.conversations[conversation])
    pages = [page for page in world.chat_pages(conversation, member) if page.socket]
    is_followed = world.chance(0.5)
    if pages and pages[0].socket and world.chance(0.5):
        await pages[0].socket.says("follow_thread", thread=root, is_followed=is_followed)
    else:
        address = f"/conversations/{conversation}/threads/{root}/follow"
        done(await (member.put if is_followed else member.delete)(address))


async def _of_ones_own(world: World) -> tuple[Person, str, dict[str, Any]]:
    """Somebody, and a message of theirs that still has words: who, where, which."""
    conversation = await world.some_conversation()
    author = world.random.choice(world.conversations[conversation])
    listed = done(await author.get(f"/conversations/{conversation}/messages"))["items"]
    roots = [message["message_id"] for message in listed if "replies" in message]
    if roots and world.chance(0.3):
        root = world.random.choice(roots)
        listed = done(await author.get(f"/conversations/{conversation}/threads/{root}"))["items"]
    own = [message for message in listed if message["user_id"] == author.id and "is_deleted" not in message]
    if not own:
        own = [await author.writes(conversation, world.words())]
    message = own[-1] if world.chance(0.5) else world.random.choice(own)
    return author, f"/conversations/{conversation}/messages/{message['message_id']}", message


async def edits_a_message(world: World) -> None:
    author, address, _ = await _of_ones_own(world)
    answer = await author.put(address, {"message": world.text(author)})
    # The other lane may have deleted it.
    assert answer.is_success or answer.json()["error"]["code"] == "message_deleted", answer.text


async def deletes_a_message(world: World) -> None:
    author, address, _ = await _of_ones_own(world)
    done(await author.delete(address))


async def deletes_what_another_wrote(world: World) -> None:
    """As the owner of a group."""
    group = await world.some_group()
    owner, other = world.conversations[group][:2]
    said = await other.writes(group, world.text(other))
    done(await owner.delete(f"/conversations/{group}/messages/{said['message_id']}"))


async def deletes_a_message_that_somebody_missed(world: World) -> None:
    """A page is away while a message comes and goes: it learns of neither but from the log."""
    author, address, _ = await _of_ones_own(world)
    for page in world.chat_pages(address.split("/")[2]):
        if world.chance(0.5):
            await page.loses_the_line()
    said = await author.writes(address.split("/")[2], world.text(author))
    done(await author.put(f"{address.rpartition('/')[0]}/{said['message_id']}", {"message": world.words()}))
    done(await author.delete(f"{address.rpartition('/')[0]}/{said['message_id']}"))


async def reacts_to_a_message(world: World) -> None:
    """Or takes it back, perhaps one that was never put there; two of the cast at once."""
    _, address, message = await _of_ones_own(world)
    conversation = address.split("/")[2]
    emoji = world.random.choice(["👍", "❤️", "👩🏽‍🚒"])

    async def does(member: Person, is_on: bool) -> None:
        pages = [page for page in world.chat_pages(conversation, member) if page.socket]
        if pages and pages[0].socket and world.chance(0.3):
            await pages[0].socket.says("reaction", message_id=message["message_id"], emoji=emoji, is_on=is_on)
        else:
            answer = await (member.put if is_on else member.delete)(f"{address}/reactions/{quote(emoji)}")
            assert answer.is_success or answer.json()["error"]["code"] == "message_deleted", answer.text

    members = world.random.choices(world.conversations[conversation], k=2)
    await asyncio.gather(*[does(member, world.chance(0.7)) for member in members])


async def falls_far_behind(world: World) -> None:
    """More happens than a page that is away may catch up with (BACKLOG_EVENTS)."""
    conversation = await world.some_conversation()
    for page in world.chat_pages(conversation):
        if world.chance(0.5):
            await page.loses_the_line()
    author = world.random.choice(world.conversations[conversation])
    for _ in range(BACKLOG_EVENTS + 1):
        done(await author.post(f"/conversations/{conversation}/messages", {"message": world.words()}))


async def lets_a_guest_in(world: World) -> None:
    """By the owner, or by a link that the owner made."""
    async with world.guests_turn:
        await _lets_in(world, await world.some_group())


async def _lets_in(world: World, group: str) -> None:
    owner = world.conversations[group][0]
    if group in world.guest_in:
        return
    if group in world.guest_shown_out or world.chance(0.5):
        done(await owner.put(f"/conversations/{group}/members/{name_of(world.guest)}"))
        world.guest_shown_out.discard(group)
    else:
        invite = done(await owner.post(f"/conversations/{group}/invites"))
        done(await world.guest.post(invite["path"]))
    world.guest_in.add(group)
    if world.chance(0.7):
        await world.opens(ChatPage(world.guest, group))
    done(await world.guest.post(f"/conversations/{group}/messages", {"message": world.words()}))


async def shows_a_guest_out(world: World) -> None:
    """Or the guest leaves; open pages are closed, and those that were away cannot come back."""
    async with world.guests_turn:
        if not world.guest_in:
            await _lets_in(world, await world.some_group())
        group = world.random.choice(sorted(world.guest_in))
        actor = world.random.choice([world.conversations[group][0], world.guest])
        world.guest_in.discard(group)
        if actor is not world.guest:
            world.guest_shown_out.add(group)
        pages = world.chat_pages(group, world.guest)
        world.pages = [page for page in world.pages if page not in pages]
        done(await actor.delete(f"/conversations/{group}/members/{name_of(world.guest)}"))
        for page in pages:
            await page.is_closed()


async def changes_a_group(world: World) -> None:
    group = await world.some_group()
    owner, other = world.conversations[group][:2]
    for role in ("admin", "member"):
        done(await owner.put(f"/conversations/{group}/members/{name_of(other)}", {"role": role}))
    done(await owner.put(f"/conversations/{group}", {"title": f"Group {world.random.random():.6f}"}))
    headers = {"content-type": "image/png", "accept": "application/json", "x-csrf-token": owner.csrf}
    colour = (world.random.randrange(256), 0, 0)
    done(await owner.http.put(f"/conversations/{group}/picture", content=png(colour), headers=headers))


async def blocks_the_guest(world: World) -> None:
    """Who writes no posts of their own, so that nothing is back that only a reload would show."""
    blocker = world.somebody()
    async with world.guests_turn:
        done(await blocker.put(f"/@{name_of(world.guest)}/block"))
        done(await blocker.delete(f"/@{name_of(world.guest)}/block"))


async def types(world: World) -> None:
    conversation = await world.some_conversation()
    for page in world.chat_pages(conversation):
        if page.socket and world.chance(0.5):
            await page.socket.says("typing", is_typing=world.chance(0.7))


async def _moves(world: World, kind: str) -> None:
    conversation = await world.some_conversation()
    member = world.random.choice(world.conversations[conversation])
    messages = done(await member.get(f"/conversations/{conversation}/messages"))["items"]
    if messages:
        seq = messages[-1 if world.chance(0.6) else world.random.randrange(len(messages))]["seq"]
        pages = [page for page in world.chat_pages(conversation, member) if page.socket]
        if pages and pages[0].socket and world.chance(0.5):
            await pages[0].socket.says(kind, seq=seq)
        else:
            done(await member.put(f"/conversations/{conversation}/{kind}", {"seq": seq}))


async def reads_messages(world: World) -> None:
    await _moves(world, "read")


async def gets_messages(world: World) -> None:
    await _moves(world, "delivered")


async def keeps_a_conversation_otherwise(world: World) -> None:
    """Pins, mutes, archives it, or no longer; by a command or by HTTP."""
    conversation = await world.some_conversation()
    member = world.random.choice(world.conversations[conversation])
    what = world.random.choice(["pin", "archive", "mute"])
    pages = [page for page in world.chat_pages(conversation, member) if page.socket]
    if pages and pages[0].socket and world.chance(0.3):
        await pages[0].socket.says("keep", pinned=world.chance(0.5), mute=world.random.choice(["on", "off"]))
    elif world.chance(0.6):
        body = {"mute": world.random.choice(["1h", "8h", "on"])} if what == "mute" else None
        done(await member.put(f"/conversations/{conversation}/{what}", body))
    else:
        done(await member.delete(f"/conversations/{conversation}/{what}"))


async def begins_to_write(world: World) -> None:
    conversation = await world.some_conversation()
    member = world.random.choice(world.conversations[conversation])
    pages = [page for page in world.chat_pages(conversation, member) if page.socket]
    text = world.words()
    if pages and pages[0].socket and world.chance(0.5):
        await pages[0].socket.says("draft", text=text)
    else:
        done(await member.put(f"/conversations/{conversation}/draft", {"text": text}))


async def marks_messages_unread(world: World) -> None:
    conversation = await world.some_conversation()
    member = world.random.choice(world.conversations[conversation])
    messages = done(await member.get(f"/conversations/{conversation}/messages"))["items"]
    if messages:
        done(await member.put(f"/conversations/{conversation}/unread", {"seq": world.random.choice(messages)["seq"]}))


async def _some_notification(world: World, person: Person) -> dict[str, Any] | None:
    items = done(await person.get("/notifications/"))["items"]
    return world.random.choice(items) if items else None


async def marks_a_notification_read(world: World) -> None:
    person = world.somebody()
    entry = await _some_notification(world, person)
    page = world.notifications_page(person)
    if entry and page.socket and world.chance(0.5):
        await page.socket.says("mark_read", notification_id=entry["id"])
    elif entry:
        done(await person.put(f"/notifications/{entry['id']}/read"))


async def marks_a_notification_unread(world: World) -> None:
    person = world.somebody()
    entry = await _some_notification(world, person)
    if entry:
        done(await person.delete(f"/notifications/{entry['id']}/read"))


async def marks_all_notifications_read(world: World) -> None:
    done(await world.somebody().put("/notifications/read"))


async def opens_what_a_notification_points_to(world: World) -> None:
    person = world.somebody()
    entry = await _some_notification(world, person)
    if entry:
        await person.opens(entry["data"].get("action_url", "/"))


async def is_notified_by_an_operator(world: World) -> None:
    person = world.somebody()
    world.publications += 1
    payload = b'{"message":"Deploy %d finished","data":{"action_url":"/"}}' % world.publications
    await world.operator.publish(f"notify.{name_of(person)}", payload)
    await world.operator.flush()


async def logs_out_elsewhere(world: World) -> None:
    person = world.somebody()
    elsewhere = await world.sites[0].signs_in(name_of(person))
    socket = await world.line().opens(elsewhere, NotificationsPage.path, world.somewhere())
    done(await elsewhere.post("/logout"))
    assert await socket.ends() == 4401


async def hides_presence_or_shows_it(world: World) -> None:
    done(await world.somebody().put("/settings/presence", {"hidden": world.chance(0.5)}))


async def hides_receipts_or_shows_them(world: World) -> None:
    done(await world.somebody().put("/settings/receipts", {"hidden": world.chance(0.4)}))


async def hides_presence(world: World) -> None:
    done(await world.somebody().put("/settings/presence", {"hidden": True}))


async def goes_away_and_comes_back(world: World) -> None:
    page = world.notifications_page(world.somebody())
    if page.socket:
        await page.socket.says("active", is_active=world.chance(0.5))


async def looks_at_new_posts(world: World) -> None:
    page = world.notifications_page(world.somebody())
    for post in list(world.posts):
        if post not in page.posts:
            await page.looks_at(post)
    await page.shows_more()


async def loses_the_line(world: World) -> None:
    await world.random.choice(world.pages).loses_the_line()


async def has_the_line_back(world: World) -> None:
    away = [page for page in world.pages if page.socket is None]
    if away:
        await world.random.choice(away).comes_back(world.somewhere())


async def reloads_a_page(world: World) -> None:
    await world.random.choice(world.pages).opens(world.somewhere())


ACTIONS: tuple[Action, ...] = (
    publishes,
    deletes_a_post,
    likes,
    likes,
    takes_a_like_back,
    likes_and_regrets_it_later,
    comments,
    comments,
    deletes_a_comment,
    follows,
    follows_who_publishes_at_once,
    unfollows,
    starts_a_conversation,
    sends_a_message,
    sends_a_message,
    sends_a_message,
    lets_a_guest_in,
    shows_a_guest_out,
    changes_a_group,
    blocks_the_guest,
    edits_a_message,
    edits_a_message,
    deletes_a_message,
    deletes_what_another_wrote,
    deletes_a_message_that_somebody_missed,
    reacts_to_a_message,
    reacts_to_a_message,
    reacts_to_a_message,
    types,
    writes_in_a_thread,
    writes_in_a_thread,
    writes_in_a_thread,
    reads_a_thread,
    reads_a_thread_to_its_end,
    follows_a_thread_or_does_not,
    reads_messages,
    reads_messages,
    reads_messages,
    gets_messages,
    gets_messages,
    keeps_a_conversation_otherwise,
    keeps_a_conversation_otherwise,
    marks_messages_unread,
    begins_to_write,
    begins_to_write,
    marks_a_notification_read,
    marks_a_notification_unread,
    marks_all_notifications_read,
    opens_what_a_notification_points_to,
    is_notified_by_an_operator,
    logs_out_elsewhere,
    hides_receipts_or_shows_them,
    hides_presence,
    hides_presence_or_shows_it,
    goes_away_and_comes_back,
    looks_at_new_posts,
)
PAGES_MOVE: tuple[Action, ...] = (
    looks_at_new_posts,
    falls_far_behind,
    loses_the_line,
    loses_the_line,
    loses_the_line,
    has_the_line_back,
    reloads_a_page,
)
