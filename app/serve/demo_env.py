"""The demo's environment: random secrets made once and kept in var/demo.env, everything else computed from PORT."""

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

SECRETS = {
    "SECRET_KEY": "",
    "STRIPE_SECRET_KEY": "sk_test_",
    "STRIPE_WEBHOOK_SECRET": "whsec_",
    "SANDBOX_CONTROL_TOKEN": "",
    "METRICS_TOKEN": "",
}

# For a person who tries PostgreSQL, a test account at Stripe or a mail server of their own.
ADJUSTABLE = ("DATABASE_URL", "MEDIA_DIR", "FONTS_DIR", "SMTP_URL", "MAIL_FROM", "WEB_PROCESSES", "WEB_THREADS")

# What a child may see of the person's own environment.
PASSED_ON = ("PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR", "VIRTUAL_ENV")


# Where the demo lives, and beside it what EMPTY=1 leaves empty for a first run.
DEMO, EMPTY = "var", "var-empty"


class DemoRefused(Exception):
    """The demo cannot start like this; the message is meant for a person."""


@dataclass(frozen=True)
class Ports:
    """The three doors of the demo, next to each other."""

    shop: int

    @property
    def stripe(self) -> int:
        """The sandbox's HTTP: the local Stripe and the caught mail."""
        return self.shop + 1

    @property
    def smtp(self) -> int:
        """The mail catcher's SMTP."""
        return self.shop + 2


def read_port(text: str) -> Ports:
    """The ports from what PORT says; raises DemoRefused unless it is a number that leaves room for two more."""
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= 65533):
        raise DemoRefused(f"PORT must be a number from 1 to 65533 (the sandbox takes the two after it), not {text!r}.")
    return Ports(int(text))


def var_of(outside: Mapping[str, str]) -> str:
    """The folder that is meant: the empty shop's where EMPTY is set, the demo's otherwise."""
    return EMPTY if outside.get("EMPTY") else DEMO


def demo_env(var: Path, ports: Ports, outside: Mapping[str, str]) -> dict[str, str]:
    """Make or complete var/demo.env and return the settings in it; raises DemoRefused for a live Stripe key."""
    var.mkdir(mode=0o700, parents=True, exist_ok=True)
    file = var / "demo.env"
    kept = _read(file)
    env = {name: kept.get(name) or prefix + secrets.token_urlsafe(36) for name, prefix in SECRETS.items()}
    env |= _computed(var, ports)
    _write(file, env)
    return with_wishes(env, outside)


def kept_env(var: Path, outside: Mapping[str, str]) -> dict[str, str]:
    """The settings of the last start, ports included, for one command beside it; made when there was no start yet."""
    kept = _read(var / "demo.env")
    return with_wishes(kept, outside) if kept else demo_env(var, Ports(5000), outside)


def with_wishes(env: Mapping[str, str], outside: Mapping[str, str]) -> dict[str, str]:
    """The demo's settings with what the person set outside laid over them; raises DemoRefused for a live Stripe key."""
    wished = {name: outside[name] for name in ADJUSTABLE if outside.get(name)}
    key = outside.get("STRIPE_SECRET_KEY", "")
    if not key:
        return {**env, **wished}
    if "_live_" in key:
        raise DemoRefused("STRIPE_SECRET_KEY is a live key: the demo takes test keys only.")
    if not outside.get("STRIPE_WEBHOOK_SECRET"):
        raise DemoRefused("STRIPE_SECRET_KEY is set, so STRIPE_WEBHOOK_SECRET of the same account must be set too.")
    local = {"STRIPE_API_BASE", "CLOCK_OFFSET_FILE"}  # the real Stripe has its own address and its own clock
    rest = {name: value for name, value in env.items() if name not in local}
    return {**rest, **wished, "STRIPE_SECRET_KEY": key, "STRIPE_WEBHOOK_SECRET": outside["STRIPE_WEBHOOK_SECRET"]}


def for_child(settings: Mapping[str, str], outside: Mapping[str, str]) -> dict[str, str]:
    """A child's whole environment: the settings and the harmless part of the person's own."""
    return {name: outside[name] for name in PASSED_ON if name in outside} | dict(settings)


def _computed(var: Path, ports: Ports) -> dict[str, str]:
    # The database's path stays relative, as the children run in the folder above var/.
    return {
        "ENVIRONMENT": "development",
        "BASE_URL": f"http://127.0.0.1:{ports.shop}",
        "DATABASE_URL": f"sqlite:///{var.name}/runout.db",
        "MEDIA_DIR": f"{var.name}/media",
        "STRIPE_API_BASE": f"http://127.0.0.1:{ports.stripe}",
        "SMTP_URL": f"smtp://127.0.0.1:{ports.smtp}",
        "MAIL_FROM": "post@runout.example",
        "CLOCK_OFFSET_FILE": f"{var.name}/clock-offset",
    }


def _read(file: Path) -> dict[str, str]:
    if not file.exists():
        return {}
    lines = (line.strip() for line in file.read_text().splitlines())
    return dict(line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))


def _write(file: Path, env: Mapping[str, str]) -> None:
    """Replace the file in one step; only the owner may read it."""
    fresh = file.with_suffix(".new")
    fd = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(fd, "w") as out:
        os.fchmod(fd, 0o600)
        out.write("# Made by `make run`: the secrets are kept, the rest is written anew at every start.\n")
        out.writelines(f"{name}={value}\n" for name, value in env.items())
    fresh.replace(file)
