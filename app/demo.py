"""``python -m app.demo``: the cast, with something going on among them. Once only; it goes through the actions."""

import asyncio
from typing import NamedTuple
from uuid import UUID

from app.actions import (
    accounts,
    blocks,
    comments,
    conversations,
    drafts,
    edits,
    follows,
    groups,
    invites,
    keeping,
    likes,
    messages,
    posts,
    reactions,
)
from app.config import Settings
from app.database import database
from app.models import Conversation, User

Said = tuple[tuple[str, str], ...]

PASSWORD = "natter-demo"  # noqa: S105  (printed for everybody to use)


class Kept(NamedTuple):
    """How somebody keeps a conversation."""

    is_pinned: bool = False
    mute: str | None = None
    draft: str = ""
    has_read: bool = False


class Part(NamedTuple):
    """Somebody of the cast."""

    username: str
    name: str
    bio: str


CAST = (
    Part("alice", "Alice Adeyemi", "Ships on Fridays. Tea, trains and tidy logs."),
    Part("bob", "Bob Brandt", "Baker of bread and backends. Ask @alice about the sourdough incident."),
    Part("carol", "Carol Castillo", "Design, drawing, dogs. https://example.org/carol"),
    Part("dave", "Dave Dlamini", "Keeps the lights on here."),
    Part("erin", "Erin Egilsdóttir", "Cold water swimmer. Photographs of weather."),
    Part("frank", "Frank Fontaine", "New around here."),
)
FOLLOWS = (
    ("alice", "bob carol dave erin"),
    ("bob", "alice carol"),
    ("carol", "alice erin"),
    ("dave", "alice bob carol erin frank"),
    ("erin", "carol alice"),
    ("frank", "alice dave"),
)
# Author, text, who likes it, and who says what about it: oldest first.
POSTS: tuple[tuple[str, str, str, Said], ...] = (
    ("dave", "Welcome to Natter. Open this page twice, side by side, and watch.", "alice bob carol erin", ()),
    (
        "erin",
        "Six degrees in the bay this morning. The sea smoked.",
        "alice carol dave",
        (("carol", "Please say there is a photograph."), ("erin", "There is, @carol. Blurry, like my hands.")),
    ),
    (
        "bob",
        "New loaf, 78 % hydration.\n\nIt stands. @alice, you were right about the flour.",
        "alice carol erin",
        (("alice", "I will need evidence. Two slices of it."), ("bob", "Kitchen, noon.")),
    ),
    (
        "carol",
        "Notes on drawing icons at 16 pixels: https://example.org/notes/sixteen. Most of it is leaving things out.",
        "alice bob dave erin frank",
        (("frank", "Bookmarked, thank you!"), ("dave", "Applies to configuration files as well.")),
    ),
    ("frank", "Hello everyone. Is this thing on?", "alice dave", (("dave", "Loud and clear, @frank."),)),
    (
        "alice",
        "Deployed on a Friday, and all is quiet. @dave, you can put the bell down now.",
        "bob carol dave",
        (("dave", "Never."), ("bob", "Bread for the brave.")),
    ),
)
# Who is in it, its title, and who said what.
CONVERSATIONS: tuple[tuple[str, str, Said], ...] = (
    (
        "alice bob",
        "",
        (
            ("bob", "Did the deploy go through?"),
            ("alice", "**Green** on all workers:\n\n```\n2 workers ready, 0 events behind\n```"),
            ("bob", "🎉🍞"),
            ("bob", "Then the loaf is yours. Noon?"),
        ),
    ),
    (
        "carol alice",
        "",
        (("carol", "Could you look at the new avatars? https://example.org/avatars"), ("alice", "On it!")),
    ),
    (
        "erin alice bob carol",
        "Sunday swim",
        (
            ("erin", "Sunday, eight o'clock, the stairs by the boathouse."),
            ("carol", "I bring the dog and towels."),
            ("bob", "I bring something warm to eat."),
            ("bob", "Milk, flour, salt, the other flour"),
            ("alice", "I bring doubts. But I am in. @all, until then!"),
        ),
    ),
)
# What was said otherwise at first, and what was not meant for everyone.
EDITED = {"I bring something warm to eat.": "I bring soup, and something to dip in it."}
REPLIES = {"I bring the dog and towels.": "Sunday, eight o'clock, the stairs by the boathouse."}
# What was said aside, in a thread under it.
THREADS: dict[str, Said] = {
    "Sunday, eight o'clock, the stairs by the boathouse.": (
        ("carol", "Which stairs, the wooden ones?"),
        ("erin", "The stone ones. The wooden ones have a seal on them."),
        ("bob", "The seal was there first, @alice."),
    ),
}
DELETED = ("Milk, flour, salt, the other flour",)
REACTIONS = {
    "**Green** on all workers:\n\n```\n2 workers ready, 0 events behind\n```": (("bob", "🎉"),),
    "Sunday, eight o'clock, the stairs by the boathouse.": (("carol", "👍"), ("bob", "👍🏽"), ("alice", "🥶")),
    "I bring the dog and towels.": (("erin", "🐶"), ("alice", "🐶"), ("bob", "❤️")),
}

# By the members of a conversation, as above.
KEPT: dict[str, dict[str, Kept]] = {
    "erin alice bob carol": {"alice": Kept(is_pinned=True), "erin": Kept(has_read=True), "carol": Kept(has_read=True)},
    "carol alice": {"carol": Kept(mute="8h"), "alice": Kept(draft="They are lovely. The third one looks like")},
}


def accounts_line() -> str:
    """Who can log in, for a person to read."""
    return f"Log in as {', '.join(part.username for part in CAST)}; everybody's password is {PASSWORD}"


async def fill() -> None:
    """Bring the cast to an empty site; where there is an alice already, nothing happens."""
    if await User.exists(username=CAST[0].username):
        return
    cast = {part.username: await _introduce(part) for part in CAST}
    await accounts.grant("alice", verified=True)
    await accounts.grant("dave", admin=True)
    for follower, authors in FOLLOWS:
        for author in authors.split():
            await follows.follow(cast[follower], author)
    for author, text, fans, said in POSTS:
        await _publish(cast, author, text, fans.split(), said)
    for members, title, said in CONVERSATIONS:
        await _talk(cast, members.split(), title, said)
    await _swim_on(cast)
    await blocks.block(cast["erin"], "frank")


async def _introduce(part: Part) -> User:
    user = await accounts.register(part.username, PASSWORD, part.name)
    await accounts.change_profile(user, bio=part.bio)
    return user


async def _publish(cast: dict[str, User], author: str, text: str, fans: list[str], said: Said) -> None:
    post = await posts.publish(cast[author], text)
    for fan in fans:
        await likes.like(cast[fan], post.id)
    for speaker, words in said:
        await comments.comment_on(cast[speaker], post.id, words)


async def _talk(cast: dict[str, User], members: list[str], title: str, said: Said) -> None:
    starter, *others = members
    conversation, _ = await conversations.start(cast[starter], others, title)
    ids: dict[str, UUID] = {}
    for speaker, words in said:
        author = cast[speaker].id
        sent = await messages.send(author, conversation.id, words, reply_to=ids.get(REPLIES.get(words, "")))
        ids[words] = sent.id
        if words in EDITED:
            await edits.edit(author, conversation.id, sent.id, EDITED[words])
        for name, emoji in REACTIONS.get(words, ()):
            await reactions.react(cast[name], conversation.id, sent.id, emoji)
        if words in DELETED:
            await edits.delete(author, conversation.id, sent.id)
        for name, reply in THREADS.get(words, ()):
            await messages.send(cast[name].id, conversation.id, reply, thread=sent.id)
    await _keep(cast, members, conversation, sent.seq)


async def _keep(cast: dict[str, User], members: list[str], conversation: Conversation, newest: int) -> None:
    """How they keep it: who has read it, who has it at the top, muted, or something half written in it."""
    for name, kept in KEPT.get(" ".join(members), {}).items():
        await keeping.keep(cast[name].id, conversation.id, pinned=kept.is_pinned, mute=kept.mute)
        await drafts.keep(cast[name].id, conversation.id, kept.draft)
        if kept.has_read:
            await conversations.mark_read(cast[name].id, conversation.id, newest)


async def _swim_on(cast: dict[str, User]) -> None:
    """The group changes: somebody comes, somebody helps to run it, somebody goes."""
    group = await Conversation.get(title="Sunday swim")
    await groups.set_role(cast["erin"], group.id, "carol", "admin")
    await groups.add(cast["carol"], group.id, ["dave", "frank"])
    await messages.send(cast["dave"].id, group.id, "Is the water on call, too?")
    await groups.remove(cast["frank"], group.id, "frank")
    await groups.rename(cast["erin"], group.id, "Sunday swim, with towels")
    await invites.invite(cast["erin"], group.id)


async def main() -> None:
    """Fill the site that the environment names, and say who can log in."""
    async with database(Settings.from_environment()):
        await fill()
    print(accounts_line())


if __name__ == "__main__":
    asyncio.run(main())
