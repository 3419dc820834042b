"""The cookie of a guest: who made it, how long it counts, and what ends it. In SQLite and in PostgreSQL."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.guests import visits
from backend.guests.visits import AHEAD, Standing, Visit, Visits, new_visit
from backend.store import Store

DAYS = 14
LIFE = DAYS * 86_400


class Clock:
    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def known(store: Store, clock: Clock) -> Visits:
    return Visits(store, DAYS, clock)


def carried(known: Visits, visit: Visit, **how: bool) -> dict[str, str]:
    """The cookies of a browser that was given this visit's."""
    made = known.cookie(visit, **how)
    assert made is not None
    return dict([made])


def standing(known: Visits, cookies: dict[str, str], *, https_only: bool = False) -> Standing:
    found = known.standing(cookies, https_only=https_only)
    assert found is not None
    return found


def test_a_browser_is_known_by_its_cookie_in_every_process(known: Visits, store: Store, clock: Clock) -> None:
    visit = new_visit()
    cookies = carried(known, visit)
    other = Visits(store, DAYS, clock)
    assert standing(other, cookies).visit == replace(visit, issued=int(clock.now))
    assert carried(other, visit) == cookies, "one secret for both"


def test_the_database_does_not_have_what_the_cookie_says(known: Visits, store: Store) -> None:
    visit = new_visit()
    carried(known, visit)
    known.admit(visit.guest, visit.budget, "a hash")
    rows = str(store.read(lambda c: c.exec_driver_sql("SELECT * FROM guest_visits").all(), []))
    assert visit.guest in rows and visit.key not in rows and "a hash" not in rows
    assert visit.key not in repr(visit)


def test_two_browsers_are_two_guests_with_two_budgets() -> None:
    one, other = new_visit(), new_visit()
    assert len({one.guest, other.guest, one.budget, other.budget}) == 4


def changed(value: str) -> list[str]:
    version, key, budget, issued, seal = value.split(".")
    other = new_visit()
    return [
        "",
        "1",
        value[:-1] + ("0" if value[-1] != "0" else "1"),
        ".".join((version, other.key, budget, issued, seal)),
        ".".join((version, key, other.budget, issued, seal)),
        ".".join((version, key, budget, str(int(issued) + 1), seal)),
        ".".join(("2", key, budget, issued, seal)),
        value + "x" * 100_000,
        value + "\n",
        f" {value}",
        value.upper(),
        "é" * 185,
        "1." + "١" * 32 + "." + budget + "." + issued + "." + seal,
    ]


@pytest.mark.parametrize("which", range(13))
def test_a_cookie_that_was_changed_is_none(known: Visits, which: int) -> None:
    ((name, value),) = carried(known, new_visit()).items()
    assert standing(known, {name: changed(value)[which]}) == Standing()


@given(st.text(max_size=400))
def test_any_text_is_no_cookie(text: str) -> None:
    assert Visits(None, DAYS)._visit_of(text, "secret") is None  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("later", "counts"),
    [(0, True), (LIFE - 1, True), (LIFE, False), (10 * LIFE, False), (-AHEAD, True), (-AHEAD - 1, False)],
)
def test_a_cookie_counts_for_its_time_though_clocks_differ_a_little(
    known: Visits, clock: Clock, later: float, counts: bool
) -> None:
    cookies = carried(known, new_visit())
    clock.now += later
    assert (standing(known, cookies).visit is not None) is counts


def test_a_browser_that_comes_again_is_given_more_time(known: Visits, clock: Clock) -> None:
    visit = new_visit()
    cookies = carried(known, visit)
    clock.now += LIFE - 10
    found = standing(known, cookies).visit
    assert found is not None and known.is_old(found)
    renewed = carried(known, found)
    clock.now += LIFE - 10
    again = standing(known, renewed).visit
    assert again is not None and again.guest == visit.guest
    assert standing(known, cookies).visit is None, "the old one has had its time"


def test_a_new_secret_ends_every_visit_and_every_link(known: Visits) -> None:
    visit = new_visit()
    cookies, link = carried(known, visit), known.make_link(visit.guest, visit.budget)
    known.end_all()
    assert standing(known, cookies) == Standing()
    ((name, value),) = cookies.items()
    ((other_name, _),) = carried(known, new_visit()).items()
    assert standing(known, {other_name: value}) == Standing(), "nor under the new name"
    assert name != other_name and known.linked(link) is None


def test_a_visit_that_has_ended_is_told_from_one_that_never_was_and_never_begins_again(known: Visits) -> None:
    visit = new_visit()
    cookies, link = carried(known, visit), known.make_link(visit.guest, visit.budget)
    known.admit(visit.guest, visit.budget, "hash")
    known.end(visit.guest, visit.budget)
    known.admit(visit.guest, visit.budget, "hash")
    known.make_link(visit.guest, visit.budget)
    found = standing(known, cookies)
    assert found.ended and found.visit is not None and not found.admitted
    assert found.visit.budget == visit.budget, "what was spent stays spent"
    assert known.linked(link) is None


def test_a_password_counts_as_long_as_it_is_the_password(known: Visits) -> None:
    visit = new_visit()
    cookies = carried(known, visit)
    assert standing(known, cookies).admitted == ""
    known.admit(visit.guest, visit.budget, "scrypt:one")
    assert standing(known, cookies).admitted == visits.proof("scrypt:one") != visits.proof("scrypt:two")


@pytest.mark.parametrize("root", [True, False])
def test_by_https_a_cookie_set_by_another_host_or_plain_http_does_not_count(known: Visits, root: bool) -> None:
    """An attacker can plant his own good cookie, for instance from a neighbouring host, but not by such a name."""
    mine, his = new_visit(), new_visit()
    planted = carried(known, his)
    assert standing(known, planted, https_only=True).visit is None
    cookies = carried(known, mine, https=True, root=root)
    assert next(iter(cookies)).startswith("__Host-" if root else "__Secure-")
    found = standing(known, planted | cookies)
    assert found.visit is not None and found.visit.guest == mine.guest, "it goes before any other"


def test_two_apps_on_one_host_do_not_take_each_others_cookies(known: Visits, tmp_path: object) -> None:
    other = Visits(Store.open(f"sqlite:///{tmp_path}/other.db"), DAYS)
    assert not carried(known, new_visit()).keys() & carried(other, new_visit()).keys()


def test_a_private_link_works_until_it_is_replaced_or_revoked(known: Visits, clock: Clock, store: Store) -> None:
    first = known.make_link("guest-a", "guest-b")
    assert known.linked(first) == ("guest-a", "guest-b")
    assert first not in str(store.read(lambda c: c.exec_driver_sql("SELECT * FROM guest_visits").all(), []))
    second = known.make_link("guest-a", "guest-b")
    assert known.linked(first) is None and known.linked(second) is not None
    for wrong in ("", "x" * 32, second[:-1], second + "x", "é" * 32):
        assert known.linked(wrong) is None
    clock.now += LIFE
    assert known.linked(second) is None
    clock.now -= LIFE
    known.end_link("guest-a")
    assert known.linked(second) is None


def test_a_visit_is_forgotten_when_its_cookie_expires(known: Visits, store: Store, clock: Clock) -> None:
    def rows() -> int:
        return int(store.read(lambda c: c.exec_driver_sql("SELECT count(*) FROM guest_visits").scalar_one(), -1))

    old, newer = new_visit(), new_visit()
    known.admit(old.guest, old.budget, "hash")
    known.admit(newer.guest, newer.budget, "hash")
    clock.now += LIFE
    known.note_return(newer)
    clock.now += 2 * 86_400
    known.forget_old()
    assert rows() == 1


@pytest.mark.parametrize("url", ["no address", "postgresql://nobody@127.0.0.1:9/none"])
def test_where_the_database_is_away_nobody_is_known_and_nothing_fails(url: str) -> None:
    store = Store.open(url)
    known = Visits(store, DAYS)
    assert known.standing({}) is None and known.cookie(new_visit()) is None and known.linked("x" * 32) is None
    known.admit("guest-a", "guest-b", "hash")
    known.end("guest-a", "guest-b")
    store.close()
