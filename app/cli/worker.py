"""`python -m app.cli.worker`: what `flask work` does, without the web site, which a worker does not need."""

import os

from app.cli.loading import loading

with loading():
    from app.checkout.house import build
    from app.kernel import logs
    from app.settings import Environment, Settings
    from app.worker import make_worker

BEHIND = 5  # how nice it is: where both want a core, who waits for a page goes before what can be done a moment later


def main() -> None:
    """Take outbox rows and due work until stopped."""
    os.nice(BEHIND)
    settings = Settings()  # type: ignore[call-arg]  # all of them come from the environment
    logs.configure(json=settings.environment is Environment.PRODUCTION)
    make_worker(build(settings)).run()


if __name__ == "__main__":
    main()
