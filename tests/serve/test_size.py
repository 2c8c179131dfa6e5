"""The supervisor learns from the settings how much it is to start, and what is wrong with them."""

import pytest

from app.serve import Size
from app.serve.size import WrongSettings, wanted
from tests.programs import ROOT

ENV = {
    "ENVIRONMENT": "development",
    "SECRET_KEY": "the key of the tests of the size, long enough",
    "BASE_URL": "http://127.0.0.1",
    "DATABASE_URL": "postgresql://nobody@nowhere/shop",
    "MEDIA_DIR": "media",
    "STRIPE_SECRET_KEY": "sk_test_nobody",
    "STRIPE_WEBHOOK_SECRET": "whsec_nobody",
    "SMTP_URL": "smtp://127.0.0.1:9",
    "MAIL_FROM": "shop@runout.example",
    "WEB_PROCESSES": "3",
}


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in ENV.items():
        monkeypatch.setenv(name, value)


def test_the_settings_say_how_much_is_wanted() -> None:
    assert wanted(ROOT) == Size("postgresql://nobody@nowhere/shop", 3, 16)


def test_wrong_settings_are_told_without_their_values(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", "too short a secret")
    with pytest.raises(WrongSettings, match="must have at least 32 characters") as told:
        wanted(ROOT)
    assert "too short a secret" not in str(told.value)
