"""Structured logs: one JSON object a line (readable on a terminal), without secrets or addresses."""

import re
from collections.abc import Mapping, MutableMapping
from typing import Any

import structlog
from structlog.typing import Processor

SECRET_KEYS = re.compile(r"password|token|secret|authorization|access$|refresh$|cookie", re.I)
# Each looks at a text once, however long a word is in it: whoever calls decides what is logged.
SECRET_TEXTS = (
    # What stands in a URL, a header or a JWT, wherever a library writes it.
    (re.compile(r"(?i)\b(token|access|refresh|password)=[^&\s\"']+"), r"\1=[redacted]"),
    (re.compile(r"(?<![\w-])(?>([\w-]*?)eyJ)[\w-]++\.[\w-]++\.[\w-]+"), r"\1[redacted]"),
    (re.compile(r"tk_[\w%-]{16,}"), "[redacted]"),  # a one-time ticket; a letter may stand before it: %3D
    (re.compile(r"/n/[\w-]{16,}"), "/n/[redacted]"),
    (re.compile(r"/unsubscribe/[\w.-]{16,}"), "/unsubscribe/[redacted]"),
    (re.compile(r"\+\d{6,}(\d{2})\b"), r"+…\1"),
    (re.compile(r"(?<![\w.+-])([\w.+-]++@([\w-]+\.)+[\w-]+)+"), "[address]"),
)
# No secret without one of them: what has none need not be searched.
MARKS = ("=", "eyJ", "tk_", "/n/", "/unsubscribe/", "+", "@")


def clean(value: Any) -> Any:
    """Return `value` with tokens, passwords, phone numbers and addresses masked, as text where it is an object."""
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, Mapping):
        return {key: "[redacted]" if SECRET_KEYS.search(str(key)) else clean(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [clean(inner) for inner in value]
    text = str(value)
    if not any(mark in text for mark in MARKS):
        return text
    for pattern, replacement in SECRET_TEXTS:
        text = pattern.sub(replacement, text)
    return text


def redact(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Mask every secret of a log line, ours or a library's; runs last before rendering."""
    cleaned: dict[str, Any] = clean(event)
    return cleaned


SHARED: list[Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.stdlib.ExtraAdder(),
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]


def logging_config(*, readable: bool) -> dict[str, Any]:
    """Configure structlog and return the matching `LOGGING` dictionary."""
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *SHARED,
            structlog.stdlib.PositionalArgumentsFormatter(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    renderer = structlog.dev.ConsoleRenderer() if readable else structlog.processors.JSONRenderer()
    quiet = {"level": "WARNING"}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "structured": {
                "()": structlog.stdlib.ProcessorFormatter,
                "foreign_pre_chain": SHARED,
                "processors": [
                    structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                    structlog.processors.format_exc_info,
                    redact,
                    renderer,
                ],
            }
        },
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "structured"}},
        "root": {"handlers": ["console"], "level": "INFO"},
        # These write one line per request, mail or tick, with addresses in them.
        "loggers": dict.fromkeys(("twilio", "celery", "kombu", "httpx", "asyncio", "websockets"), quiet),
    }
