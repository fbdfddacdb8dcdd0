"""Settings of the end-to-end benchmark: the product's, at the address the benchmark serves it."""

import os

os.environ.setdefault("SECRET_KEY", "bench-only-bench-only-bench-only-bench-only-bench-only-0")
os.environ.setdefault("FIELD_ENCRYPTION_KEY", "Nm112vOWWFhlU_u3aHtN7yi9uMcVc-Wa-PCiPVkKQfQ=")
os.environ.setdefault("SITE_URL", "http://127.0.0.1")

from config.env import use_owner

# Its programs make and fill their database themselves.
use_owner()

from config.settings.base import *  # noqa: E402, F403

DEBUG = False
ALLOWED_HOSTS = ["127.0.0.1"]
