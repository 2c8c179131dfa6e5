"""What one person says who is their own second: their password once more, and why nobody else could say yes."""

from app.staff import own_password
from app.staff.asking import Form


def reason_alone() -> str:
    """Why nobody else could, once the password is right; it is checked outside any transaction. BadInput, TooMany."""
    own_password.check("password")
    form = Form()
    reason = form.text("why", "The reason", most=200, least=1)
    form.check()
    return reason
