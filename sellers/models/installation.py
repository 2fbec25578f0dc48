"""Whether this database is the one that the portal works in, or a copy that was restored."""

from datetime import datetime
from typing import ClassVar, Final, Self

import pgtrigger
from django.db import models
from django.utils.translation import gettext_lazy as _

from sellers.guards import never_emptied

# Numbers that were given out after the backup was made are skipped: far more than anybody gives
# out between two backups. Of rows, of rows with small numbers (Django's own), of transactions.
ROWS_SKIPPED: Final = 10_000_000
SMALL_ROWS_SKIPPED: Final = 100_000
TRANSACTIONS_SKIPPED: Final = 2**40

# What no dump carries along: the cluster, the database in it, the very table.
THIS_DATABASE: Final = """
    CREATE FUNCTION sellers_this_database() RETURNS text LANGUAGE sql STABLE AS $$
        SELECT concat_ws(
            ' ', system_identifier, oid, 'public.sellers_installation'::regclass::oid
        )
        FROM pg_control_system(), pg_database
        WHERE datname = current_database()
    $$
"""
# What is added to the number of a transaction, so that no cluster begins below what was read.
TRANSACTIONS_BEFORE: Final = f"""
    CREATE FUNCTION sellers_transactions_before() RETURNS bigint LANGUAGE sql STABLE AS $$
        SELECT transactions_before
             + CASE WHEN database = public.sellers_this_database()
                    THEN 0 ELSE {TRANSACTIONS_SKIPPED} END
        FROM public.sellers_installation
    $$
"""  # noqa: S608
# With the owner's rights: the application may not set a sequence.
SKIP_NUMBERS: Final = f"""
    CREATE FUNCTION sellers_skip_numbers(noticed_at timestamptz) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    DECLARE numbers record;
    BEGIN
        UPDATE sellers_installation
           SET skipped_in = sellers_this_database(), held_since = noticed_at
         WHERE database <> sellers_this_database() AND skipped_in <> sellers_this_database();
        IF NOT FOUND THEN
            RETURN false;
        END IF;
        FOR numbers IN SELECT * FROM pg_sequences WHERE schemaname = 'public' LOOP
            PERFORM setval(
                format('%I.%I', numbers.schemaname, numbers.sequencename)::regclass,
                coalesce(numbers.last_value, 0)
                + CASE WHEN numbers.data_type = 'bigint'::regtype
                       THEN {ROWS_SKIPPED} ELSE {SMALL_ROWS_SKIPPED} END
            );
        END LOOP;
        RETURN true;
    END
    $$
"""  # noqa: S608
FUNCTIONS: Final = {
    "sellers_this_database()": THIS_DATABASE,
    "sellers_transactions_before()": TRANSACTIONS_BEFORE,
    "sellers_skip_numbers(timestamptz)": SKIP_NUMBERS,
}


class ThisDatabase(models.Func):
    """What tells this database from every copy of it."""

    function = "sellers_this_database"
    output_field = models.TextField()


class Installations(models.QuerySet["Installation"]):
    """The only installation there is."""

    def held(self) -> Self:
        """Keep it while nothing may leave: the database is a copy, or staff held it."""
        return self.exclude(database=ThisDatabase())


class Installation(models.Model):
    """Which database the portal works in; the only row there is.

    Held is what is not that database: a backup that was restored, or one that staff put on hold.
    """

    database = models.TextField()  # empty: on hold
    skipped_in = models.TextField(blank=True, default="")  # the copy whose numbers were moved on
    held_since = models.DateTimeField(_("held since"), null=True, blank=True)  # when it was noticed
    transactions_before = models.BigIntegerField(default=0)

    objects: ClassVar[Installations] = Installations.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("installation")
        verbose_name_plural = _("installation")
        constraints = [models.CheckConstraint(condition=models.Q(pk=1), name="installation_is_one")]
        triggers = [
            pgtrigger.Protect(name="installation_stays", operation=pgtrigger.Delete),
            never_emptied("installations_stay"),
        ]

    def __str__(self) -> str:
        return f"{self._meta.verbose_name}"

    @classmethod
    def skip_numbers(cls, *, now: datetime) -> bool:
        """Skip, once in a copy, what may have been given out after it was made.

        Returns whether this did it.
        """
        skip = models.Func(
            models.Value(now, models.DateTimeField()),
            function="sellers_skip_numbers",
            output_field=models.BooleanField(),
        )
        return bool(cls.objects.values_list(skip, flat=True).get())
