"""A room: what is said in it is stored, then told to all in it; what is published to it from outside is told too."""

import json
from typing import Any
from uuid import uuid4

from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncWebsocketConsumer
from django.db import transaction
from django.db.models import F

from peer.models import Conversation, Logged, Message

TEXT_LENGTH = 4000


class Room(AsyncWebsocketConsumer):
    """One socket."""

    async def connect(self) -> None:
        """Join the group of the room, and accept."""
        self.room = self.scope["url_route"]["kwargs"]["room"]
        await self.channel_layer.group_add(self.room, self.channel_name)
        await self.accept()
        await self.send(text_data="ready")

    async def disconnect(self, code: int) -> None:
        """Leave it."""
        await self.channel_layer.group_discard(self.room, self.channel_name)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """A message, or that somebody types."""
        said = json.loads(text_data or "")
        if said["type"] == "typing":
            event = {"type": "typing", "is_typing": bool(said["is_typing"]), "username": "john", "user_id": 1}
            await self.channel_layer.group_send(
                self.room, {"type": "typed", "text": json.dumps(event, separators=(",", ":")), "by": self.channel_name}
            )
            return
        body = str(said["message"]).strip()
        if not 1 <= len(body) <= TEXT_LENGTH:
            await self.send(text_data=json.dumps({"type": "error", "code": "too_long"}))
            return
        # Not the default, which has one thread for everybody: here transactions run side by side.
        text = await database_sync_to_async(store, thread_sensitive=False)(self.room, body)
        await self.channel_layer.group_send(self.room, {"type": "told", "text": text})

    async def told(self, event: dict[str, Any]) -> None:
        """Something for everyone in the room."""
        await self.send(text_data=event["text"])

    async def typed(self, event: dict[str, Any]) -> None:
        """Something for everyone else."""
        if event["by"] != self.channel_name:
            await self.send(text_data=event["text"])


@transaction.atomic
def store(room: str, body: str) -> str:
    """Count, message and log in one transaction; gives the frame."""
    conversation, _ = Conversation.objects.get_or_create(name=room)
    Conversation.objects.filter(pk=conversation.pk).update(last_number=F("last_number") + 1)
    conversation.refresh_from_db()
    message = Message.objects.create(
        conversation=conversation, author="john", number=conversation.last_number, body=body
    )
    text = json.dumps(frame(message), separators=(",", ":"))
    Logged.objects.create(topic=room, seq=message.number, body=text)
    return text


def frame(message: Message) -> dict[str, Any]:
    """The message as it is told."""
    return {
        "type": "chat_message",
        "seq": message.number,
        "message": message.body,
        "html": message.body,
        "username": message.author,
        "user_id": 1,
        "user_avatar": "/media/avatars/john.jpg",
        "timestamp": message.sent_at.strftime("%H:%M"),
        "sent_at": message.sent_at.isoformat(timespec="milliseconds"),
        "message_id": str(uuid4()),
        "number": message.number,
        "client_id": None,
        "is_verified": False,
        "is_admin": False,
    }
