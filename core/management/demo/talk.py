"""What the demo people say to each other, ask and answer."""

from dataclasses import dataclass

Said = tuple[str, str]  # who, what

DIRECT: tuple[Said, ...] = (
    ("dan", "Have you ever seen a scanner drop off only at night?"),
    ("dora", "Once. The access point made its backup then, and took the radio down for it. I would look there first."),
    ("dan", "Thank you! I will ask for its log."),
)
ROOM_OF = "Checkout fails with two vouchers"
ROOM: tuple[Said, ...] = (
    ("carl", "How is it going? We have a sale from Friday on."),
    ("dora", "The sum is right again in our tests. It goes out on Thursday morning."),
    ("carl", "Perfect, then we can switch the second voucher on again before the sale."),
)


@dataclass(frozen=True, slots=True)
class Asked:
    """The first answer is accepted; `votes` for the question and for that answer."""

    who: str
    title: str
    body: str
    tags: tuple[str, ...]
    answers: tuple[Said, ...]
    votes: tuple[str, ...]


QUESTIONS = (
    Asked(
        "cleo",
        "Where do I find invoices of last year?",
        "The list of invoices begins in January. Our auditor wants those from before.",
        ("invoices",),
        (
            ("dora", "Open Invoices, then the year at the top right: every year since 2019 is there."),
            ("carl", "You can also export them, one file a year. That is what our auditor liked best."),
        ),
        ("carl", "dan"),
    ),
    Asked(
        "carl",
        "Can labels be printed without opening each order?",
        "We send about 60 parcels a day, and open every order only to print its label.",
        ("labels", "orders"),
        (("dan", "Yes: tick the orders in the list and choose Print labels. It takes up to 100 at once."),),
        ("cleo", "dora", "ada"),
    ),
)
