"""Invitations never give their link away; who wants no surveys gets none."""

import pytest
from django.db.models import Model
from django.test import Client
from time_machine import travel

from queries.models import Closing, Customer, CustomerQuery
from sellers.tokens import token_for
from surveys.models import Invitation, SurveyOptOut, SurveyResponse
from tests.conftest import NOON, Market, admin_url


@pytest.mark.parametrize("page", ["changelist", "change"])
def test_invitation_never_shows_its_link(staff_s: Client, market: Market, page: str) -> None:
    invitation = market.invitation()
    arguments = [invitation.pk] if page == "change" else []

    shown = staff_s.get(admin_url(Invitation, page, *arguments)).content.decode()

    assert "Where is my parcel?" in shown
    assert token_for(invitation.token_salt) not in shown
    assert invitation.token_salt not in shown
    assert str(invitation.token_digest) not in shown


@pytest.mark.parametrize(
    ("model", "path"),
    [
        pytest.param(Invitation, "", id="invitations"),
        pytest.param(Closing, "invitation__", id="closings"),
        pytest.param(CustomerQuery, "invitations__", id="queries"),
        pytest.param(Customer, "invitations__", id="customers"),
        pytest.param(SurveyResponse, "invitation__", id="responses"),
    ],
)
@pytest.mark.parametrize("lookup", ["token_digest__startswith", "token_salt__startswith"])
def test_link_cannot_be_guessed_letter_by_letter(
    staff_s: Client, market: Market, model: type[Model], path: str, lookup: str
) -> None:
    market.invitation()

    page = staff_s.get(admin_url(model, "changelist"), {f"{path}{lookup}": "a"})

    assert page.status_code == 400


# Customers who want no surveys


def test_opt_out_is_noted_by_staff_with_its_moment(staff_s: Client, market: Market) -> None:
    customer = market.new_customer()

    with travel(NOON, tick=False):
        staff_s.post(admin_url(SurveyOptOut, "add"), {"customer": customer.pk})

    opted_out = SurveyOptOut.objects.get()
    assert (opted_out.customer, opted_out.opted_out_at) == (customer, NOON)


def test_opt_out_is_never_changed_or_taken_back_by_staff(staff_s: Client, market: Market) -> None:
    customer, other = market.new_customer(), market.new_customer()
    opted_out = SurveyOptOut.objects.create(customer=customer, opted_out_at=NOON)
    together = {"action": "delete_selected", "_selected_action": opted_out.pk, "post": "yes"}

    statuses = [
        staff_s.post(
            admin_url(SurveyOptOut, "change", opted_out.pk), {"customer": other.pk}
        ).status_code,
        staff_s.post(admin_url(SurveyOptOut, "delete", opted_out.pk), {"post": "yes"}).status_code,
    ]
    staff_s.post(admin_url(SurveyOptOut, "changelist"), together)

    assert statuses == [403, 403]
    assert SurveyOptOut.objects.get().customer == customer
