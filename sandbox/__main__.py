"""``python -m sandbox``: a local Stripe and a mail catcher on this machine, until SIGTERM or Ctrl-C."""

import argparse
import os
import signal
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

from sandbox.box import Options
from sandbox.server import LocalStripe

_FLAGS: tuple[tuple[str, str, str], ...] = (
    ("--host", "127.0.0.1", "loopback address to listen on"),
    ("--port", "4242", "HTTP port; 0 takes a free one"),
    ("--webhook", "", "where signed events go, such as http://127.0.0.1:5000/webhooks/stripe"),
    ("--webhook-secret", "", "whsec_…; better by SANDBOX_WEBHOOK_SECRET, which other users cannot list"),
    ("--control-token", "", "opens /_local; better by SANDBOX_CONTROL_TOKEN; without one the controls stay shut"),
    ("--smtp-port", "", "catch mail on this port; without it no mail is caught"),
    ("--mail-dir", "", "folder that keeps caught mail over a restart"),
    ("--state", "", "file that keeps sessions and payments over a restart"),
    ("--clock-file", "", "file with an offset in seconds, shared with the shop"),
    ("--retry-scale", "1", "factor on the waits between webhook tries"),
    ("--rate-limit", "25", "calls in a second that one endpoint takes, as at Stripe; 0 for no limit"),
    ("--seed", "", "a whole number that makes identifiers, coins and dice repeat"),
    ("--merchant", "Demo merchant", "name shown on the payment page"),
    ("--country", "DE", "country of the account"),
    ("--currency", "eur", "currency of the account"),
    ("--allow-host", "", "further host names to answer to, separated by commas"),
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until told to stop; 2 when the settings are wrong."""
    parser = argparse.ArgumentParser("python -m sandbox", description=__doc__)
    for flag, default, words in _FLAGS:
        name = "SANDBOX_" + flag[2:].replace("-", "_").upper()
        parser.add_argument(flag, default=os.environ.get(name, default), help=f"{words} [{name}]")
    given = parser.parse_args(arguments)
    _refuse_live_keys(parser)
    try:
        stripe = _build(given)
        ended = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: ended.set())
        stripe.start()
    except (ValueError, OSError) as problem:
        parser.error(str(problem))
    mail = f", mail catcher on smtp://{given.host}:{stripe.smtp_port}" if stripe.smtp_port else ""
    print(f"local Stripe ready on {stripe.url}{mail}", flush=True)
    ended.wait()
    stripe.stop()
    return 0


def _build(given: argparse.Namespace) -> LocalStripe:
    if given.webhook and not given.webhook_secret:
        raise ValueError("--webhook needs a --webhook-secret to sign with")
    if given.webhook and not given.webhook.startswith(("http://", "https://")):
        raise ValueError("--webhook must be an http(s) address")
    options = Options(
        webhook=given.webhook,
        webhook_secret=given.webhook_secret,
        control_token=given.control_token,
        merchant=given.merchant,
        country=given.country.upper(),
        currency=given.currency.lower(),
        state=_path(given.state),
        clock_file=_path(given.clock_file),
        mail_dir=_path(given.mail_dir),
        retry_scale=float(given.retry_scale),
        rate_limit=float(given.rate_limit),
        seed=int(given.seed) if given.seed else None,
        allowed_hosts=tuple(name.strip() for name in given.allow_host.split(",") if name.strip()),
    )
    smtp_port = int(given.smtp_port) if given.smtp_port else None
    return LocalStripe(options, host=given.host, port=int(given.port), smtp_port=smtp_port)


def _path(value: str) -> Path | None:
    return Path(value) if value else None


def _refuse_live_keys(parser: argparse.ArgumentParser) -> None:
    """A stand-in beside a live key is a mistake that costs money."""
    live = [name for name, value in os.environ.items() if value.startswith(("sk_live_", "rk_live_"))]
    if live:
        parser.error(f"{live[0]} holds a live Stripe key; the local Stripe does not run beside one")


if __name__ == "__main__":
    sys.exit(main())
