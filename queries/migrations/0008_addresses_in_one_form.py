"""Addresses from before are written as new ones are: sellers/addresses.py."""

from unicodedata import normalize

import idna
from django.db import migrations
from django.db.models import Q
from django.db.models.functions import Lower, Trim


def write_in_one_form(apps, schema_editor):
    """Rewrite what differs, but not into an address that somebody else has: staff merge those."""
    customers = apps.get_model('queries', 'Customer').objects
    different = Q(email__regex=r'[^\x01-\x7f]') | ~Q(email=Lower(Trim('email')))
    for customer in customers.filter(different).only('email').iterator():
        name, at, domain = normalize('NFC', customer.email.strip().lower()).rpartition('@')
        try:
            domain = idna.encode(domain, uts46=True).decode()
        except idna.IDNAError:
            pass
        email = name + at + domain
        others = customers.exclude(pk=customer.pk).alias(lower_email=Lower('email'))
        if email != customer.email and not others.filter(lower_email=email).exists():
            customers.filter(pk=customer.pk).update(email=email)


class Migration(migrations.Migration):

    dependencies = [
        ('queries', '0007_address_given_with_a_query'),
    ]

    operations = [
        migrations.RunPython(write_in_one_form, migrations.RunPython.noop),
    ]
