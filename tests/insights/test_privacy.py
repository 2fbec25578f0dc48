"""That a shop's people were told of a customer is in the customer's copy, and is forgotten."""

from datetime import timedelta

from insights.alerts.packing import pack_mails
from insights.alerts.times import TASK_DUE_SOON, look_at_clock
from insights.models import Alert
from insights.privacy import stored_about
from queries.customers import erase_customer
from queries.models import Customer
from sellers.events import Actor
from sellers.models import User
from sellers.sending import send_due
from tests.alerting import ANSWERED, tell
from tests.conftest import Market


def test_copy_says_who_was_told_of_what_and_erasing_forgets_it(
    market: Market, customer: Customer, alice: User
) -> None:
    market.response(5, customer=customer)
    market.response(5)
    soon = ANSWERED + timedelta(hours=48) - TASK_DUE_SOON
    tell()
    look_at_clock(now=soon)
    others = set(Alert.objects.exclude(pk__in=Alert.objects.of_customer(customer)))
    copied = stored_about(customer)["alerts"]
    assert {each["kind"] for each in copied} == {"new_query", "low_score", "task_due"}
    assert {each["seller"] for each in copied} == {"Fietsenzo"}
    assert {name for each in copied for name in each} & {"user", "mail"} == set()

    erase_customer(customer, by=Actor.SYSTEM, now=soon)

    assert not Alert.objects.of_customer(customer).exists()
    assert set(Alert.objects.all()) == others
    assert stored_about(customer) == {"alerts": []}


def test_mail_about_who_was_erased_meanwhile_does_not_leave(
    market: Market, customer: Customer, alice: User
) -> None:
    market.response(5, customer=customer)
    tell()
    pack_mails(now=ANSWERED)
    mails = alice.alert_mails.count()
    assert mails

    erase_customer(customer, by=Actor.SYSTEM, now=ANSWERED)

    assert send_due(clock=lambda: ANSWERED)["sent"] == 0
    assert alice.alert_mails.filter(state="suppressed").count() == mails
