"""Conversations, messages and the log, and what the pages show."""

from django.conf import settings
from django.db import models


class Conversation(models.Model):
    """``last_number`` counts its messages, and is the seq of its log."""

    name = models.CharField(max_length=40, unique=True)
    last_number = models.IntegerField(default=0)


class Message(models.Model):
    """What was said."""

    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE)
    author = models.CharField(max_length=30)
    number = models.IntegerField()
    body = models.TextField()
    sent_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        unique_together = (("conversation", "number"),)


class Logged(models.Model):
    """The event of a message."""

    topic = models.CharField(max_length=80)
    seq = models.IntegerField()
    body = models.TextField()

    class Meta:
        unique_together = (("topic", "seq"),)


class Post(models.Model):
    """A post of the feed."""

    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    body = models.TextField()
    likes = models.IntegerField(default=0)
    comments = models.IntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)


class Follow(models.Model):
    """Who follows whom."""

    follower = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="following")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="followers")


class Notification(models.Model):
    """What somebody is told."""

    recipient = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notifications")
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="caused")
    kind = models.CharField(max_length=20)
    message = models.TextField()
    link = models.CharField(max_length=200)
    read = models.BooleanField(default=False)
    sent_at = models.DateTimeField(auto_now_add=True)


class Like(models.Model):
    """Who likes what."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    post = models.ForeignKey(Post, on_delete=models.CASCADE)
