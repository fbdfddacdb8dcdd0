"""HTTP and WebSocket entry."""

import os

from config.env import settings_module

os.environ.setdefault("DJANGO_SETTINGS_MODULE", settings_module())

from django.core.asgi import get_asgi_application

http_application = get_asgi_application()

# Imported after Django is set up: these load models.
from channels.routing import ProtocolTypeRouter, URLRouter

from config.gates import origin_gate, without_root_path
from realtime.routing import websocket_urlpatterns

application = without_root_path(
    ProtocolTypeRouter(
        {
            "http": http_application,
            "websocket": origin_gate(URLRouter(websocket_urlpatterns)),
        }
    )
)
