"""What a person sees when the server has started."""

from django.conf import settings

from core.management.demo.people import PASSWORD, PEOPLE


def banner(url: str) -> str:
    """A short block: where to look and who can sign in."""
    lines = [
        f"Incident Management runs at {url}/   (Ctrl-C stops it)",
        f"  API docs    {url}/api/docs/",
        f"  Admin       {url}/admin/",
    ]
    if settings.DEMO:
        people = ", ".join(f"{person.username} ({person.role})" for person in PEOPLE)
        lines += [f"  Outbox      {url}/dev/outbox/", f"  Sign in as  {people}; password {PASSWORD}"]
    if url != settings.PUBLIC_URL:
        lines.append(f"  Links in messages lead to PUBLIC_URL, {settings.PUBLIC_URL}")
    if not settings.CELERY_BROKER_URL.startswith("memory"):
        lines += [
            "  Messages leave when these run, too (beat once):",
            "    celery -A Management worker",
            "    celery -A Management beat",
        ]
    return "\n".join(lines)
