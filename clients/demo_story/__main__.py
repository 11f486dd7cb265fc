"""`python -m clients.demo_story --url http://127.0.0.1:8000`: exit 0 when everybody was told, and nobody else."""

import argparse
import sys
import time
from collections.abc import Sequence
from contextlib import ExitStack

import requests
from websockets.exceptions import WebSocketException

from clients.demo_story.checks import SECONDS, Checker, Receipt, check_outbox
from clients.demo_story.person import TIMEOUT, Person, StoryFailed
from clients.demo_story.story import ANSWER, ANSWER_STEPS, ANSWERED, PEOPLE, THANKS, Step, steps, ticket


def main() -> int:
    parser = argparse.ArgumentParser(prog="demo_story", description=__doc__)
    parser.add_argument("--url", default="http://127.0.0.1:8000")
    base = parser.parse_args().url.rstrip("/")
    try:
        with ExitStack() as stack:
            play(base, {name: stack.enter_context(Person(base, name)) for name in PEOPLE})
    except StoryFailed as error:
        print(f"\nFAILED: {error}")
        return 1
    except (requests.RequestException, WebSocketException, OSError) as error:
        print(f"\nFAILED: no answer from {base}, is `make run` running? ({type(error).__name__})")
        return 1
    print("\nEverybody who should know was told once on every channel, and nobody else.")
    return 0


def play(base: str, people: dict[str, Person]) -> None:
    began = time.monotonic()
    raised = people["cleo"].call("POST", "/api/tickets/", ticket())
    of_ticket = Checker(people, ("ticket", raised["id"]))
    first = Step("cleo", f"raises {raised['number']}", "ticket_created", ("ada",))
    show(first, of_ticket.step(first, began))
    take(of_ticket, steps(people["dan"].id), f"/api/tickets/{raised['id']}")
    checkers = [of_ticket, talk(people, raised["id"]), ask(people, raised["id"])]
    export(people["ada"], raised["number"])
    outbox = requests.get(f"{base}/dev/outbox/", {"format": "json"}, timeout=TIMEOUT)
    if outbox.status_code == requests.codes.ok:
        check_outbox(outbox.json(), raised["title"], people, checkers)


def take(checker: Checker, taken: Sequence[Step], path: str) -> None:
    for step in taken:
        began = time.monotonic()
        checker.people[step.who].call("POST", f"{path}/{step.action}/", step.body)
        show(step, checker.step(step, began))


def talk(people: dict[str, Person], ticket_id: int) -> Checker:
    room = people["cleo"].call("POST", "/api/conversations/", {"ticket": ticket_id})["id"]
    checker = Checker(people, ("conversation", room))
    take(checker, [THANKS], f"/api/conversations/{room}")
    return checker


def ask(people: dict[str, Person], ticket_id: int) -> Checker:
    """The closed ticket becomes a question; its answer is accepted, and voted for."""
    question = people["cleo"].call("POST", "/api/questions/", {"ticket": ticket_id})["id"]
    began = time.monotonic()
    answer = people["dan"].call("POST", f"/api/questions/{question}/answers/", ANSWER)["id"]
    checker = Checker(people, ("answer", answer))
    show(ANSWERED, checker.step(ANSWERED, began))
    take(checker, ANSWER_STEPS, f"/api/answers/{answer}")
    return checker


def export(ada: Person, number: str) -> None:
    """A table of all tickets is made in the background, and has this one once."""
    print("\nada exports all tickets")
    began = time.monotonic()
    task = ada.call("POST", "/api/tickets/export/", {"format": "csv"})["task_id"]
    while (found := ada.call("GET", f"/api/tasks/{task}/"))["status"] in {"PENDING", "RUNNING"}:
        if time.monotonic() - began > SECONDS:
            raise StoryFailed(f"the export was not there within {SECONDS:.0f} s: {found}")
        time.sleep(0.05)
    rows = ada.download(found["result_url"]).count(number) if found["result_url"] else 0
    if found["status"] != "SUCCEEDED" or rows != 1:
        raise StoryFailed(f"the export has the ticket {rows} times: {found}")
    print(f"   done within {time.monotonic() - began:.2f} s")


def show(step: Step, receipts: list[Receipt]) -> None:
    print(f"\n{step.who} {step.does}")
    print(f"   {'who':<6}{'inbox':<18}{'socket':<10}{'e-mail':<12}{'WhatsApp':<12}{'all within':<10}")
    for one in receipts:
        email, whatsapp = one.deliveries["EMAIL"], one.deliveries["WHATSAPP"]
        times = f"{one.socket:.2f} s", f"{one.seconds:.2f} s"
        print(f"   {one.username:<6}{one.event:<18}{times[0]:<10}{email:<12}{whatsapp:<12}{times[1]:<10}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
