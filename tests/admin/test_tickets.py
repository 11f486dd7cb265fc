"""Tickets at the admin site: found, read and corrected by the verbs."""

import re
from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from core.actions import tickets
from core.actions.auto_close import auto_close
from core.admin.tickets import TicketAdmin
from core.models import Comment, NotificationLog, Status, Ticket, TicketHistory, User
from tests.admin.pages import initially
from tests.conftest import MakeTicket, hush


def correction(**changes: str) -> dict[str, str]:
    inlines = {
        f"{prefix}-{part}_FORMS": "0"
        for prefix in ("assignments", "comments", "history")
        for part in ("TOTAL", "INITIAL")
    }
    said = {"title": "Blank page", "description": "Since noon", "category": "OTHER", "priority": "MEDIUM"}
    return said | {"project_name": ""} | inlines | changes


def change(ticket: Ticket) -> str:
    return f"/admin/core/ticket/{ticket.pk}/change/"


def test_correcting_a_ticket_writes_history_by_the_verb(site: Client, ticket: Ticket) -> None:
    response = site.post(change(ticket), correction(title="Blank checkout page"), follow=True)
    assert "was changed successfully" in response.content.decode()
    row = TicketHistory.objects.filter(action="update").get()
    assert row.actor is not None
    assert (row.actor.username, row.changes) == ("ada", {"title": ["Blank page", "Blank checkout page"]})


def test_its_history_shows_what_happened_by_itself(site: Client, make_ticket: MakeTicket, settings: Settings) -> None:
    settings.AUTO_CLOSE_REMINDER_DAYS = 0  # nobody has to be reminded before
    ticket = make_ticket(Status.RESOLVED)
    Ticket.objects.filter(pk=ticket.pk).update(resolved_at=ticket.created_at - timedelta(days=7))
    auto_close()
    assert "auto_close" in site.get(change(ticket)).content.decode()


def test_what_was_deleted_is_not_there(site: Client, ticket: Ticket, ada: User) -> None:
    tickets.delete(actor=ada, ticket_id=ticket.pk)
    assert not site.get("/admin/core/ticket/").context["cl"].queryset
    page = site.get(change(ticket), follow=True).content.decode()
    assert ticket.title not in page


def test_titles_and_projects_are_one_line(site: Client, ticket: Ticket) -> None:
    site.post(change(ticket), correction(title=" Blank\r\n  checkout page ", project_name="Web\nshop"))
    ticket.refresh_from_db()
    assert (ticket.title, ticket.project_name) == ("Blank checkout page", "Web shop")


def test_a_page_open_for_long_brings_nothing_back(site: Client, ticket: Ticket, cleo: User) -> None:
    tickets.update(actor=cleo, ticket_id=ticket.pk, description="One\nTwo")
    shown = initially(site.get(change(ticket))) | {"initial-description": "One\r\nTwo"}  # browsers send lines so
    tickets.update(actor=cleo, ticket_id=ticket.pk, category="BUG", project_name="Shop")
    site.post(change(ticket), correction(title="Other", description="One\r\nTwo") | shown)
    row = TicketHistory.objects.filter(action="update").latest("id")
    assert row.changes == {"title": ["Blank page", "Other"]}


def test_a_closed_ticket_is_not_corrected(site: Client, make_ticket: MakeTicket) -> None:
    assert site.post(change(make_ticket(Status.CLOSED)), correction(title="Other")).status_code == 403
    assert not TicketHistory.objects.filter(action="update").exists()


def test_a_ticket_that_closes_meanwhile_is_not_said_to_have_changed(
    site: Client, make_ticket: MakeTicket, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The site still takes it for open; the verb, which looks under its lock, does not."""
    monkeypatch.setattr(TicketAdmin, "has_change_permission", lambda *_: True)
    closed = make_ticket(Status.CLOSED)
    response = site.post(change(closed), correction(title="Other"), follow=True)
    assert [message.level_tag for message in response.context["messages"]] == ["error"]
    assert response.redirect_chain == [(change(closed), 302)]
    assert not LogEntry.objects.exists()
    assert not TicketHistory.objects.filter(action="update").exists()


def test_opening_by_the_admin_site_tells_the_creator(site: Client, ticket: Ticket) -> None:
    data = {"action": "open_selected", "_selected_action": [str(ticket.pk)]}
    site.post("/admin/core/ticket/", data)
    told = NotificationLog.objects.filter(event="ticket_opened", notification_type="SYSTEM")
    assert [row.recipient.username for row in told] == ["cleo"]
    again = site.post("/admin/core/ticket/", data, follow=True)
    assert "Cannot open_ticket a ticket that is OPEN" in again.content.decode()


@pytest.mark.parametrize("spelling", ["{0.number}", "{0.pk}", " inc-{0.pk} "])
def test_a_ticket_is_found_by_its_number(spelling: str, site: Client, make_ticket: MakeTicket) -> None:
    wanted, _other = make_ticket(), make_ticket()
    found = site.get("/admin/core/ticket/", {"q": spelling.format(wanted)}).context["cl"].queryset
    assert list(found) == [wanted]


@pytest.mark.parametrize("words", ["INC-9999999999999999999999", "0", "INC-", "²"])
def test_what_is_no_number_finds_nothing(words: str, site: Client, ticket: Ticket) -> None:
    assert not site.get("/admin/core/ticket/", {"q": words}).context["cl"].queryset


def test_a_number_in_a_title_is_found_too(site: Client, make_ticket: MakeTicket) -> None:
    first = make_ticket()
    second = make_ticket(title=f"As in {first.number}, again")
    found = site.get("/admin/core/ticket/", {"q": first.number}).context["cl"].queryset
    assert set(found) == {first, second}


def test_more_comments_cost_no_more_queries(site: Client, ticket: Ticket, cleo: User) -> None:
    def queries(comments: int) -> int:
        for _ in range(comments):
            said = Comment.objects.count() + 1
            tickets.add_comment(actor=cleo, ticket_id=ticket.pk, comment=f"said-{said:02d}")
        hush(ticket.pk)
        site.get(change(ticket))  # fills what Django remembers
        with CaptureQueriesContext(connection) as captured:
            page = site.get(change(ticket)).content.decode()
        shown = re.findall(r"said-\d\d", page[: page.index('id="history-group"')])
        assert shown == [f"said-{number:02d}" for number in range(1, Comment.objects.count() + 1)]
        return len(captured)

    assert queries(3) == queries(27)
