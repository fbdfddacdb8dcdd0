"""Settings of the booking benchmark: the product's, with two bare fragments beside its pages."""

from bench.latency_settings import *  # noqa: F403

ROOT_URLCONF = "bench.bookings_urls"
