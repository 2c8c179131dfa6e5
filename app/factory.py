"""Puts the application together; reads like a table of contents."""

import importlib
from datetime import datetime, timedelta
from functools import partial

from flask import Flask
from flask_login import LoginManager
from sqlalchemy.orm import configure_mappers
from werkzeug.middleware.proxy_fix import ProxyFix

from app import shop, staff
from app.checkout.house import build
from app.cli import commands
from app.cli.loading import loading
from app.kernel import logs as log_lines
from app.settings import Environment, Settings
from app.shop import metrics
from app.shop.quick import QuickTake
from app.staff import guard
from app.web import errors, guards, headers, house, logs, pages
from app.web.doorman import Doorman
from app.worker import serve, stand_in


def create_app(settings: Settings) -> Flask:
    """The whole shop for these settings: public site, back office and command line."""
    app = Flask("app", template_folder=str(pages.ROOT / "templates"), static_folder=None)
    log_lines.configure(json=settings.environment is Environment.PRODUCTION)
    _configure(app, settings)
    home = build(settings)
    house.furnish(app, home)
    logs.install(app)
    guards.install(app)
    headers.install(app, settings)
    errors.install(app)
    pages.install(app, settings)
    _sign_in(app)
    app.register_blueprint(shop.bp)
    app.register_blueprint(staff.bp)
    commands.install(app)
    app.extensions["runout_doorman"] = Doorman(app, settings, partial(metrics.count_many, app))  # for the gate
    _wrap(app, settings)
    app.extensions["runout_first"] = partial(_first, app)
    app.extensions["runout_beside"] = partial(stand_in.beside, app)
    app.extensions["runout_worker"] = lambda: serve(home)
    app.extensions["runout_backup"] = partial(_backup_now, app)  # for the desk, which lies below it
    return app


def _first(app: Flask) -> None:
    """What is done before the processes are forked, so that they share what comes of it."""
    with loading():
        configure_mappers()
        pages.compile_all(app)


def _backup_now(app: Flask, now: datetime) -> str | None:
    """What stood in the way of a backup. Loaded when somebody presses the button: no web process carries it before."""
    trouble: str | None = importlib.import_module("app.backup.now").one_now(app, now)
    return trouble


def _configure(app: Flask, settings: Settings) -> None:
    current, *old = (key.decode() for key in settings.signing_keys)
    app.config.update(
        SECRET_KEY=current,
        SECRET_KEY_FALLBACKS=old,
        SESSION_COOKIE_NAME="__Host-desk" if settings.secure else "desk",
        SESSION_COOKIE_SECURE=settings.secure,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_REFRESH_EACH_REQUEST=False,  # else a page that anybody may cache would carry a staff member's cookie
        PERMANENT_SESSION_LIFETIME=timedelta(hours=12),
        WTF_CSRF_CHECK_DEFAULT=False,  # the desk's guard asks for the token itself
        WTF_CSRF_TIME_LIMIT=12 * 3600,
        WTF_CSRF_SSL_STRICT=False,  # cross-site posts are refused by Sec-Fetch-Site and Origin before
    )


def _wrap(app: Flask, settings: Settings) -> None:
    """What a request comes through before Flask: first the proxies are believed as far as they are trusted."""
    app.wsgi_app = QuickTake(app, settings)  # type: ignore[method-assign,assignment]  # how Flask is wrapped
    if hops := settings.trusted_hops:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=0, x_prefix=0)  # type: ignore[method-assign]  # as above


def _sign_in(app: Flask) -> None:
    logins = LoginManager()
    # Not init_app: its hooks read the session on every answer, and each public page would vary by cookie.
    app.login_manager = logins  # type: ignore[attr-defined]  # where flask-login looks for it
    logins.user_loader(guard.load)
    logins.session_protection = None  # our sessions are rows; an address may change on a phone
    guard.csrf.init_app(app)
