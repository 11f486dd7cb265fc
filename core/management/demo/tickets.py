"""The demo tickets, as stories: who did what, in order. The real verbs play them."""

from dataclasses import dataclass, field

from core.models import Category, Priority

Step = tuple[str, str, str]  # who, verb, what they said (for `assign`: to whom)


@dataclass(frozen=True, slots=True)
class Story:
    creator: str
    title: str
    description: str
    category: Category
    priority: Priority
    project_name: str
    tags: tuple[str, ...] = ()
    steps: tuple[Step, ...] = field(default=())


STORIES = (
    Story(
        "cleo",
        "Password reset e-mail arrives an hour late",
        "Three colleagues asked for a reset this morning. The mail came an hour later, when the link was dead.",
        Category.BUG,
        Priority.HIGH,
        "Customer portal",
        ("e-mail", "sign-in"),
        (
            ("ada", "open_ticket", ""),
            ("ada", "assign", "dan"),
            ("dan", "start_work", ""),
            ("dan", "finish_work", "The queue ran on one worker and stood behind the newsletter. It has its own now."),
            ("cleo", "approve", ""),
        ),
    ),
    Story(
        "carl",
        "Invoices show the wrong VAT rate for Austria",
        "Invoice 2024-0871 has 19 % instead of 20 %. All invoices to Austrian customers since Monday look the same.",
        Category.BUG,
        Priority.CRITICAL,
        "Billing",
        ("invoices", "tax"),
        (
            ("ada", "assign", "dora"),
            ("dora", "start_work", ""),
            ("dora", "finish_work", "The rate table had lost its Austrian row. It is back, with a test."),
            ("carl", "reject", "New invoices are right, but the nine wrong ones have not been corrected yet."),
        ),
    ),
    Story(
        "cleo",
        "Export of the customer list stops at 1,000 rows",
        "We have about 4,200 customers. The CSV file always ends after the first thousand, without any message.",
        Category.BUG,
        Priority.MEDIUM,
        "Customer portal",
        ("export",),
        (
            ("ada", "open_ticket", ""),
            ("ada", "assign", "dan"),
            ("dan", "start_work", ""),
            ("dan", "finish_work", "The page limit no longer applies to exports. Please try it with your list."),
        ),
    ),
    Story(
        "carl",
        "Checkout fails with two vouchers",
        'With a second voucher the last step says "Something went wrong". Each voucher alone works.',
        Category.INCIDENT,
        Priority.CRITICAL,
        "Web shop",
        ("checkout", "vouchers"),
        (
            ("ada", "assign", "dan,dora"),
            ("dan", "start_work", ""),
            ("dan", "add_comment", "I can see it: the discount is taken twice and the sum falls below zero."),
            ("carl", "add_comment", "Thank you. We have switched the second voucher off in the shop until then."),
        ),
    ),
    Story(
        "cleo",
        "Add the cost centre to the order form",
        "Our accounting needs a cost centre for every order: a text field of up to 12 characters would do.",
        Category.FEATURE,
        Priority.LOW,
        "Web shop",
        ("forms",),
        (("ada", "open_ticket", ""), ("ada", "assign", "dora")),
    ),
    Story(
        "carl",
        "New colleague cannot see the Graz warehouse",
        "Eva Huber started on Monday. She sees the Vienna and Linz warehouses, but not Graz.",
        Category.SUPPORT,
        Priority.MEDIUM,
        "Warehouse",
        ("permissions",),
        (("ada", "open_ticket", ""),),
    ),
    Story(
        "cleo",
        "Mobile menu covers the search field",
        "On phones narrower than 360 pixels the open menu hides the search field and cannot be closed.",
        Category.BUG,
        Priority.LOW,
        "Customer portal",
        ("mobile",),
    ),
    Story(
        "carl",
        "Warehouse scanners lose their connection at night",
        "Since the weekend all six scanners drop off between 2 and 3 o'clock and must be restarted by hand.",
        Category.INCIDENT,
        Priority.HIGH,
        "Warehouse",
        ("scanners", "network"),
    ),
    Story(
        "carl",
        "Parcel labels print without the barcode",
        "Since the driver was updated, labels of the second printer have a white field where the barcode should be.",
        Category.BUG,
        Priority.HIGH,
        "Warehouse",
        ("labels",),
        (
            ("ada", "assign", "dan"),
            ("dan", "start_work", ""),
            ("dan", "hold", "The maker of the driver promised a corrected one for Thursday."),
        ),
    ),
    Story(
        "cleo",
        "Fax number missing on the contact page",
        "The old page had it, the new one does not.",
        Category.OTHER,
        Priority.LOW,
        "Customer portal",
        (),
        (("cleo", "cancel", "We have just learned that the fax machine is gone."),),
    ),
    Story(
        "cleo",
        "How do we archive a project?",
        "The old shop project is finished. May we archive it, and can it be brought back later?",
        Category.SUPPORT,
        Priority.LOW,
        "Customer portal",
        (),
        (
            ("ada", "assign", "dora"),
            ("dora", "start_work", ""),
            ("dora", "add_comment", "Yes: Settings, Archive. Nothing is deleted, and the same button restores it."),
            ("dora", "finish_work", ""),
            ("cleo", "approve", ""),
        ),
    ),
)
