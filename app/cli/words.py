"""What several commands say and ask alike."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click

from app.kernel.errors import Refusal


@contextmanager
def said(*troubles: type[Exception]) -> Iterator[None]:
    """Turns a refusal, or one of these troubles, into a sentence on the terminal."""
    try:
        yield
    except troubles as trouble:
        raise click.ClickException(str(trouble)) from trouble
    except Refusal as refusal:
        wrong = [f"{name}: {sentence}" for name, sentence in getattr(refusal, "fields", {}).items()]
        raise click.ClickException(" ".join(wrong) or refusal.detail) from refusal


@contextmanager
def bar(what: str, steps: int) -> Iterator[Callable[[int], object]]:
    """Progress for who watches; a timer's log stays empty."""
    with click.progressbar(length=steps, label=what, file=sys.stderr, hidden=not sys.stderr.isatty()) as shown:
        yield shown.update
