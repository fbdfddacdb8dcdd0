"""Settings of the fan-out benchmark's servers: the product's, with the layer that is asked for."""

import os

os.environ.setdefault("SECRET_KEY", "bench-only-bench-only-bench-only-bench-only-bench-only-0")
os.environ.setdefault("FIELD_ENCRYPTION_KEY", "Nm112vOWWFhlU_u3aHtN7yi9uMcVc-Wa-PCiPVkKQfQ=")

from config.env import use_owner

# Its programs make and fill their database themselves.
use_owner()

from config.settings.base import *  # noqa: E402, F403

DEBUG = False
CHANNEL_LAYERS = {
    "default": {
        "BACKEND": os.environ.get("BENCH_LAYER", "realtime.layer.LiveChannelLayer"),
        "CONFIG": {"hosts": [os.environ["BENCH_REDIS_URL"]], "prefix": "bench"},
    }
}
