"""Who may do what at the desk: every view says which deed it is, a view that says nothing is nobody's."""

from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar

from flask import current_app, make_response, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import UserMixin, current_user
from flask_wtf.csrf import CSRFError, CSRFProtect

from app.accounts import signin
from app.accounts.people import Person
from app.accounts.roles import Deed
from app.accounts.signin import Visit
from app.catalogue import labels
from app.kernel.errors import Forbidden, NotFound
from app.staff import typed
from app.web.errors import wants_json
from app.web.house import now, reading, transaction

P = ParamSpec("P")
R = TypeVar("R")

csrf = CSRFProtect()
_OPEN, _HALF = "open to everybody", "open once the password is right"
_FOUNDER = "open to who founds the shop"


class SignedIn(UserMixin):
    """What flask-login keeps for a request: whose visit it is, known by their session's token."""

    def __init__(self, token: str, visit: Visit) -> None:
        self.token = token
        self.visit = visit

    def get_id(self) -> str:
        """flask-login stores this in the signed cookie; it is the session's token, not the account's id."""
        return self.token


def load(token: str) -> SignedIn | None:
    """flask-login's user loader."""
    with reading() as session:
        found = signin.who(session, token, now())
    if found is None:
        return None
    if found.due:
        with transaction() as session:
            signin.seen(session, token, now())
    return SignedIn(token, found)


def needs(deed: Deed) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Mark a view as a deed that one's role must allow at some label; `require` then asks about the label at hand."""

    def mark(view: Callable[P, R]) -> Callable[P, R]:
        view.runout_deed = deed  # type: ignore[attr-defined]  # read back by check_request
        return view

    return mark


def open_to_all(view: Callable[P, R]) -> Callable[P, R]:
    """Mark a view as reachable without signing in."""
    view.runout_deed = _OPEN  # type: ignore[attr-defined]  # read back by check_request
    return view


def open_to_half(view: Callable[P, R]) -> Callable[P, R]:
    """Mark a view as reachable before the second factor is shown; it must itself say what it does for whom."""
    view.runout_deed = _HALF  # type: ignore[attr-defined]  # read back by check_request
    return view


def open_to_founder(view: Callable[P, R]) -> Callable[P, R]:
    """Mark a view as reachable, second factor and all, for who has no label while the shop has none; else it does not exist."""
    view.runout_deed = _FOUNDER  # type: ignore[attr-defined]  # read back by check_request
    return view


def asks_again(view: Callable[P, R]) -> Callable[P, R]:
    """Mark a view as about money or people: who said a while ago who they are says it once more first.

    Who has shown a password only has just said it.
    """
    view.runout_asks_again = True  # type: ignore[attr-defined]  # read back by check_request
    return view


def accepts(most: int) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Mark a view as taking a body of up to `most` bytes, for uploads and long texts; the others take what a form needs."""

    def mark(view: Callable[P, R]) -> Callable[P, R]:
        view.runout_most = most  # type: ignore[attr-defined]  # read back by check_request
        return view

    return mark


def deed_of(view: Callable[..., Any]) -> Deed | str | None:
    """What a view declared; None when it declared nothing."""
    found: Deed | str | None = getattr(view, "runout_deed", None)
    return found


def check_request() -> ResponseReturnValue | None:
    """Before every desk view: signed in with both factors, the deed declared and allowed, who they are fresh, form token right."""
    view = current_app.view_functions[request.endpoint] if request.endpoint else None
    declared = deed_of(view) if view else None
    if declared is not _OPEN:
        if not current_user.is_authenticated:
            return _lead("staff.sign_in")
        if declared is not _HALF and not visit().proven:
            return _lead("staff.factor")
        if declared is not _HALF and (led := _check_deed(declared)) is not None:
            return led
    if getattr(view, "runout_asks_again", False) and (led := again_first()) is not None:
        return led
    if request.method not in {"GET", "HEAD", "OPTIONS"}:
        _widen()
        try:
            csrf.protect()
        except CSRFError as fault:
            raise Forbidden("This page was open for too long, so its form has expired. Reload the page and do it again.") from fault
    return None


def _check_deed(declared: Deed | str | None) -> ResponseReturnValue | None:
    """Nothing when the deed is allowed; who founds a shop is led to its first page."""
    founds = not person().roles and _has_no_label()
    if declared is _FOUNDER and not founds:
        raise NotFound("There is nothing at this address.")
    if declared is _FOUNDER or (isinstance(declared, Deed) and person().anywhere(declared)):
        return None
    if founds:
        return redirect(url_for("staff.setup_label"), 303)
    raise Forbidden("Your account may not do this. Ask an owner of the label if you should.")


def _has_no_label() -> bool:
    with reading() as session:
        return labels.none_yet(session)


def _widen() -> None:
    """Take a larger body where the view said so, before anything reads it and only once the person may."""
    view = current_app.view_functions[request.endpoint] if request.endpoint else None
    most: int | None = getattr(view, "runout_most", None)
    if most is not None:
        request.max_content_length = request.max_form_memory_size = most


def visit() -> Visit:
    """The signed-in browser, perhaps before its second factor."""
    return _user().visit


def token() -> str:
    """The token of the browser's session."""
    return _user().token


def person() -> Person:
    """Who is signed in, second factor and all."""
    if not visit().proven:
        raise Forbidden("Please show your second factor first.")
    return visit().person


def came_from() -> str:
    """The desk page that the person was on, when the browser says so and it is ours."""
    referrer = request.referrer or ""
    path = referrer.removeprefix(request.host_url.rstrip("/"))
    return path if path.startswith("/staff") and path != referrer and _shows(path) else "/staff/"


def _shows(path: str) -> bool:
    """May it lead somebody back: a page of its own, and not what is being refused as they ask for it."""
    if path.partition("?")[0] != request.path:
        return True
    return request.method != "GET" and _is_page(request.path)


def _is_page(path: str) -> bool:
    adapter = current_app.create_url_adapter(request)
    return adapter is not None and adapter.test(path.partition("?")[0], method="GET")


def _user() -> SignedIn:
    user = current_user._get_current_object()
    if not isinstance(user, SignedIn):
        raise Forbidden("Please sign in.")
    return user


def _lead(endpoint: str) -> ResponseReturnValue:
    """To another page first, and then on to what was asked for."""
    next_ = request.full_path.rstrip("?") if request.method == "GET" else None
    return redirect(url_for(endpoint, next=next_), 303)


def again_first() -> ResponseReturnValue | None:
    """Nothing when who they are is fresh, else to where they say so: for a view of whose deeds only some are about people."""
    return _ask_again() if visit().proven and not visit().fresh else None


def _ask_again() -> ResponseReturnValue:
    """Nothing is done yet; afterwards they are on the page where they wanted to do it: a file is none, and has its link on one."""
    if wants_json():
        raise Forbidden("It is a while since you said who you are. Do that on /staff/again, and then this once more.")
    if request.method == "GET":
        is_page = "." not in request.path
        return redirect(url_for("staff.again", next=request.full_path.rstrip("?") if is_page else came_from()), 303)
    page = _page_of(came_from())
    answer = make_response(redirect(url_for("staff.again", next=page), 303))
    if not (_is_ours() and typed.keep(answer, page, visit().session_id)):
        typed.forget(answer)
    return answer


def _page_of(path: str) -> str:
    """The page at this path; where it only takes answers, the one that this answer would have come from."""
    return next((each for each in (path, request.path) if _is_page(each)), "/staff/")


def _is_ours() -> bool:
    """Did a form of the desk bring this? What a stranger's page sends must never stand in one."""
    try:
        csrf.protect()
    except CSRFError:
        return False
    return True


def require(label_id: int, deed: Deed) -> Person:
    """The person, if their role at that label allows this; otherwise the thing does not exist for them."""
    who = person()
    if label_id not in who.roles:
        raise NotFound("There is nothing here that is yours to see.")
    if not who.may(label_id, deed):
        raise Forbidden("Your account may not do this. Ask an owner of the label if you should.")
    return who


def label_ids(deed: Deed) -> list[int]:
    """The labels where the person's role allows this."""
    who = person()
    return [label_id for label_id in who.roles if who.may(label_id, deed)]


def actor() -> str:
    """How the person is written into stock movements."""
    return f"staff:{person().id}"
