"""The closed lists of this app."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from sellers.enums import UNDELIVERABLE, EventKind


class QueryState(TextChoices):
    """Whose turn it is."""

    YOUR_TURN = "your_turn", _("Your turn")
    WAITING = "waiting_for_customer", _("Waiting for customer")
    WITH_MARKETPLACE = "with_marketplace", _("With marketplace")
    CLOSED = "closed", _("Closed")


class FirstReply(TextChoices):
    """Whether the shop's first reply came before it was due."""

    IN_TIME = "in_time", _("In time")
    LATE = "late", _("Late")
    NOT_COUNTED = "not_counted", _("Not counted")


class Channel(TextChoices):
    """How the customer asked."""

    WEB = "web", _("Web form")
    EMAIL = "email", _("E-mail")
    PHONE = "phone", _("Phone")
    DIRECT_MESSAGE = "direct_message", _("Direct message")


class Author(TextChoices):
    """Which side wrote a message."""

    CUSTOMER = "customer", _("Customer")
    SELLER = "seller", _("Seller")
    MARKETPLACE = "marketplace", _("Marketplace")
    OTHER = "other", _("Somebody else")


class MessageVia(TextChoices):
    """How a message came here."""

    PORTAL = "portal", _("in the portal")
    LINK = "link", _("by link")
    MAIL = "mail", _("by e-mail")


class CustomerMailKind(TextChoices):
    """What a mail to a customer is about."""

    QUESTION = "question", _("Question was sent")
    REPLY = "reply", _("Reply")
    NEW_LINK = "new_link", _("New link to the conversation")


class UnsentMailReason(TextChoices):
    """Why a mail to a customer was not sent after all."""

    ERASED = "erased", _("the texts were erased")
    UNDELIVERABLE = UNDELIVERABLE, _("mail to this address was refused for good")
    WITHDRAWN = "withdrawn", _("who wrote it took it back")


class IncomingState(TextChoices):
    """What became of a mail that was received."""

    PLACED = "placed", _("In the conversation")
    IGNORED = "ignored", _("Written by a machine")
    HELD = "held", _("Waits for staff")
    DISCARDED = "discarded", _("Thrown away by staff")


class HeldReason(TextChoices):
    """Why a mail that was received is in no conversation."""

    UNREADABLE = "unreadable", _("it cannot be read")
    TOO_LARGE = "too_large", _("it is too large")
    LIST = "list", _("it looks like a newsletter")
    NO_SENDER = "no_sender", _("it does not say from whom it is")
    NO_REPLY_ADDRESS = "no_reply_address", _("it was not sent to the address of a conversation")
    REVOKED = "revoked", _("the address of the conversation was revoked")
    OUTDATED = "outdated", _("the conversation is too long ago")
    ERASED = "erased", _("the conversation was erased")
    EMPTY = "empty", _("it says nothing")
    TOO_MANY = "too_many", _("too many mails came in this conversation today")


class NoteKind(TextChoices):
    """Why somebody of the shop wrote something that only the shop reads."""

    NOTE = "note", _("Note")
    NO_REPLY_NEEDED = "no_reply_needed", _("No reply needed")


class DraftKind(TextChoices):
    """What somebody is writing."""

    REPLY = "reply", _("Reply")
    NOTE = "note", _("Internal note")


class NotKeptReason(TextChoices):
    """Why a mail that should wait for staff was turned away."""

    SENDER = "sender", _("their sender wrote too many in a day")
    FULL = "full", _("too much waited for staff already")


class ActorType(TextChoices):
    """Who closed a query; only what a seller closed can count for that seller."""

    SELLER = "seller", _("Seller")
    MARKETPLACE = "marketplace", _("Marketplace")
    SYSTEM = "system", _("System")


class StatementProblem(TextChoices):
    """Why a statement of the marketplace about who asks is not taken; a sentence for who asks."""

    MALFORMED = "malformed", _("Something was missing in what came along from your order page.")
    NOT_SIGNED = "not_signed", _("What came along was not written by the marketplace.")
    WRONG_AUDIENCE = "wrong_audience", _("What came along was meant for another website.")
    NOT_YET = "not_yet", _("What came along is of a later moment than now.")
    TOO_OLD = "too_old", _("Your order page, or this one, was open for too long.")
    UNKNOWN_SHOP = "unknown_shop", _("The shop of your order is not here.")


class HandOverOutcome(TextChoices):
    """How a hand-over ended."""

    HANDED_BACK = "handed_back", _("Handed back")
    CLOSED = "closed", _("Closed")


class QueryEvent(EventKind):
    """What happens to queries and to the people who ask."""

    ASKED = "query.asked", _("Query asked")
    PHONE_CONTACT_LOGGED = "query.phone_contact_logged", _("Contact by phone logged")
    REPLIED = "query.replied", _("Replied to the customer")
    REACTED = "query.reacted", _("Customer wrote back")
    OTHER_WROTE = "query.other_wrote", _("Somebody else wrote")
    OTHER_ACCEPTED = "query.other_accepted", _("Message of somebody else accepted")
    NOT_DELIVERED = "query.not_delivered", _("Reply not delivered")
    LINK_REVOKED = "query.link_revoked", _("Link to the conversation revoked")
    LINK_RENEWED = "query.link_renewed", _("New link to the conversation asked for")
    MAIL_HELD = "mail.held", _("Mail received that is in no conversation")
    MAIL_PLACED = "mail.placed", _("Mail put in a conversation by staff")
    MAIL_DISCARDED = "mail.discarded", _("Mail thrown away by staff")
    REPLY_WITHDRAWN = "query.reply_withdrawn", _("Reply taken back before it left")
    NOTE_WRITTEN = "query.note_written", _("Internal note written")
    NO_REPLY_NEEDED = "query.no_reply_needed", _("No reply needed")
    ASSIGNED = "query.assigned", _("Query assigned")
    SNOOZED = "query.snoozed", _("Query snoozed")
    WOKEN = "query.woken", _("Query taken out of its snooze")
    EMAIL_SHOWN = "query.email_shown", _("Address of the customer looked at")
    MARKED_DUPLICATE = "query.marked_duplicate", _("Query marked as a duplicate")
    CLOSED = "query.closed", _("Query closed")
    REOPENED = "query.reopened", _("Query reopened")
    HANDED_OVER = "query.handed_over", _("Query handed over to the marketplace")
    HANDED_BACK = "query.handed_back", _("Query handed back to the shop")
    TEXTS_ERASED = "query.texts_erased", _("Texts of the query erased")
    ORDER_CREATED = "order.created", _("Order added")
    ORDER_CHANGED = "order.changed", _("Order changed")
    CUSTOMER_CREATED = "customer.created", _("Customer added")
    CUSTOMER_CHANGED = "customer.changed", _("Customer changed")
    CUSTOMER_MERGED = "customer.merged", _("Another customer merged into this one")
    CUSTOMER_EXPORTED = "customer.exported", _("Copy of all about the customer made")
    CUSTOMER_ERASED = "customer.erased", _("Customer erased")


class FedKind(TextChoices):
    """What the marketplace's platform tells of; what comes first is needed by what comes later."""

    SELLER = "seller", _("Seller")
    MEMBER = "member", _("Member of a team")
    CUSTOMER = "customer", _("Customer")
    ORDER = "order", _("Order")
    OPT_OUT = "opt_out", _("Whether a customer wants surveys")
    BOUNCE = "bounce", _("Mail that did not arrive")
    QUERY = "query", _("Customer query")
    MESSAGE = "message", _("Message")
    HANDOVER = "handover", _("Hand-over to the marketplace")
    HANDBACK = "handback", _("Hand-back to the shop")
    CLOSING = "closing", _("Closing")


class AttachmentKind(TextChoices):
    """What a stored attachment is; the value is how its name ends."""

    PDF = "pdf", _("PDF")
    PNG = "png", _("PNG picture")
    JPG = "jpg", _("JPG picture")
    TEXT = "txt", _("Text")


class RefusedFile(TextChoices):
    """Why a file is not taken, as a sentence in which its name is still missing."""

    EMPTY = "empty", _("“%(name)s” is empty.")
    TOO_LARGE = "too_large", _("“%(name)s” is larger than 10 MB, which is the most for one file.")
    BAD_NAME = (
        "bad_name",
        _("“%(name)s” is no name of a file. Give the file a simple name, such as invoice.pdf."),
    )
    WRONG_KIND = (
        "wrong_kind",
        _(
            "“%(name)s” is not a file that can be attached, whatever its name says. PDF, PNG, JPG, "
            "HEIC and plain text (TXT) can be."
        ),
    )
    WEB_PAGE = (
        "web_page",
        _(
            "“%(name)s” is a web page, a drawing (SVG) or a program written as text. PDF, PNG, "
            "JPG, HEIC and plain text (TXT) can be attached."
        ),
    )
    BROKEN = (
        "broken",
        _("“%(name)s” is damaged or was cut off. Open it, save it anew, and attach that file."),
    )
    TOO_MANY_PIXELS = (
        "too_many_pixels",
        _("“%(name)s” has too many pixels: at most 50 million, such as 8000 × 6000."),
    )
    TOO_MANY = "too_many", _("“%(name)s” is one file too many: at most 5 can go with a message.")
