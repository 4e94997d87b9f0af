"""python -m peer.fill: a reader with a full feed, notifications and a long conversation; prints the cookie."""

import sys
from importlib import import_module

import django

django.setup()

from django.conf import settings  # noqa: E402  (after Django is set up)
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY  # noqa: E402
from django.contrib.auth.models import User  # noqa: E402

from peer.models import Conversation, Follow, Like, Message, Notification, Post  # noqa: E402

AUTHORS, POSTS, MESSAGES, FANS, CONVERSATIONS = 10, 60, 60, 40, 10
WORDS = "The harbour was white this morning, and the ferry came in without a sound. Two loaves left, ask @{name}."


def main() -> str:
    """The same as Natter's reader has; gives the cookie."""
    reader = User.objects.create_user("reader", first_name="Reader")
    fans = [User.objects.create_user(f"fan_{n:02}", first_name=f"Fan {n}") for n in range(FANS)]
    Follow.objects.bulk_create(Follow(follower=reader, author=fan) for fan in fans[:AUTHORS])
    for number in range(POSTS):
        text = WORDS.format(name=fans[number % FANS].username)
        post = Post.objects.create(author=fans[number % AUTHORS], body=text, likes=3)
        Like.objects.bulk_create(Like(user=fan, post=post) for fan in fans[:3])
    Notification.objects.bulk_create(
        Notification(
            recipient=reader, actor=fan, kind="Like", message=f"{fan.first_name} liked your post", link="/post/1/"
        )
        for fan in fans
    )
    talks = [Conversation.objects.create(name=f"fan_{n:02}", last_number=MESSAGES) for n in range(CONVERSATIONS)]
    Message.objects.bulk_create(
        Message(
            conversation=talks[0],
            author=("reader", "fan_00")[number % 2],
            number=number,
            body=WORDS.format(name="fan_01"),
        )
        for number in range(1, MESSAGES + 1)
    )
    session = import_module(settings.SESSION_ENGINE).SessionStore()
    session[SESSION_KEY] = str(reader.pk)
    session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    session[HASH_SESSION_KEY] = reader.get_session_auth_hash()
    session.save()
    return str(session.session_key)


sys.stdout.write(main())
