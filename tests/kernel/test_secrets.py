"""What holds a key or a password does not show it: a fault that mentions it must not write it into a log."""

from app.kernel.mail import Mailer
from app.kernel.tokens import Tokens


def test_tokens_do_not_show_their_keys() -> None:
    assert repr(Tokens((b"a key that nobody should read 1",))) == "Tokens()"


def test_a_mailer_does_not_show_its_password() -> None:
    mailer = Mailer("smtps://sam:opensesame@mail.example", "post@tinsel.example", "tinsel.example")
    assert repr(mailer) == "Mailer(sender='post@tinsel.example', domain='tinsel.example')"
