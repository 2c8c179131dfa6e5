"""`python -m app.cli.worker`: what `flask work` becomes, without the web site, which a worker alone does not need."""

from app.cli.loading import loading

with loading():
    from app.checkout.house import build
    from app.kernel import logs
    from app.settings import Environment, Settings
    from app.worker import serve


def main() -> None:
    """Take outbox rows and due work until stopped."""
    settings = Settings()
    logs.configure(json=settings.environment is Environment.PRODUCTION)
    serve(build(settings))


if __name__ == "__main__":
    main()
