"""What uvicorn runs."""

from channels.routing import ProtocolTypeRouter, URLRouter
from django.core.asgi import get_asgi_application
from django.urls import path

pages = get_asgi_application()

from peer.consumers import Room  # noqa: E402  (after Django is set up)

application = ProtocolTypeRouter(
    {"http": pages, "websocket": URLRouter([path("room/<str:room>/", Room.as_asgi())])}  # type: ignore[arg-type]
)
