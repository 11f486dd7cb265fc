"""What the words and numbers in `error` mean: for the admins who ask, and for the guide's table."""

from typing import NamedTuple


class Reason(NamedTuple):
    """`by`: who or what decided. `others`: which further codes mean it, in words. Its meaning is one sentence."""

    codes: tuple[str, ...]
    by: str
    statuses: tuple[str, ...]
    meaning: str
    others: str = ""


REASONS = [
    # Decided by people.
    Reason(("preference_off",), "preference", ("SKIPPED",), "The person has turned this event off on this channel."),
    Reason(("unsubscribed",), "preference", ("SKIPPED",), "The person has unsubscribed from e-mails, by their link."),
    Reason(("quiet_hours",), "quiet hours", ("PENDING",), "The person's quiet hours: it goes when they end."),
    Reason(("digest",), "digest", ("PENDING",), "Waits for the person's next digest."),
    Reason(("read",), "inbox", ("CANCELLED",), "Of a digest or a fallback: read in the inbox meanwhile."),
    Reason(("muted",), "mute", ("CANCELLED",), "Has muted the ticket since."),
    # Decided by what has become of it all.
    Reason(("carried",), "bundle", ("PENDING",), "Said in the message of another delivery, and ends as that one ends."),
    Reason(("merging",), "rate", ("PENDING",), "Much of this kind at once: what comes within a minute goes together."),
    Reason(
        ("rate_limited",), "rate", ("PENDING",), "The person has got as much as the limit allows: it waits in line."
    ),
    Reason(
        ("channel_rate_limited",),
        "rate",
        ("PENDING",),
        "As much has left on this channel as its limit allows: it waits in line.",
    ),
    Reason(("recipient_inactive",), "visibility", ("CANCELLED",), "Deactivated since."),
    Reason(("ticket_out_of_sight",), "visibility", ("CANCELLED",), "May no longer see the ticket."),
    Reason(("ticket_closed",), "ticket", ("CANCELLED",), "A reminder of a ticket that is closed or cancelled by now."),
    Reason(("reminder_outdated",), "ticket", ("CANCELLED",), "A reminder of what has been done or put off meanwhile."),
    Reason(("message_deleted",), "conversation", ("CANCELLED",), "Its author has deleted the message."),
    Reason(("resource_gone",), "question", ("CANCELLED",), "The question or answer has been deleted."),
    Reason(("assigned_again",), "ticket", ("CANCELLED",), "Of `ticket_unassigned`: works on the ticket again."),
    Reason(("password_is_set",), "account", ("CANCELLED",), "An invitation that has been followed meanwhile."),
    Reason(
        ("letter_too_old",),
        "account",
        ("CANCELLED",),
        "A reset or an invitation that could not be sent for longer than its link would have lived.",
    ),
    Reason(("no_email", "no_phone_number"), "address", ("SKIPPED",), "The person has no address for this channel."),
    Reason(
        ("address_suppressed",),
        "address",
        ("SKIPPED",),
        "An earlier mail to this address bounced, or its owner complained.",
    ),
    Reason(
        ("phone_not_verified",),
        "consent",
        ("SKIPPED",),
        "The person has not verified the number: `POST /api/auth/me/verify_phone/`.",
    ),
    Reason(("not_opted_in",), "consent", ("SKIPPED",), "The person wrote STOP; START turns WhatsApp on again."),
    Reason(
        ("template_required",),
        "WhatsApp",
        ("SKIPPED",),
        "More than 24 hours since the person wrote to us, and `TWILIO_CONTENT_SIDS` names no template for this.",
    ),
    Reason(("code_expired",), "account", ("CANCELLED",), "A code for a phone number that came to nothing meanwhile."),
    Reason(("demo",), "demo data", ("SKIPPED",), "Came with the demo data."),
    Reason(
        ("unknown_event",),
        "release",
        ("PENDING", "FAILED"),
        "Written by another release: left to a worker of that release, for 24 hours.",
    ),
    # Decided by how sending went.
    Reason(("timeout", "connection"), "network", ("PENDING",), "The provider could not be reached; tried again."),
    Reason(
        ("connection_lost",),
        "network",
        ("PENDING",),
        "It broke off while Twilio had the request; looked up before it is sent again.",
    ),
    Reason(("lease_lost",), "worker", ("PENDING",), "Looking it up took too long; looked up again."),
    Reason(
        ("no_answer",),
        "network",
        ("PENDING", "UNKNOWN"),
        "The mail server had the whole mail and never answered; sent once more, if `EMAIL_IN_DOUBT` says so.",
    ),
    Reason(
        ("garbled",),
        "network",
        ("PENDING",),
        "What came back was no answer of Twilio's; looked up before it is sent again.",
    ),
    Reason(
        ("crashed",),
        "worker",
        ("UNKNOWN",),
        "Sending it has ended the worker nine times; once, for a mail that had rather not go twice. "
        "Also the name of an exception may stand here.",
    ),
    Reason(
        ("not_supported",),
        "mail server",
        ("FAILED",),
        "The mail server cannot take this mail; while connecting, the channel waits instead.",
    ),
    Reason(
        ("certificate",),
        "settings",
        ("PENDING",),
        "The mail server's certificate is not trusted or has expired: the channel waits.",
    ),
    Reason(("missing_credentials",), "settings", ("PENDING",), "Neither credentials nor demo mode: the channel waits."),
    Reason(
        ("421", "450", "451"),
        "mail server",
        ("PENDING",),
        "The mail server asks for patience; tried again.",
        "other 4xx by e-mail",
    ),
    Reason(
        ("550", "552"),
        "mail server",
        ("FAILED",),
        "The mail server refuses this mail. If it refuses us or our sender, the channel waits instead.",
        "other 5xx by e-mail",
    ),
    Reason(
        ("408", "429", "20429", "30001", "63017", "63018"),
        "Twilio",
        ("PENDING",),
        "Too fast for Twilio, or too slow; tried again, not before its `Retry-After`.",
    ),
    Reason(
        ("20003", "20404", "63007"),
        "settings",
        ("PENDING",),
        "Twilio's credentials, account or sender are wrong: the channel waits.",
    ),
    Reason(
        ("500", "503"),
        "Twilio",
        ("PENDING",),
        "Twilio failed, perhaps after taking it; looked up before it is sent again.",
        "other 5xx by Twilio",
    ),
    Reason(("bounced", "complained"), "mail provider", ("FAILED",), "What the provider has reported afterwards."),
    Reason(("address_refused", "mail_refused"), "mail provider", ("FAILED",), "The provider refuses this mail."),
    Reason(("provider_busy",), "mail provider", ("PENDING",), "It asks for patience; tried again."),
    Reason(
        ("provider_failed",),
        "mail provider",
        ("PENDING", "UNKNOWN"),
        "It failed, perhaps after taking the mail.",
    ),
    Reason(
        ("account_refused",),
        "settings",
        ("PENDING",),
        "The mail provider refuses our key or account: the channel waits.",
    ),
    Reason(("failed", "undelivered"), "Twilio", ("FAILED",), "Twilio has reported this afterwards, without a code."),
    Reason(
        ("21211", "21610", "63003", "63016"),
        "Twilio",
        ("FAILED",),
        "Twilio refuses this message: bad number, opted out, not on WhatsApp, template needed, …",
        "other codes of Twilio",
    ),
]

# Where nothing is in the way.
STATES = {
    "PENDING": "It is due: the next free worker sends it.",
    "SENDING": "A worker is sending it.",
    "SENT": "The provider took it.",
    "DELIVERED": "It has arrived.",
    "READ": "It has been read there.",
}
RESTS = Reason((), "circuit", (), "The channel rests: its settings are wrong, or its provider is down.")

BY_CODE = {code: reason for reason in REASONS for code in reason.codes}
EXAMPLES = {"EMAIL": {"4": "421", "5": "550"}, "WHATSAPP": {"5": "500"}}  # codes not listed mean as these do


def explain(code: str, channel: str) -> Reason:
    """What a code means; one that is not listed means what others of its kind do."""
    if found := BY_CODE.get(code):
        return found
    if not code.isdigit():
        return BY_CODE["crashed"]
    alike = EXAMPLES.get(channel, {}).get(code[0]) if len(code) == 3 else None
    return BY_CODE[alike or "21211"]
