"""HTTP and WebSocket entry."""

import os

from config.env import settings_module

os.environ.setdefault("DJANGO_SETTINGS_MODULE", settings_module())

import django

django.setup(set_prefix=False)

# Imported after Django is set up: these load models.
from channels.routing import ProtocolTypeRouter, URLRouter
from django.conf import settings

from config.gates import in_turn, origin_gate, without_root_path
from config.handlers import OneHopHandler
from realtime.routing import websocket_urlpatterns

application = without_root_path(
    ProtocolTypeRouter(
        {
            "http": in_turn(OneHopHandler(), most=settings.REQUESTS_AT_ONCE),
            "websocket": origin_gate(URLRouter(websocket_urlpatterns)),
        }
    )
)
