"""The product as it is, plus the bare views it is compared with."""

from Management.settings import *  # noqa: F403

ROOT_URLCONF = "bench.urls"
ASGI_APPLICATION = "bench.asgi.application"
