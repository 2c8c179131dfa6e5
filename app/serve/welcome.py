"""What the demo says when it is up. Pure."""

from app.serve.demo_env import Ports

LOGIN, LINK = "Staff login:", "Set-up link:"


def login_lines(seed_output: str) -> tuple[str, ...]:
    """The logins that the seed has just made: 'sam@… / password'."""
    lines = (line.strip() for line in seed_output.splitlines())
    return tuple(line.removeprefix(LOGIN).strip() for line in lines if line.startswith(LOGIN))


def welcome(ports: Ports, logins: tuple[str, ...]) -> str:
    """The block with every address a newcomer needs; a password appears in it once in its life."""
    shop, sandbox = f"http://127.0.0.1:{ports.shop}", f"http://127.0.0.1:{ports.stripe}"
    rows = [
        ("Shop", f"{shop}/"),
        ("Staff desk", f"{shop}/staff/"),
        *(("", f"{login}   (shown this once)") for login in logins),
        ("", f"make flask do='staff code {logins[0].split()[0] if logins else 'EMAIL'}' prints the six digits it asks for next"),
        *([] if logins else [("", "make flask do='staff password EMAIL' sets a new password")]),
        ("Mail catcher", f"{sandbox}/mail"),
        ("Local Stripe", f"{sandbox}/"),
    ]
    body = "\n".join(f"  {name:<14}{text}" for name, text in rows)
    return f"\nRunout is up.\n\n{body}\n\n  Ctrl-C stops everything.\n"


def link_of(setup_output: str) -> str:
    """The link that `flask setup` has just printed."""
    lines = (line.strip() for line in setup_output.splitlines())
    return next((line.removeprefix(LINK).strip() for line in lines if line.startswith(LINK)), "")


def first_welcome(ports: Ports, link: str) -> str:
    """The same for an empty shop: where to begin, or that somebody has begun."""
    shop, sandbox = f"http://127.0.0.1:{ports.shop}", f"http://127.0.0.1:{ports.stripe}"
    rows = [
        ("Begin here", link or f"{shop}/staff/   (somebody has begun: sign in to go on)"),
        ("Shop", f"{shop}/"),
        ("Mail catcher", f"{sandbox}/mail"),
        ("Local Stripe", f"{sandbox}/"),
    ]
    body = "\n".join(f"  {name:<14}{text}" for name, text in rows)
    return f"\nAn empty Runout is up. To begin once more: remove var-empty/.\n\n{body}\n\n  Ctrl-C stops everything.\n"
