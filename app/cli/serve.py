"""flask serve."""

import sys

import click

from app.serve import PortTaken, Size, serve
from app.settings import Settings
from app.web.pages import ROOT


@click.command("serve")
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=5000, show_default=True)
def command(host: str, port: int) -> None:
    """Run shop and worker under one supervisor until stopped; SIGHUP renews both without a request refused."""
    try:
        code = serve(host=host, port=port, root=ROOT, size=_size)
    except PortTaken as taken:
        raise click.ClickException(str(taken)) from taken
    sys.exit(code)


def _size() -> Size:
    """From the settings as they are now: files that hold some may have changed."""
    settings = Settings()  # type: ignore[call-arg]  # all of them come from the environment
    return Size(settings.database_url, settings.web_processes, settings.web_threads)
