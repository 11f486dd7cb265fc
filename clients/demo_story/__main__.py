"""`python -m clients.demo_story --url http://127.0.0.1:8000`: exit 0 when everybody was told, and nobody else."""

import argparse
import sys
import time
from contextlib import ExitStack

import requests
from websockets.exceptions import WebSocketException

from clients.demo_story.checks import Checker, Receipt
from clients.demo_story.person import TIMEOUT, Person, StoryFailed
from clients.demo_story.story import PEOPLE, Step, steps, ticket


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
    checker = Checker(people, raised["id"])
    first = Step("cleo", f"raises {raised['number']}", "ticket_created", ("ada",))
    show(1, first, checker.step(first, began))
    for number, step in enumerate(steps(people["dan"].id), start=2):
        began = time.monotonic()
        people[step.who].call("POST", f"/api/tickets/{raised['id']}/{step.action}/", step.body)
        show(number, step, checker.step(step, began))
    outbox = requests.get(f"{base}/dev/outbox/", {"format": "json"}, timeout=TIMEOUT)
    if outbox.status_code == requests.codes.ok:
        checker.outbox(outbox.json(), raised["title"])


def show(number: int, step: Step, receipts: list[Receipt]) -> None:
    print(f"\n{number}. {step.who} {step.does}")
    print(f"   {'who':<6}{'inbox':<18}{'socket':<10}{'e-mail':<12}{'WhatsApp':<12}{'all within':<10}")
    for one in receipts:
        email, whatsapp = one.deliveries["EMAIL"], one.deliveries["WHATSAPP"]
        times = f"{one.socket:.2f} s", f"{one.seconds:.2f} s"
        print(f"   {one.username:<6}{one.event:<18}{times[0]:<10}{email:<12}{whatsapp:<12}{times[1]:<10}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
