"""Letters about a fan's own data: the link to it, and how an erasure stands."""

from app.catalogue.models import Label
from app.kernel.mail import Letter
from app.kernel.schema import JsonDict
from app.privacy import data_links, erasing, erasures, persons
from app.privacy.erasures import ASKED, ERASED, PARTLY
from app.privacy.models import DataLink, Erasure, ErasureState
from app.reports import fan_data, kept_words
from app.reports.letter_desk import LetterDesk
from app.reports.letter_paper import at, letter
from app.reports.sleeves import imprint, is_alone


def link(desk: LetterDesk, payload: JsonDict) -> Letter | None:
    """The link to what is held; None when another one was asked for since."""
    found = desk.session.get(DataLink, payload["data_link"])
    labels = persons.labels_of(desk.session, found.email, found.email_key) if found is not None else ()
    if found is None or found.generation != payload["generation"] or not labels:
        return None
    label = desk.session.get_one(Label, labels[0])
    return letter(
        "data_link",
        f"{data_links.MAIL}.{found.id}.{found.generation}",
        found.email,
        f"What {label.name if len(labels) == 1 else desk.shop} holds about you",
        shop=desk.shop,
        label=imprint(label, alone=is_alone(desk.session)),
        write_to=label.email,
        until=at(found.sent_at + data_links.LASTS, label.time_zone),
        url=f"{desk.base_url}/your-data/{data_links.token(desk.tokens, found)}",
    )


def asked(desk: LetterDesk, payload: JsonDict) -> Letter | None:
    """It will be erased; how to take that back."""
    return _about(desk, payload, ASKED, "You will be erased at {label}")


def partly(desk: LetterDesk, payload: JsonDict) -> Letter | None:
    """It is erased, but for what must stay for now."""
    return _about(desk, payload, PARTLY, "Erased at {label}, but for what must stay a while")


def erased(desk: LetterDesk, payload: JsonDict) -> Letter | None:
    """All is erased; the last that is heard."""
    return _about(desk, payload, ERASED, "You are erased at {label}")


def _about(desk: LetterDesk, payload: JsonDict, kind: str, subject: str) -> Letter | None:
    found = desk.session.get(Erasure, payload["erasure"])
    if found is None or found.state is not ErasureState.WAITING:
        return None
    label = desk.session.get_one(Label, found.label_id)
    stays = fan_data.stays(desk.session, erasing.left(desk.session, found), found.looked_at or found.asked_at)
    return letter(
        "erasure",
        f"{kind}.{found.id}",
        found.email,
        subject.format(label=label.name),
        stage=kind,
        by_desk=found.staff_id is not None,
        label=imprint(label, alone=is_alone(desk.session)),
        write_to=label.email,
        due=at(found.due_at, label.time_zone),
        stays=kept_words.sentences(stays, label.time_zone),
        url=f"{desk.base_url}/your-data/erasures/{erasures.token(desk.tokens, found)}",
    )
