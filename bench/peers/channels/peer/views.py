"""The pages, as one writes them with the ORM and select_related."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from peer.models import Conversation, Follow, Like, Message, Notification, Post

PAGE = 30
MESSAGES = 50
NEWEST = 10


@login_required
def feed(request: HttpRequest) -> HttpResponse:
    """The posts of those one follows."""
    followed = Follow.objects.filter(follower=request.user).values("author")
    posts = Post.objects.filter(Q(author=request.user) | Q(author__in=followed)).select_related("author")
    shown = list(posts.order_by("-id")[:PAGE])
    liked = set(Like.objects.filter(user=request.user, post__in=shown).values_list("post_id", flat=True))
    return render(request, "feed.html", {"posts": shown, "liked": liked, **bell(request)})


@login_required
def chat(request: HttpRequest, name: str) -> HttpResponse:
    """A conversation's newest messages, beside the list of conversations."""
    conversation = get_object_or_404(Conversation, name=name)
    messages = list(Message.objects.filter(conversation=conversation).order_by("-number")[:MESSAGES])[::-1]
    conversations = Conversation.objects.order_by("-id")[:PAGE]
    context = {"conversation": conversation, "messages": messages, "conversations": conversations}
    return render(request, "chat.html", {**context, **bell(request)})


@login_required
def notifications(request: HttpRequest) -> HttpResponse:
    """One's notifications."""
    found = Notification.objects.filter(recipient=request.user).select_related("actor").order_by("-id")[:PAGE]
    return render(request, "notifications.html", {"notifications": found, **bell(request)})


def bell(request: HttpRequest) -> dict[str, Any]:
    """What is in every page's header."""
    own = Notification.objects.filter(recipient=request.user)
    newest = own.select_related("actor").order_by("-id")[:NEWEST]
    return {"unread": own.filter(read=False).count(), "newest": newest}
