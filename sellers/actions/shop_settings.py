"""What an owner sets for the whole shop."""

from datetime import datetime

from django.db import transaction

from sellers.actions.team import lock_team
from sellers.enums import SellerEvent
from sellers.events import Actor, record
from sellers.models import Membership, Seller, User


class NotInTeam(Exception):
    """Somebody who was chosen is not in the team, or not any more."""


@transaction.atomic
def change_shop_settings(
    seller: Seller,
    *,
    worst_scores_to: User | None,
    account_contact: User | None,
    requires_prediction: bool,
    compares_agents: bool,
    alerts_quote_customers: bool,
    by: Actor,
    now: datetime,
) -> None:
    """Store what an owner sets for the shop. Raises NotAnOwner or NotInTeam."""
    lock_team(seller, by=by)
    team = Membership.objects.for_seller(seller)
    if worst_scores_to and not team.answering().filter(user=worst_scores_to).exists():
        raise NotInTeam
    if account_contact and not team.filter(user=account_contact).exists():
        raise NotInTeam
    before = _settings(Seller.objects.get(pk=seller.pk))
    seller.worst_scores_to, seller.account_contact = worst_scores_to, account_contact
    seller.requires_prediction = requires_prediction
    seller.compares_agents = compares_agents
    seller.alerts_quote_customers = alerts_quote_customers
    after = _settings(seller)
    seller.save(update_fields=after)
    changes = {name: [before[name], after[name]] for name in after if before[name] != after[name]}
    if changes:
        kind = SellerEvent.SELLER_CHANGED
        record(kind, seller, seller_id=seller.pk, by=by, now=now, changes=changes)


def _settings(seller: Seller) -> dict[str, object]:
    """Return what is set, people by their primary keys."""
    return {
        "worst_scores_to": seller.worst_scores_to_id,
        "account_contact": seller.account_contact_id,
        "requires_prediction": seller.requires_prediction,
        "compares_agents": seller.compares_agents,
        "alerts_quote_customers": seller.alerts_quote_customers,
    }
