"""The headers of every answer: a static policy built once at start, and what must not be cached or indexed."""

from urllib.parse import urlsplit

from flask import Flask, Response, request

from app.settings import Settings

PRIVATE = (
    "/holds",
    "/orders",
    "/files",
    "/staff",
    "/reminders",
    "/your-data",
)  # pages with a token in their address, or behind a sign-in


def policy(payment_origin: str) -> str:
    """The Content-Security-Policy: nothing inline, nothing from elsewhere; forms may lead to the payment host."""
    # A browser silently blocks POST → 303 to another origin unless form-action lists it.
    return (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; media-src 'self'; "
        f"connect-src 'self'; manifest-src 'self'; form-action 'self' {payment_origin}; base-uri 'none'; frame-ancestors 'none'"
    )


def permissions(*, camera: bool = False) -> str:
    """The Permissions-Policy: nothing, or on a page that reads codes the camera."""
    return f"camera=({'self' if camera else ''}), microphone=(), geolocation=(), browsing-topics=()"


def fixed(settings: Settings) -> dict[str, str]:
    """What every answer carries."""
    headers = {
        "Content-Security-Policy": policy(settings.payment_origin),
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": permissions(),
        "X-Frame-Options": "DENY",
    }
    return headers | ({"Strict-Transport-Security": "max-age=31536000"} if settings.secure else {})


def install(app: Flask, settings: Settings) -> None:
    """Put the headers on every answer, also on errors."""
    always = fixed(settings)

    @app.after_request
    def add(response: Response) -> Response:
        for name, value in always.items():
            response.headers.setdefault(name, value)
        led_to = urlsplit(response.location or "")
        if led_to.netloc == request.host:  # a redirect within the shop names a path only: the host is what the asker claims
            response.location = led_to._replace(scheme="", netloc="").geturl()
        if request.path.startswith(PRIVATE) or request.path.endswith("/holds"):  # a take answers with a token, too
            response.headers["Cache-Control"] = "no-store"
            response.headers["X-Robots-Tag"] = "noindex"
        elif "Cache-Control" not in response.headers:
            response.headers["Cache-Control"] = "no-cache"
        return response
