"""What a process does not use, it does not load: each comes up fast, and all of them together stay small."""

import subprocess
import sys

import pytest

from tests.programs import ROOT, environment

ENV = {
    "ENVIRONMENT": "development",
    "SECRET_KEY": "the key of the tests of what is loaded",
    "BASE_URL": "http://127.0.0.1",
    "DATABASE_URL": "sqlite:///nowhere.db",
    "MEDIA_DIR": "nowhere",
    "STRIPE_SECRET_KEY": "sk_test_nobody",
    "STRIPE_WEBHOOK_SECRET": "whsec_nobody",
    "SMTP_URL": "smtp://127.0.0.1:9",
    "MAIL_FROM": "shop@runout.example",
}
NOBODY = {
    "alembic",
    "mako",
    "rich",
    "pygments",
    "fpdf",
    "PIL",
    "mutagen",
    "icalendar",
    "segno",
    "pydantic",
    "app.seed",
    "app.backup",
}
WORKER = NOBODY | {"flask", "werkzeug", "wtforms", "prometheus_client", "markdown_it", "app.shop", "app.staff", "app.web"}
SUPERVISOR = WORKER | {"sqlalchemy", "stripe", "requests", "structlog", "jinja2", "babel"}


@pytest.mark.parametrize(
    ("module", "needless"),
    [("wsgi", NOBODY), ("app.cli.worker", WORKER), ("app.serve.__main__", SUPERVISOR)],
    ids=["web", "worker", "supervisor"],
)
def test_nothing_needless_is_loaded(module: str, needless: set[str]) -> None:
    code = f"import sys, {module}\nprint(*(name for name, found in sys.modules.items() if found))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=environment(ENV), capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert module in loaded
    assert needless & loaded == set()


def test_what_is_listed_exists() -> None:
    """The control: a name that is misspelt would never be found among what is loaded."""
    code = f"import importlib\nfor name in {sorted(SUPERVISOR - {'rich', 'pygments'})}: importlib.import_module(name)"
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=environment(ENV), check=True)
