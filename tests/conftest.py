"""What all tests share: a database of each kind, a clock that stands still, and the local Stripe.

A test that asks for `db` runs twice, on SQLite and on PostgreSQL, and every invariant must hold when it has written.
PostgreSQL is started once for all processes; when it cannot be, those tests fail with its words.
"""

import gc
from collections.abc import Iterator
from typing import Any

import pytest
import stripe
from argon2 import PasswordHasher
from hypothesis import HealthCheck, settings

from app.accounts import passwords
from app.checkout.breaker import Breaker
from app.invariants import INVARIANTS, instants, offenders, question
from app.kernel.db import Database, connect, reading
from app.payments import gateway as gateway_module
from app.payments.gateway import Gateway, open_gateway
from sandbox import Control, LocalStripe, Options
from tests.cast import NOW, StoppedClock
from tests.databases import POOL, SqliteTemplate, Watched, empty, postgres_template
from tests.postgres import NoPostgres, TempPostgres
from tests.story import Story

# The same examples every time, so that a change is to blame when one breaks; `--hypothesis-profile=wide` looks for others.
settings.register_profile("runout", deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)
settings.register_profile("wide", settings.get_profile("runout"), derandomize=False, max_examples=2000)
settings.load_profile("runout")

SERVER = pytest.StashKey[TempPostgres]()
EARNEST = passwords._HASHER
WEBHOOK_SECRET = "whsec_the_tests_own_webhook_secret"
CONTROL_TOKEN = "the tests' own control token"
# One question instead of seventy, after almost every test.
ANY_BROKEN = question(" UNION ALL ".join(f"SELECT '{each.id}' WHERE EXISTS ({each.sql})" for each in INVARIANTS))


def _started() -> TempPostgres:
    server = TempPostgres()
    server.start()
    postgres_template(server)
    return server


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Under xdist the controller starts one server and tells each worker where its own database is."""
    stash = node.config.stash
    try:
        if SERVER not in stash:
            stash[SERVER] = _started()
        node.workerinput["postgres"] = stash[SERVER].create_database(node.workerinput["workerid"], template="template")
    except NoPostgres as fault:
        node.workerinput["no_postgres"] = str(fault)


def pytest_collection_finish() -> None:
    """What is loaded by now stays: looking through it for garbage again and again was a third of the time of long runs."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 10, 10)


def pytest_unconfigure(config: pytest.Config) -> None:
    """The server ends with the session."""
    if SERVER in config.stash:
        config.stash[SERVER].stop()


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Print the figures that tests have noted with `record_property("figure", …)`."""
    for report in terminalreporter.getreports("passed"):
        for name, value in report.user_properties:
            if name == "figure" and report.when == "call":
                terminalreporter.write_line(str(value))


@pytest.fixture(scope="session")
def postgres_url(request: pytest.FixtureRequest) -> str:
    """The address of this process's own migrated PostgreSQL database; fails when there is no PostgreSQL."""
    told = getattr(request.config, "workerinput", {})
    if "no_postgres" in told:
        pytest.fail(f"PostgreSQL is needed: {told['no_postgres']}", pytrace=False)
    if "postgres" in told:
        return str(told["postgres"])
    try:
        server = request.config.stash[SERVER] = _started()
    except NoPostgres as fault:
        pytest.fail(f"PostgreSQL is needed: {fault}", pytrace=False)
    return server.create_database("main", template="template")


@pytest.fixture(scope="session")
def _postgres(postgres_url: str) -> Iterator[Watched]:
    watched = Watched(connect(postgres_url, pool_size=POOL))
    yield watched
    watched.database.engine.dispose()


@pytest.fixture(scope="session")
def sqlite_template() -> Iterator[SqliteTemplate]:
    template = SqliteTemplate()
    yield template
    template.end()


@pytest.fixture(scope="session")
def _sqlite(sqlite_template: SqliteTemplate) -> Watched:
    return sqlite_template.fresh()


@pytest.fixture
def sqlite_db(
    _sqlite: Watched, sqlite_template: SqliteTemplate, request: pytest.FixtureRequest, clock: StoppedClock
) -> Iterator[Database]:
    """A fresh SQLite database; the invariants are checked after a test that wrote."""
    sqlite_template.lay(_sqlite)
    yield _sqlite.database
    _check(_sqlite, request, clock)


@pytest.fixture
def postgres_db(_postgres: Watched, request: pytest.FixtureRequest, clock: StoppedClock) -> Iterator[Database]:
    """An empty PostgreSQL database; the invariants are checked after a test that wrote."""
    _postgres.written = False
    yield _postgres.database
    try:
        _check(_postgres, request, clock)
    finally:
        if _postgres.written:
            empty(_postgres.database)


@pytest.fixture(params=["sqlite", "postgres"])
def db(request: pytest.FixtureRequest) -> Database:
    """An empty database of each kind, at the newest migration."""
    database: Database = request.getfixturevalue(f"{request.param}_db")
    return database


@pytest.fixture(scope="session", autouse=True)
def _quick_passwords() -> Iterator[None]:
    """Signing in costs a tenth of a second on purpose; a fifth of the tests at the desk's door would be spent so."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "_HASHER", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
        yield


@pytest.fixture
def earnest_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    """Passwords are hashed as they are in a shop."""
    monkeypatch.setattr(passwords, "_HASHER", EARNEST)


@pytest.fixture
def unchecked() -> None:
    """Asked for by tests that break the data on purpose: no invariants afterwards."""


def _check(watched: Watched, request: pytest.FixtureRequest, clock: StoppedClock) -> None:
    if not watched.written or "unchecked" in request.fixturenames:
        return
    with reading(watched.database) as session:
        broken = session.scalars(ANY_BROKEN, instants(clock.now())).all()
        rows = {invariant.id: rows for invariant, rows in offenders(session, clock.now())} if broken else {}
    assert broken == [], f"invariants are broken after this test: {rows}"


@pytest.fixture
def clock() -> StoppedClock:
    """A clock that stands at NOW until a test moves it: `clock.forward(minutes=11)`."""
    return StoppedClock(NOW)


@pytest.fixture(scope="session")
def _local_stripe() -> Iterator[LocalStripe]:
    options = Options(webhook_secret=WEBHOOK_SECRET, control_token=CONTROL_TOKEN, merchant="Runout tests", seed=7)
    with LocalStripe(options) as running:
        yield running


@pytest.fixture
def local_stripe(_local_stripe: LocalStripe, clock: StoppedClock) -> Iterator[LocalStripe]:
    """The sandbox over HTTP, empty, on the test's clock, sending no webhooks; `.control` pays and looks."""
    _local_stripe.forget()
    before = _local_stripe.box.clock.base, _local_stripe.box.clock.offset
    _local_stripe.box.clock.base, _local_stripe.box.clock.offset = lambda: clock.now().timestamp(), 0.0
    yield _local_stripe
    _local_stripe.box.clock.base, _local_stripe.box.clock.offset = before


@pytest.fixture
def stripe_control(local_stripe: LocalStripe) -> Control:
    """The sandbox's controls."""
    return local_stripe.control


@pytest.fixture
def gateway(local_stripe: LocalStripe) -> Iterator[Gateway]:
    """The real gateway, spoken to the sandbox."""
    opened = open_gateway("sk_test_the_tests_own_key", local_stripe.url)
    yield opened
    opened.client._requestor._client.close()  # the SDK has no public way to close its connections


@pytest.fixture
def story(db: Database, gateway: Gateway, clock: StoppedClock, stripe_control: Control) -> Story:
    """A shop on each database with the local Stripe: for flows, and for verbs that call Stripe."""
    return Story(db, gateway, clock, stripe_control)


@pytest.fixture
def guarded(db: Database, clock: StoppedClock, local_stripe: LocalStripe, monkeypatch: pytest.MonkeyPatch) -> Iterator[Gateway]:
    """The gateway behind its breaker, as a shop has it; it waits half a second for an answer and repeats at once."""
    monkeypatch.setattr(gateway_module, "_TIMEOUT", (1, 0.5))
    monkeypatch.setattr(stripe.HTTPClient, "INITIAL_DELAY", 0.001)
    opened = open_gateway("sk_test_the_tests_own_key", local_stripe.url, Breaker(db, clock))
    yield opened
    local_stripe.control.clear_faults()
    opened.client._requestor._client.close()
