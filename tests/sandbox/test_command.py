"""``python -m sandbox``: one line when ready, a clean end, and what it refuses."""

import os
import re
import signal
import subprocess
import sys
from contextlib import contextmanager

import pytest
import requests

from sandbox.client import Control
from tests.sandbox.builders import session_params
from tests.sandbox.conftest import make_client

BASE = [sys.executable, "-m", "sandbox", "--port", "0"]


@contextmanager
def running(*arguments, **environment):
    """The program as a process, and its address; ended by SIGTERM, which it must obey quietly."""
    clean = {k: v for k, v in os.environ.items() if not k.startswith("SANDBOX_")}
    process = subprocess.Popen(
        [*BASE, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=clean | environment
    )
    line = process.stdout.readline()
    try:
        yield re.search(r"http://\S+?(?=[,\s])", line)[0], line
    finally:
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=10)
    assert (process.returncode, out, err) == (0, "", "")


def test_ready_and_state_over_a_restart(tmp_path):
    state, secret = ("--state", str(tmp_path / "state" / "stripe.db")), {"SANDBOX_CONTROL_TOKEN": "t"}
    with running(*state, **secret) as (url, _):
        client = make_client(url)
        session = client.v1.checkout.sessions.create(session_params(), {"idempotency_key": "k"})
        Control(url, "t").pay(session.id)
    with running(*state, **secret) as (url, _):
        client = make_client(url)
        again = client.v1.checkout.sessions.retrieve(session.id, {"expand": ["payment_intent", "line_items"]})
        assert (again.status, again.payment_intent.status, len(again.line_items.data)) == ("complete", "requires_capture", 1)
        assert client.v1.payment_intents.capture(again.payment_intent.id).status == "succeeded"
        assert len(client.v1.events.list().data) == 6
        assert len(Control(url, "t").requests()) == 3


def test_mail_and_environment(tmp_path):
    environment = {"SANDBOX_SMTP_PORT": "0", "SANDBOX_MERCHANT": "Tape Club", "SANDBOX_MAIL_DIR": str(tmp_path)}
    with running(**environment) as (url, line):
        assert "mail catcher on smtp://127.0.0.1:" in line
        assert make_client(url).v1.accounts.retrieve_current().business_profile.name == "Tape Club"
        assert requests.post(f"{url}/_local/reset", headers={"Authorization": "Bearer "}, timeout=5).status_code == 401


@pytest.mark.parametrize(
    ("arguments", "environment", "words"),
    [
        (["--host", "0.0.0.0"], {}, "this machine only"),  # noqa: S104  # to be refused
        (["--host", "192.168.1.1"], {}, "this machine only"),
        ([], {"STRIPE_SECRET_KEY": "sk_live_abc"}, "STRIPE_SECRET_KEY holds a live Stripe key"),
        ([], {"ANY_NAME": "rk_live_abc"}, "live Stripe key"),
        (["--webhook", "http://127.0.0.1:1/"], {}, "--webhook-secret"),
        (["--webhook", "ftp://x", "--webhook-secret", "whsec_1"], {}, "http(s) address"),
        (["--port", "many"], {}, "many"),
    ],
)
def test_refusals(arguments, environment, words):
    done = subprocess.run(
        [*BASE, *arguments], capture_output=True, text=True, env=os.environ | environment, timeout=10, check=False
    )
    assert done.returncode == 2
    assert words in done.stderr
    assert "sk_live_abc" not in done.stderr
    assert done.stdout == ""
