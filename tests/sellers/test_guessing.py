"""Who guesses waits; who logged in before with a browser never waits for the guesses of others."""

import statistics
import time
from collections import Counter
from datetime import datetime, timedelta
from itertools import product

import pytest
from django.conf import LazySettings
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from time_machine import travel

from sellers.guessing import PER_ACCOUNT, PER_BROWSER, PER_NETWORK, WINDOW, Guess, drop_over
from sellers.models import GuessCount, User
from tests.conftest import NOON, at_once

RIGHT = "correct-horse-battery"
HERE, ELSEWHERE = "198.51.100.7", "203.0.113.9"


@pytest.fixture
def people(db: None) -> list[str]:
    """Fifty accounts with one password."""
    return make_people(50)


def make_people(count: int) -> list[str]:
    """Store accounts; return their e-mails."""
    emails = [f"p{number}@shop.example" for number in range(count)]
    for email in emails:
        User.objects.create_user(email, RIGHT, name=email)
    return emails


def try_password(browser: Client, email: str, password: str, *, ip: str = HERE) -> HttpResponse:
    """Fill in the log-in page from an IP."""
    return browser.post(
        reverse("account_login"), {"login": email, "password": password}, REMOTE_ADDR=ip
    )


def gets_in(browser: Client, email: str, *, ip: str = HERE) -> bool:
    """Say whether the right password is let in."""
    return try_password(browser, email, RIGHT, ip=ip).status_code == 302


def known_browser(email: str, *, ip: str = HERE) -> Client:
    """Return a browser that logged in before, and out again."""
    browser = Client()
    assert gets_in(browser, email, ip=ip)
    browser.post(reverse("account_logout"))
    return browser


def kept_waiting(page: HttpResponse) -> bool:
    """Say whether a guess was not looked at."""
    return page.status_code == 200 and "wrong too often" in page.content.decode()


def test_a_thousand_guesses_at_fifty_accounts_lock_out_no_known_browser(
    redis_down: None, committed_db: None
) -> None:
    people = make_people(50)
    known = {email: known_browser(email) for email in people}
    guesses = [(email, f"guess-{number}") for number, email in product(range(20), people)]

    def guess(mine: list[tuple[str, str]]) -> Counter[bool]:
        browser = Client()
        return Counter(kept_waiting(try_password(browser, *each)) for each in mine)

    began = time.monotonic()
    parts = at_once(
        *((lambda part=guesses[number::8]: guess(part)) for number in range(8)), timeout=300
    )
    waited = sum(parts, Counter[bool]())

    print(f"{waited[True]} of 1000 guesses not looked at, {time.monotonic() - began:.1f} s")
    assert waited == {False: PER_NETWORK, True: 1000 - PER_NETWORK}
    times = []
    for email, browser in known.items():
        start = time.monotonic()
        assert gets_in(browser, email)
        times.append(time.monotonic() - start)
    print(f"known browsers get in after {statistics.median(times) * 1000:.0f} ms, {max(times):.2f}")
    assert not gets_in(Client(), people[0])
    assert gets_in(Client(), people[0], ip=ELSEWHERE)
    with travel(datetime.now().astimezone() + WINDOW):
        assert all(gets_in(Client(), email) for email in people)


def test_guesses_from_many_networks_leave_known_browsers_alone(people: list[str]) -> None:
    email = people[0]
    browser = known_browser(email)

    pages = [try_password(Client(), email, "no", ip=f"203.0.113.{ip}") for ip in range(50)]

    assert [kept_waiting(page) for page in pages] == [False] * PER_ACCOUNT + [True] * (
        50 - PER_ACCOUNT
    )
    assert gets_in(browser, email)
    assert not gets_in(Client(), email)
    with travel(datetime.now().astimezone() + WINDOW):
        assert gets_in(Client(), email)


def test_known_browser_guesses_at_its_own_cost(people: list[str]) -> None:
    email = people[0]
    browser = known_browser(email)

    looked_at = [
        not kept_waiting(try_password(browser, email, "no")) for _ in range(PER_BROWSER + 10)
    ]

    assert sum(looked_at) == PER_BROWSER + PER_ACCOUNT
    assert looked_at == sorted(looked_at, reverse=True)


def test_browser_is_known_to_one_account_and_not_by_a_made_up_cookie(people: list[str]) -> None:
    mine, other = people[:2]
    browser = known_browser(mine)
    (name,) = [name for name in browser.cookies if name.startswith("known_")]
    made_up = Client()
    made_up.cookies[name] = "abc:def:ghi"
    for ip in range(PER_ACCOUNT):
        for email in (mine, other):
            try_password(Client(), email, "no", ip=f"203.0.113.{ip}")

    assert not gets_in(browser, other)
    assert not gets_in(made_up, mine)
    assert gets_in(browser, mine.upper())
    assert browser.cookies[name]["httponly"]


def test_address_of_nobody_waits_alike(people: list[str]) -> None:
    for email in (people[0], "nobody@shop.example"):
        pages = [try_password(Client(), email, "no", ip=f"203.0.113.{ip}") for ip in range(7)]
        assert sum(map(kept_waiting, pages)) == 2


def test_who_knows_the_password_uses_up_nothing(people: list[str]) -> None:
    assert all(gets_in(Client(), people[0]) for _ in range(PER_NETWORK + 5))


def test_who_reads_the_mail_gets_in_while_others_guess(
    people: list[str], mailoutbox: list[object]
) -> None:
    from sellers.emails import default_token_generator, user_pk_to_url_str

    user = User.objects.get(email=people[0])
    for ip in range(50):
        try_password(Client(), user.email, "no", ip=f"203.0.113.{ip}")
    browser = Client()
    key = default_token_generator.make_token(user)
    link = reverse("account_reset_password_from_key", args=[user_pk_to_url_str(user), key])
    form = browser.get(link, follow=True).redirect_chain[-1][0]

    new = {"password1": RIGHT + "-2", "password2": RIGHT + "-2"}
    assert browser.post(form, new).status_code == 302
    for ip in range(50):
        try_password(Client(), user.email, "no", ip=f"203.0.113.{ip}")

    assert try_password(browser, user.email, RIGHT + "-2").status_code == 302


def guess(**changes: str | None) -> Guess:
    """Return a guess at Alice's password, from here."""
    said: dict[str, str | None] = {"account": "alice@shop.example", "network": HERE}
    return Guess(what="password", **(said | changes))  # type: ignore[arg-type]


@pytest.mark.parametrize("minutes", [0, 1, 4.99])
def test_window_is_not_made_longer_by_who_goes_on(db: None, minutes: float) -> None:
    for _ in range(PER_ACCOUNT):
        assert guess().count(now=NOON) is None

    later = NOON + timedelta(minutes=minutes)
    assert guess().count(now=later) == NOON + WINDOW
    assert guess().count(now=NOON + WINDOW) is None


def test_network_over_its_limit_spares_the_accounts(db: None) -> None:
    for number in range(PER_NETWORK * 2):
        guess(account=f"{number}@shop.example").count(now=NOON)

    for _ in range(PER_ACCOUNT * 2):
        assert guess().count(now=NOON) == NOON + WINDOW
    assert guess(network=ELSEWHERE).count(now=NOON) is None


def test_counts_that_keep_nobody_waiting_are_deleted(db: None) -> None:
    guess().count(now=NOON)
    guess(account="bob@shop.example", network=ELSEWHERE).count(now=NOON + WINDOW)

    drop_over(now=NOON + WINDOW + timedelta(seconds=1))

    assert GuessCount.objects.count() == 2


def test_count_tells_no_account(db: None) -> None:
    guess().count(now=NOON)

    assert not [row for row in GuessCount.objects.values_list("key") if "alice" in str(row)]


def test_forgotten_password_takes_as_long_for_nobody(
    people: list[str], settings: LazySettings
) -> None:
    settings.ACCOUNT_RATE_LIMITS = settings.ACCOUNT_RATE_LIMITS | {"reset_password": None}
    took: dict[str, list[float]] = {people[0]: [], "p0@shop.exampel": []}

    for number in range(220):
        for email in sorted(took, reverse=bool(number % 2)):
            began = time.thread_time()
            page = Client().post(reverse("account_reset_password"), {"email": email})
            took[email].append(time.thread_time() - began)
            assert page.status_code == 302

    one, other = (statistics.median(times[20:]) for times in took.values())
    print(f"medians of 200 tries: {one * 1000:.2f} and {other * 1000:.2f} ms of computing")
    assert abs(one - other) / max(one, other) < 0.05
