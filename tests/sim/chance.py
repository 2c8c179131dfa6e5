"""All chance from one source: what the shop, the SDK and the database draw by themselves comes from the story's dice."""

import contextlib
import os
import random
import secrets
import shutil
import smtplib
import sys
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator
from random import Random
from typing import Any

import pytest
import stripe
import structlog
from sqlalchemy import Engine, event

from app.kernel.errors import Refusal
from app.shop import gone
from app.web.caching import MicroCache
from tests.sim.wire import Postbox, Wire


@contextlib.contextmanager
def tamed(dice: Random, complaints: "Complaints") -> Iterator[None]:
    """While this is open, tokens, ids and jitter are drawn from the dice, nothing is cached by the real clock, and nobody logs."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(secrets, "token_urlsafe", lambda size=32: urlsafe_b64encode(dice.randbytes(size)).rstrip(b"=").decode())
        patch.setattr(secrets, "token_hex", lambda size=32: dice.randbytes(size).hex())
        patch.setattr(os, "urandom", dice.randbytes)
        for name in ("random", "uniform", "randint", "choice", "shuffle"):
            patch.setattr(random, name, getattr(dice, name))
        patch.setattr(MicroCache, "get", lambda _self, _key, make, _lasts=None: make())
        patch.setattr(gone, "SECONDS", 0.0)
        patch.setattr(gone, "LATE", 0.0)
        patch.setattr(shutil, "disk_usage", lambda _folder: shutil._ntuple_diskusage(10**12, 0, 10**12))
        for module in _loggers():
            patch.setattr(module, "log", complaints)
        yield


@contextlib.contextmanager
def mounted(wire: Wire, postbox: Postbox, wait: Callable[[float], None]) -> Iterator[None]:
    """While this is open, the SDK asks our wire and waits by our clock, and SMTP leads to our postbox."""

    def pause(_client: object, tries: int) -> float:
        wait(float(tries))
        return 0.0

    def request(_client: object, method: str, url: str, headers: Any, post_data: Any = None, **_usage: Any) -> Any:
        return wire.request(method, url, headers, post_data)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(stripe.RequestsClient, "request", request)
        patch.setattr(stripe.RequestsClient, "_sleep_time_seconds", pause)
        patch.setattr(smtplib, "SMTP", postbox.connect)
        yield


def quicken(engine: Engine, dice: Random) -> None:
    """No waiting for disks or locks, and the database's own chance from the dice."""

    def prepare(connection: Any, _record: object) -> None:
        for pragma in ("synchronous=OFF", "busy_timeout=0"):
            connection.execute(f"PRAGMA {pragma}")
        connection.create_function("random", 0, lambda: dice.getrandbits(62))

    event.listen(engine, "connect", prepare)


class Complaints:
    """Stands where the shop's loggers stand: keeps faults, forgets the rest."""

    def __init__(self) -> None:
        self.faults: list[str] = []

    def error(self, what: str, /, **more: Any) -> None:
        """A fault that a person should see; a broken invariant is seen elsewhere, and an absent Stripe is no fault of ours."""
        if what not in {"invariant broken", "stripe is away"}:
            self._keep(what, more.get("exc_info"))

    def exception(self, what: str, /, **_more: Any) -> None:
        """The same about the exception in hand."""
        self._keep(what, sys.exception())

    def info(self, what: str, /, **more: Any) -> None:
        """Not of interest."""

    debug = warning = info

    def _keep(self, what: str, fault: BaseException | None) -> None:
        if not isinstance(fault, Refusal):  # a busy database is no fault
            self.faults.append(f"{what}: {type(fault).__name__}: {fault}")


def _loggers() -> list[Any]:
    lazy = type(structlog.get_logger())
    return [
        module
        for name, module in sorted(sys.modules.items())
        if name.startswith("app.") and isinstance(getattr(module, "log", None), lazy)
    ]
