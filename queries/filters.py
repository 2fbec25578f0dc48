"""What a list of queries can be narrowed by, from the URL."""

import django_filters
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from queries.enums import Channel
from queries.models import CustomerQueries, CustomerQuery


class QueryFilter(django_filters.FilterSet):  # type: ignore[misc]  # django-filter has no types
    """Search by words, narrow by channel."""

    q = django_filters.CharFilter(method="search", label=_("Search"))
    channel = django_filters.ChoiceFilter(
        field_name="channel",
        lookup_expr="exact",
        choices=Channel,
        label=_("Channel"),
        empty_label=_("All channels"),
    )

    class Meta:
        model = CustomerQuery
        fields: tuple[str, ...] = ()

    def search(self, queries: CustomerQueries, name: str, words: str) -> CustomerQueries:
        """Keep the queries that mention the words: subject, order, or the customer."""
        return queries.filter(
            Q(subject__icontains=words)
            | Q(order_reference__icontains=words)
            | Q(customer__name__icontains=words)
            | Q(contact_email__iexact=words)
            | Q(contact_email="", customer__email__iexact=words)
        )
