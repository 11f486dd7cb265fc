"""What the settings refuse, and the secrets they make. Each in a process of its own: settings are read once."""

import json
import os
import stat
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from core.models import Priority
from Management import settings as configured
from Management.calendars import calendar
from Management.esp import anymail
from Management.secrets import load_or_make
from Management.sla import targets

BASE = Path(__file__).resolve().parent.parent
LONG = "x" * 40


def check(tmp_path: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Read them, or run Python with these arguments, with nothing configured but what is given."""
    bare = {name: value for name, value in os.environ.items() if name.startswith(("PATH", "HOME", "SYSTEMROOT"))}
    empty = dict.fromkeys(("SECRET_KEY", "JWT_SIGNING_KEY", "DATABASE_URL", "REDIS_URL"), "")
    given = {**bare, **empty, "DEMO": "0", "DEBUG": "0", "DATA_DIR": str(tmp_path / "data"), **environment}
    command = [sys.executable, *(arguments or ("-c", "import Management.settings"))]
    return subprocess.run(command, cwd=BASE, env=given, capture_output=True, text=True, timeout=30, check=False)


@pytest.mark.parametrize(
    ("environment", "complaint"),
    [
        ({}, "Set SECRET_KEY and JWT_SIGNING_KEY"),
        ({"SECRET_KEY": LONG}, "Set JWT_SIGNING_KEY"),
        ({"SECRET_KEY": "change-me", "JWT_SIGNING_KEY": LONG}, "Set SECRET_KEY"),
        ({"SECRET_KEY": LONG, "JWT_SIGNING_KEY": "too-short"}, "JWT_SIGNING_KEY must have at least 32 characters"),
    ],
)
def test_it_does_not_start_with_a_missing_default_or_short_secret(
    tmp_path: Path, environment: dict[str, str], complaint: str
) -> None:
    result = check(tmp_path, **environment)
    assert result.returncode != 0
    assert complaint in result.stderr
    assert not (tmp_path / "data" / "secrets.json").exists()


def test_it_starts_with_both_secrets(tmp_path: Path) -> None:
    result = check(tmp_path, "manage.py", "check", SECRET_KEY=LONG, JWT_SIGNING_KEY=LONG)
    assert result.returncode == 0, result.stderr


@pytest.mark.parametrize("mode", ["DEMO", "DEBUG"])
def test_on_a_laptop_the_secrets_are_made_once_and_kept_from_others(tmp_path: Path, mode: str) -> None:
    file = tmp_path / "data" / "secrets.json"
    result = check(tmp_path, **{mode: "1"})
    assert result.returncode == 0, result.stderr
    made = json.loads(file.read_text(encoding="utf-8"))
    assert made["SECRET_KEY"] != made["JWT_SIGNING_KEY"]
    assert os.name == "nt" or stat.S_IMODE(file.stat().st_mode) == 0o600
    assert check(tmp_path, **{mode: "1"}).returncode == 0
    assert json.loads(file.read_text(encoding="utf-8")) == made


def test_whoever_comes_second_gets_the_secrets_of_the_first(tmp_path: Path) -> None:
    file = tmp_path / "secrets.json"
    first = load_or_make(file, ("A",))
    assert load_or_make(file, ("A",)) == first
    assert list(tmp_path.iterdir()) == [file]


def read(tmp_path: Path, *names: str, **environment: str) -> list[Any]:
    """The settings called `names`, as a process with this environment reads them."""
    program = f"import json; from Management import settings as s; print(json.dumps([getattr(s, n) for n in {names}]))"
    result = check(tmp_path, "-c", program, SECRET_KEY=LONG, JWT_SIGNING_KEY=LONG, **environment)
    assert result.returncode == 0, result.stderr
    found: list[Any] = json.loads(result.stdout)
    return found


def test_what_the_database_url_says_goes_before_what_we_prefer(tmp_path: Path) -> None:
    url = "postgres://u:p@db:5432/n?sslmode=verify-full&sslrootcert=/etc/root.pem&conn_max_age=0&tcp_user_timeout=9000"
    database = read(tmp_path, "DATABASES", DATABASE_URL=url)[0]["default"]
    assert (database["CONN_MAX_AGE"], database["CONN_HEALTH_CHECKS"]) == (0, True)
    options = database["OPTIONS"]
    assert (options["sslmode"], options["sslrootcert"]) == ("verify-full", "/etc/root.pem")
    assert (options["tcp_user_timeout"], options["connect_timeout"]) == (9000, 2)


def test_a_sqlite_url_keeps_our_transactions(tmp_path: Path) -> None:
    database = read(tmp_path, "DATABASES", DATABASE_URL=f"sqlite:///{tmp_path}/x.db?timeout=5")[0]["default"]
    assert (database["OPTIONS"]["timeout"], database["OPTIONS"]["transaction_mode"]) == (5, "IMMEDIATE")


def test_lists_may_have_spaces_and_empty_parts(tmp_path: Path) -> None:
    names = ("CORS_ALLOWED_ORIGINS", "ALLOWED_HOSTS")
    found = read(tmp_path, *names, CORS_ALLOWED_ORIGINS="https://a.example, https://b.example,", ALLOWED_HOSTS=" a , b")
    assert found == [["https://a.example", "https://b.example"], ["a", "b"]]


def test_what_is_set_but_empty_is_not_given(tmp_path: Path) -> None:
    empty = dict.fromkeys(("DATA_DIR", "ALLOWED_HOSTS", "PUBLIC_URL", "CELERY_BROKER_URL", "TRUSTED_PROXIES"), "")
    names = ("PUBLIC_URL", "CELERY_BROKER_URL", "TRUSTED_PROXIES", "ALLOWED_HOSTS")
    given = {"DATABASE_URL": f"sqlite:///{tmp_path}/x.db", **empty}
    assert read(tmp_path, *names, **given) == [
        "http://127.0.0.1:8000",
        "memory://localhost/",
        0,
        ["127.0.0.1", "localhost", "[::1]"],
    ]


@pytest.mark.parametrize(
    ("given", "seconds"),
    [
        ({"PUBLIC_URL": "https://tickets.example.com"}, 86_400),
        ({"PUBLIC_URL": "http://tickets.example.com"}, 0),
        ({"PUBLIC_URL": "https://tickets.example.com", "DEMO": "1"}, 0),
        ({"PUBLIC_URL": "https://tickets.example.com", "DEBUG": "1"}, 0),
    ],
)
def test_browsers_are_told_to_stay_with_https(tmp_path: Path, given: dict[str, str], seconds: int) -> None:
    assert read(tmp_path, "SECURE_HSTS_SECONDS", **given)[0] == seconds


def test_of_two_who_begin_at_once_the_first_wins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "secrets.json"
    link = os.link

    def too_late(draft: Path, path: Path) -> None:
        path.write_text('{"A": "of the first"}', encoding="utf-8")
        link(draft, path)

    monkeypatch.setattr(os, "link", too_late)
    assert load_or_make(file, ("A",)) == {"A": "of the first"}
    assert list(tmp_path.iterdir()) == [file]


def test_sla_targets_that_are_not_given_keep_their_default() -> None:
    found = targets("SLA_RESPONSE", " LOW=2d , CRITICAL=5m", "CRITICAL=15m,HIGH=1h,LOW=8h")
    assert found == {"CRITICAL": timedelta(minutes=5), "HIGH": timedelta(hours=1), "LOW": timedelta(days=2)}
    assert set(configured.SLA_RESPONSE) == set(configured.SLA_RESOLUTION) == set(Priority)


@pytest.mark.parametrize(
    ("given", "complaint"),
    [
        ("HIGH=90", "'HIGH=90' is not like HIGH=90m"),
        ("HIGH=0h", "'HIGH=0h' is not like"),
        ('{"HIGH": 1}', "is not like"),
        ("URGENT=1h", "URGENT is no priority; there are CRITICAL, HIGH, MEDIUM, LOW"),
        ("HIGH=1h,HIGH=2h", "HIGH is given twice"),
        ("HIGH=366d", "more than a year"),
    ],
)
def test_sla_targets_it_does_not_understand_are_refused(given: str, complaint: str) -> None:
    with pytest.raises(ImproperlyConfigured, match=r"^SLA_RESPONSE: ") as caught:
        targets("SLA_RESPONSE", given, "CRITICAL=15m,HIGH=1h,MEDIUM=4h,LOW=8h")
    assert complaint in str(caught.value)


def test_working_time_is_around_the_clock_or_as_one_line_says() -> None:
    noon, week = datetime(2026, 1, 2, 12, 0, tzinfo=UTC), timedelta(days=7)
    for given, hours in (
        ("", 168),
        ("Mo-Su 00:00-24:00; UTC", 168),
        ("Mo-Th 09:00-12:00 13:00-17:00, Fr 09:00-13:00; Europe/Vienna", 32),
        ("Mo-Th 09:00-12:00 13:00-17:00, Fr 09:00-13:00;Europe/Vienna ; AT", 25),  # Tuesday is Epiphany
        ("Fr 08:00-09:30; Europe/Berlin; DE-BY", 1.5),
    ):
        assert calendar("SLA_CALENDAR", given, week).between(noon, noon + week) == timedelta(hours=hours)


@pytest.mark.parametrize(
    ("given", "complaint"),
    [
        ("Mo-Fr 09:00-17:00", "is not like Mo-Fr 09:00-12:00 13:00-17:00; Europe/Vienna; AT"),
        ("Mo-Fr 09:00-17:00; UTC; AT; DE", "is not like"),
        ("Mo-Fr 09:00-17:00; Vienna", "'Vienna' is no time zone"),
        ("Mo-Fr 09:00-17:00; UTC; XX", "'XX': Country XX not available"),
        ("Mo-Fr 09:00-17:00; UTC; AT-99", "does not have subdivision 99"),
        ("Mon 09:00-17:00; UTC", "'Mon' is not like Mo or Mo-Fr"),
        ("Sa-Mo 09:00-17:00; UTC", "'Sa-Mo' is not in the order Mo, Tu"),
        ("Mo-Fr 09:00-17:00, Fr 09:00-13:00; UTC", "Fr is given twice"),
        ("Mo 9-17; UTC", "'9-17' is not like 09:00-17:00"),
        ("Mo 09:00-12:00 11:00-17:00; UTC", "must follow each other"),
        ("Mo; UTC", "There is no working time"),
        ("; UTC", "'' is not like Mo"),
        ("Mo 09:00-09:05; UTC", "There is too little working time"),
    ],
)
def test_working_time_it_does_not_understand_is_refused(given: str, complaint: str) -> None:
    with pytest.raises(ImproperlyConfigured, match=r"^SLA_CALENDAR: ") as caught:
        calendar("SLA_CALENDAR", given, timedelta(days=365))
    assert complaint in str(caught.value)


def test_files_on_tickets_may_be_kept_elsewhere(tmp_path: Path) -> None:
    given = {"FILE_STORAGE": "storages.backends.s3.S3Storage", "FILE_STORAGE_OPTIONS": '{"bucket_name": "tickets"}'}
    storage = read(tmp_path, "STORAGES", DATABASE_URL=f"sqlite:///{tmp_path}/x.db", **given)[0]["default"]
    assert storage == {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": {"bucket_name": "tickets"}}


@pytest.mark.parametrize(("given", "days"), [("", 0), ("365", 365)])
def test_everything_is_kept_for_ever_unless_it_is_said_how_long(tmp_path: Path, given: str, days: int) -> None:
    kept = ["NOTIFICATIONS_KEPT_DAYS", "ATTEMPTS_KEPT_DAYS"]
    assert read(tmp_path, *kept, **dict.fromkeys(kept, given)) == [days, days]


def test_notifications_are_not_kept_for_less_than_no_time(tmp_path: Path) -> None:
    result = check(tmp_path, SECRET_KEY=LONG, JWT_SIGNING_KEY=LONG, NOTIFICATIONS_KEPT_DAYS="-1")
    assert result.returncode != 0
    assert "NOTIFICATIONS_KEPT_DAYS must be a number of days" in result.stderr


def test_limits_are_numbers_of_messages_and_may_be_switched_off(tmp_path: Path) -> None:
    found = read(tmp_path, "RATE_PER_RECIPIENT", "RATE_PER_CHANNEL", RATE_PER_RECIPIENT="0", RATE_EMAIL="600")
    assert found == [0, {"EMAIL": 600, "WHATSAPP": 4_800}]
    result = check(tmp_path, SECRET_KEY=LONG, JWT_SIGNING_KEY=LONG, RATE_EMAIL="-1")
    assert result.returncode != 0
    assert "RATE_EMAIL must be messages a minute, or empty." in result.stderr


@pytest.mark.parametrize(
    ("name", "value"),
    [("WHATSAPP_IN_DOUBT", "perhaps"), ("WHATSAPP_FALLBACK_MINUTES", "-1"), ("AUTO_CLOSE_DAYS", "soon")],
)
def test_what_becomes_of_doubtful_and_late_messages_is_said_clearly(tmp_path: Path, name: str, value: str) -> None:
    result = check(tmp_path, SECRET_KEY=LONG, JWT_SIGNING_KEY=LONG, **{name: value})
    assert result.returncode != 0
    assert f"{name} must be" in result.stderr


@pytest.mark.parametrize(("days", "reminder_days"), [("", 5), ("3", 1), ("1", 0), ("0", 0)])
def test_who_says_only_when_tickets_are_closed_reminds_two_days_before(
    tmp_path: Path, days: str, reminder_days: int
) -> None:
    assert read(tmp_path, "AUTO_CLOSE_REMINDER_DAYS", AUTO_CLOSE_DAYS=days) == [reminder_days]


@pytest.mark.parametrize(("days", "reminder_days", "starts"), [("7", "7", False), ("7", "0", True), ("0", "5", True)])
def test_nobody_is_reminded_when_it_is_too_late(tmp_path: Path, days: str, reminder_days: str, starts: bool) -> None:
    given = {"AUTO_CLOSE_DAYS": days, "AUTO_CLOSE_REMINDER_DAYS": reminder_days}
    result = check(tmp_path, SECRET_KEY=LONG, JWT_SIGNING_KEY=LONG, **given)
    assert (result.returncode == 0) is starts
    assert ("AUTO_CLOSE_REMINDER_DAYS must be less than AUTO_CLOSE_DAYS, or 0." in result.stderr) is not starts


@pytest.mark.parametrize(
    ("esp", "options"),
    [
        ("nobody", {"WEBHOOK_SECRET": f"a:{LONG}"}),
        ("../x", {"WEBHOOK_SECRET": f"a:{LONG}"}),
        ("postmark", {}),
        ("postmark", {"WEBHOOK_SECRET": LONG}),
        ("postmark", {"WEBHOOK_SECRET": "a:short"}),
        ("postmark", {"WEBHOOK_SECRET": [f"a:{LONG}", ""]}),
        ("mandrill", {"WEBHOOK_SECRET": f"a:{LONG}"}),
        ("mailgun", {"WEBHOOK_SECRET": f"a:{LONG}"}),
        ("amazon_ses", {"WEBHOOK_SECRET": f"a:{LONG}"}),
    ],
)
def test_nobody_reports_bounces_without_a_secret(esp: str, options: dict[str, Any]) -> None:
    with pytest.raises(ImproperlyConfigured):
        anymail(esp, json.dumps(options))


def test_a_provider_takes_the_mails_unless_a_server_does(tmp_path: Path) -> None:
    given = {"EMAIL_ESP": "postmark", "ANYMAIL": json.dumps({"WEBHOOK_SECRET": f"a:{LONG}"})}
    names = ("EMAIL_BACKEND", "ANYMAIL")
    assert read(tmp_path, *names, **given) == [
        "anymail.backends.postmark.EmailBackend",
        {"REQUESTS_TIMEOUT": 10, "WEBHOOK_SECRET": f"a:{LONG}"},
    ]
    (backend,) = read(tmp_path, "EMAIL_BACKEND", **given, EMAIL_URL="smtp://mail.example.com:25")
    assert backend == "core.notifications.smtp.EmailBackend"
    assert anymail("", "") == {}
