"""What the demo says when it is up."""

from app.cli import setup
from app.serve import welcome
from app.serve.demo_env import Ports

PORTS = Ports(5000)


def test_the_link_of_a_first_run_is_said_as_it_was_printed() -> None:
    assert welcome.LINK == setup.LINK
    link = welcome.link_of(f"{setup.LINK} http://127.0.0.1:5000{setup.PATH}abc\nWhoever opens it first owns the shop.\n")
    assert link == "http://127.0.0.1:5000/staff/setup/begin/abc"
    assert link in welcome.first_welcome(PORTS, link)


def test_once_somebody_has_begun_there_is_no_link() -> None:
    assert welcome.link_of("Somebody works here already") == ""
    assert "sign in to go on" in welcome.first_welcome(PORTS, "")


def test_the_demos_logins_are_said_once() -> None:
    assert welcome.login_lines("x\nStaff login: sam@h.example / secret\n") == ("sam@h.example / secret",)
    assert "secret" in welcome.welcome(PORTS, ("sam@h.example / secret",))
