"""WebSocket addresses."""

from django.urls import path

from realtime.consumers import LiveConsumer

websocket_urlpatterns = [path("ws/live/<str:token>/", LiveConsumer.as_asgi())]


def socket_path(token: str) -> str:
    """Return the path of the socket for a stream token."""
    return f"/ws/live/{token}/"
