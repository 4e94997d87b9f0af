"""``bin/natter``: what an operator does from a terminal, beside publishing with ``nats`` itself."""

import argparse
import asyncio
import sys
import time
from collections.abc import Awaitable, Callable
from uuid import uuid4

import msgspec
import nats.errors

from app.actions.accounts import grant
from app.actions.epoch import renew_epoch
from app.config import Settings
from app.database import DATABASE_ERRORS, database
from app.errors import NotFound, Problem
from app.jobs.publication import Publication, notice_key
from app.jobs.runner import replay_dead_letters
from app.models import KINDS, DeadLetter, Notification, Rejected, User
from bus.connection import Bus
from bus.subjects import Subjects

ARRIVAL_SECONDS = 5.0

TEXTS = {
    "Like": "{actor} liked your post",
    "Comment": "{actor} commented on your post",
    "Follow": "{actor} started following you",
    "Mention": "{actor} mentioned you in a post",
    "Message": "{actor} sent you a message",
    "System": "This is a test notification",
}

Command = Callable[[argparse.Namespace, Settings], Awaitable[int]]


async def test_notifications(given: argparse.Namespace, settings: Settings) -> int:
    """Publish a notification of any kind to NATS and wait until a worker has taken it in and stored it."""
    recipient, actor = await _user(given.to_user), await _user(given.from_user)
    key = str(uuid4())
    publication = Publication(
        message=given.message or TEXTS[given.type].format(actor=actor.display_name or actor.username),
        notification_type=given.type,
        actor=actor.username,
        data={"action_url": f"/@{actor.username}/"},
        id=key,
    )
    subjects = Subjects(settings.subject_prefix)
    bus = Bus()
    await bus.connect(settings.nats_url, "natter command", lambda: None)
    try:
        subject = subjects.notify(recipient.username)
        await bus.jetstream.publish(subject, msgspec.json.encode(publication))
    finally:
        await bus.close()
    notification_id = notice_key(recipient.id, f"id:{key}")
    deadline = time.monotonic() + ARRIVAL_SECONDS
    while not await Notification.filter(id=notification_id).exists():
        if time.monotonic() > deadline:
            return _fail(f"{subject}: published and kept by NATS, but no worker has taken it in yet.")
        await asyncio.sleep(0.05)
    print(f"{subject}: {publication.message!r} ({given.type}) was published, taken in and stored as {notification_id}.")
    return 0


async def _user(username: str) -> User:
    user = await User.get_or_none(username=username.lower())
    if user is None:
        raise NotFound(f"There is no user called {username}.")
    return user


async def grant_flags(given: argparse.Namespace, settings: Settings) -> int:
    """Set or take the flags that nobody can give themselves."""
    user = await grant(given.username, verified=given.verified, admin=given.admin)
    print(f"{user.username}: is_verified={user.is_verified} is_admin={user.is_admin}")
    return 0


async def rejected(given: argparse.Namespace, settings: Settings) -> int:
    """List the newest publications that were not accepted, with the reason."""
    for line in await Rejected.all().order_by("-id").limit(given.limit):
        print(f"{line.at:%Y-%m-%d %H:%M:%S}  {line.subject}  {line.reason}: {line.detail}")
    return 0


async def dead_letters(given: argparse.Namespace, settings: Settings) -> int:
    """List the jobs that failed for good, or give all of them new tries."""
    if given.replay:
        print(f"{await replay_dead_letters()} jobs run again.")
        return 0
    for line in await DeadLetter.all().order_by("-id").limit(given.limit):
        print(f"{line.died_at:%Y-%m-%d %H:%M:%S}  {line.id}  {line.what}  {line.error}")
    return 0


async def epoch(given: argparse.Namespace, settings: Settings) -> int:
    """After restoring a backup: no cursor from before is believed any more, and every open page fetches itself anew."""
    print(f"The epoch is {await renew_epoch()} now. Workers that run take it up within a second.")
    return 0


def parser() -> argparse.ArgumentParser:
    """All commands, with their help."""
    whole = argparse.ArgumentParser(prog="bin/natter", description="Natter for operators. bin/run has to be running.")
    commands = whole.add_subparsers(required=True, metavar="COMMAND")

    def add(name: str, run: Command) -> argparse.ArgumentParser:
        text = (run.__doc__ or "").strip()
        command = commands.add_parser(name, help=text, description=text)
        command.set_defaults(run=run)
        return command

    testing = add("test_notifications", test_notifications)
    testing.add_argument("--from-user", required=True, metavar="USERNAME", help="who is shown as the actor")
    testing.add_argument("--to-user", required=True, metavar="USERNAME", help="who gets it")
    testing.add_argument("--type", choices=KINDS, default="System", help="the kind of notification")
    testing.add_argument("--message", help="the text; each kind has one of its own")
    granting = add("grant", grant_flags)
    granting.add_argument("username")
    granting.add_argument("--verified", action=argparse.BooleanOptionalAction)
    granting.add_argument("--admin", action=argparse.BooleanOptionalAction)
    refused = add("rejected", rejected)
    refused.add_argument("--limit", type=int, default=20)
    dead = add("dead_letters", dead_letters)
    dead.add_argument("--limit", type=int, default=20)
    dead.add_argument("--replay", action="store_true", help="run all of them again")
    add("epoch", epoch).add_argument("what", choices=["renew"], help="there is nothing else to do with it")
    return whole


async def run(given: argparse.Namespace, settings: Settings) -> int:
    """Run one command with the database open. Gives the exit status."""
    async with database(settings):
        return int(await given.run(given, settings))


def main() -> None:
    """Run the command of the command line; what goes wrong is said in one line."""
    given = parser().parse_args()
    settings = Settings.from_environment()
    try:
        status = asyncio.run(run(given, settings))
    except Problem as problem:
        status = _fail(problem.message)
    except (*DATABASE_ERRORS, nats.errors.Error) as error:
        status = _fail(f"Cannot reach the site ({type(error).__name__}). Is bin/run running?")
    sys.exit(status)


def _fail(message: str) -> int:
    print(message, file=sys.stderr)
    return 1


if __name__ == "__main__":
    main()
