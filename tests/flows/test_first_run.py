"""An empty shop is set up over HTTP, without a script: by who has the link, step by step, and nobody else."""

import json
import re
import socket
from collections.abc import Iterator
from email import message_from_bytes
from email.message import Message
from io import BytesIO
from pathlib import Path

import pyotp
import pytest
import stripe
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope
from aiosmtpd.smtp import Session as SmtpSession
from flask import Flask
from PIL import Image
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from app.accounts.models import AuditEntry, Staff, StaffRole
from app.accounts.roles import Role
from app.catalogue.logos import LabelLogo
from app.catalogue.models import Label, Media
from app.fulfilment.models import PostageRate, PostageZone
from app.kernel import heartbeat
from app.kernel.db import Database, reading, transaction
from app.payments.gateway import Gateway
from app.staff import checks_run
from sandbox import LocalStripe
from tests.cast import StoppedClock
from tests.site import WEBHOOK_SECRET, make_app
from tests.staff.door import codes_of, following
from tests.staff.seat import Seat, words

LINK = re.compile(r"http://\S+?(/staff/setup/begin/\S+)")
YOU = {"name": "Mara", "email": "mara@tinsel.example", "password": "seven tapes in a drawer", "again": "seven tapes in a drawer"}
LABEL = {
    "name": "Tinsel Tapes", "tagline": "", "email": "desk@tinsel.example", "country": "AT", "currency": "EUR",
    "time_zone": "Europe/Vienna", "slug": "",
}  # fmt: skip
RATES = {"home_on": "1", "home_price": "5.80", "home_grams": "2000", "europe_price": "1", "europe_grams": "1"}
RATES |= {"world_on": "1", "world_price": "24", "world_grams": "1500"}


class Post:
    """A mail server that keeps what it is given, or says no."""

    def __init__(self) -> None:
        self.got: list[Message] = []
        self.no = ""
        self.port = 0

    async def handle_MAIL(  # noqa: N802 - aiosmtpd's name
        self, _server: SMTP, _session: SmtpSession, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        envelope.mail_from = address
        return self.no or "250 OK"

    async def handle_DATA(self, _server: SMTP, _session: SmtpSession, envelope: Envelope) -> str:  # noqa: N802 - as above
        self.got.append(message_from_bytes(envelope.content or b""))
        return "250 OK"


@pytest.fixture
def post() -> Iterator[Post]:
    keeper = Post()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        keeper.port = free.getsockname()[1]
    server = Controller(keeper, hostname="127.0.0.1", port=keeper.port)
    server.start()
    yield keeper
    server.stop()


@pytest.fixture
def app(db: Database, clock: StoppedClock, gateway: Gateway, post: Post, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Flask:
    monkeypatch.setattr(checks_run, "WAIT", 0.0)
    settings: dict[str, object] = {"smtp_url": f"smtp://127.0.0.1:{post.port}", "backup_dir": tmp_path / "backups"}
    return make_app(db, clock, gateway, media_dir=tmp_path / "media", **settings)


def printed(app: Flask) -> str:
    """The path of the link that the command prints."""
    said = app.test_cli_runner().invoke(args=["setup"])
    found = LINK.search(said.output)
    assert found, (said.output, said.exception)
    return found[1]


def at(app: Flask, path: str, seat: Seat | None = None) -> Seat:
    """A browser with a page's form before it."""
    client = seat.client if seat else app.test_client()
    page = client.get(path, follow_redirects=True)
    assert page.status_code == 200, path
    return Seat(client, page.get_data(as_text=True).split('name="csrf_token" value="')[1].split('"')[0], 0)


def led(answer: TestResponse) -> tuple[int, str]:
    return answer.status_code, answer.headers.get("Location", "").split("?")[0]


def founded(app: Flask, db: Database, clock: StoppedClock) -> Seat:
    """Mara signed in, second factor and all, with no label yet."""
    link = printed(app)
    seat = at(app, link)
    assert led(seat.post(link, YOU)) == (303, "/staff/factor")
    for half in ("/staff/", "/staff/setup", "/staff/setup/label"):
        assert led(seat.get(half)) == (303, "/staff/factor"), half
    seat = at(app, "/staff/factor", seat)
    with reading(db) as session:
        mara = session.scalars(select(Staff.id)).one()
    answer = seat.post("/staff/factor/enrol", {"code": pyotp.TOTP(following(db, mara)).at(clock.now())})
    assert len(codes_of(answer)) == 10
    assert led(seat.get("/staff/")) == (303, "/staff/setup/label")
    return at(app, "/staff/setup/label", seat)


def labelled(app: Flask, db: Database, clock: StoppedClock) -> Seat:
    """With a label that is being set up."""
    seat = founded(app, db, clock)
    assert led(seat.post("/staff/setup/label", LABEL)) == (303, "/staff/setup/look")
    return at(app, "/staff/setup/look", seat)


def heard(app: Flask, local: LocalStripe, clock: StoppedClock, secret: str = WEBHOOK_SECRET) -> int:
    """Stripe tells the shop of what happened last; how that was answered."""
    body = json.dumps(local.control.objects("event")[-1])
    signature = stripe.WebhookSignature.generate_signature_header(body, secret, timestamp=int(clock.now().timestamp()))
    return app.test_client().post("/webhooks/stripe", data=body, headers={"Stripe-Signature": signature}).status_code


def deeds(db: Database) -> list[str]:
    with reading(db) as session:
        return list(session.scalars(select(AuditEntry.deed).order_by(AuditEntry.id)))


def test_the_whole_of_it(app: Flask, db: Database, clock: StoppedClock, local_stripe: LocalStripe, post: Post) -> None:
    assert "being set up" in words(app.test_client().get("/"))
    seat = labelled(app, db, clock)
    assert led(seat.post("/staff/setup/look", {"loud": "#0a7d4f", "quiet": "#7a4a9e"})) == (303, "/staff/setup/texts")
    assert "mara" not in words(seat.get("/staff/setup/texts"))
    assert led(seat.post("/staff/setup/texts", {"imprint": "Tinsel Tapes, Vienna", "terms": "We post within a week."})) == (
        303,
        "/staff/setup/postage",
    )
    assert "Austria" in words(seat.get("/staff/setup/postage"))
    assert led(seat.post("/staff/setup/postage", RATES)) == (303, "/staff/setup/mail")
    here = {"next": "/staff/setup/mail"}
    assert led(seat.post("/staff/checks/mail/send", {"to": "me@elsewhere.example", **here})) == (303, "/staff/setup/mail")
    [letter] = post.got
    assert letter["To"] == "me@elsewhere.example"
    word = str(letter["Subject"]).split()[0]
    assert word not in seat.get("/staff/setup/mail").get_data(as_text=True)
    assert seat.post("/staff/checks/mail/word", {"word": "WRONGX", **here}).status_code == 422
    assert led(seat.post("/staff/checks/mail/word", {"word": word.lower(), **here})) == (303, "/staff/setup/mail")
    assert "A letter to me@elsewhere.example arrived." in words(seat.get("/staff/setup/mail"))
    assert led(seat.post("/staff/setup/later/mail")) == (303, "/staff/setup/stripe")
    seat.post("/staff/checks", {"next": "/staff/setup/stripe"})
    assert "on its way" in words(seat.get("/staff/setup/stripe"))
    assert heard(app, local_stripe, clock) == 200
    said = words(seat.get("/staff/setup/stripe"))
    assert "The key may do everything" in said
    assert "signed with the right secret" in said
    assert led(seat.post("/staff/setup/later/stripe")) == (303, "/staff/setup/machine")
    assert "No backup was ever made" in words(seat.get("/staff/setup/machine"))
    seat.post("/staff/checks/backup", {"next": "/staff/setup/machine"})
    assert "The last backup was made" in words(seat.get("/staff/setup/machine"))
    assert led(seat.post("/staff/setup/later/machine")) == (303, "/staff/setup/done")
    assert "first drop" in words(seat.get("/staff/setup/done"))
    assert led(seat.post("/staff/setup/done")) == (303, "/staff/")
    for path in ("", "/label", "/look", "/texts", "/postage", "/mail", "/stripe", "/machine", "/done"):
        assert seat.get(f"/staff/setup{path}").status_code == 404, path
    with reading(db) as session:
        label = session.scalars(select(Label)).one()
        assert (label.name, label.slug, label.country, label.ink_loud) == ("Tinsel Tapes", "tinsel-tapes", "AT", "#0a7d4f")
        assert session.scalars(select(StaffRole.role)).all() == [Role.OWNER]
        zones = session.execute(select(PostageZone.name, PostageZone.countries).order_by(PostageZone.id)).all()
        assert zones == [("Austria", "AT"), ("Everywhere else", "*")]
        rates = session.execute(select(PostageRate.amount, PostageRate.max_weight).order_by(PostageRate.id)).all()
        assert rates == [(580, 2000), (2400, 1500)]
    assert [each for each in deeds(db) if each.split(".")[0] in {"staff", "label", "zone", "rate"}] == [
        "staff.founding_begun", "staff.founded", "label.made", "label.inked", "label.text_written", "label.text_written",
        "zone.added", "rate.added", "zone.added", "rate.added", "label.set_up",
    ]  # fmt: skip


def test_only_the_link_founds_a_shop(app: Flask, db: Database, clock: StoppedClock) -> None:
    printed_one, stranger = printed(app), app.test_client()
    for path in ("/staff/setup/begin/x", "/staff/setup/begin/" + "A" * 32):
        assert (stranger.get(path).status_code, at(app, "/staff/sign-in").post(path, YOU).status_code) == (404, 404)
    for path in ("", "/label", "/look", "/done"):
        assert led(stranger.get(f"/staff/setup{path}")) == (303, "/staff/sign-in")
    with reading(db) as session:
        assert session.scalar(select(func.count()).select_from(Staff)) == 0
    newer = printed(app)
    assert stranger.get(printed_one).status_code == 404
    clock.forward(minutes=61)
    assert stranger.get(newer).status_code == 404
    assert at(app, "/staff/sign-in").post(newer, YOU).status_code == 404


def test_the_link_counts_once(app: Flask, db: Database, clock: StoppedClock) -> None:
    link = printed(app)
    seat, other = at(app, link), at(app, link)
    assert seat.post(link, {**YOU, "password": "password1234", "again": "password1234"}).status_code == 422
    assert seat.post(link, {**YOU, "again": "another one altogether"}).status_code == 422
    assert seat.post(link, {**YOU, "email": "mara"}).status_code == 422
    assert led(seat.post(link, YOU)) == (303, "/staff/factor")
    assert other.post(link, {**YOU, "email": "eve@example.org"}).status_code == 404
    assert app.test_client().get(link).status_code == 404
    said = app.test_cli_runner().invoke(args=["setup"])
    assert (said.exit_code, "works here already" in said.output) == (1, True)
    with reading(db) as session:
        assert session.scalars(select(Staff.email)).all() == ["mara@tinsel.example"]


def test_the_link_is_stored_nowhere(app: Flask, db: Database) -> None:
    token = printed(app).rpartition("/")[2]
    with db.engine.connect() as connection:
        rows = connection.exec_driver_sql("SELECT * FROM founding_links").all()
        assert token not in str(rows + connection.exec_driver_sql("SELECT * FROM audit_log").all())


def test_tries_at_the_link_are_throttled(app: Flask) -> None:
    seat = at(app, printed(app))
    answers = [seat.post("/staff/setup/begin/none", YOU).status_code for _ in range(21)]
    assert answers == [404] * 20 + [429]


def test_who_founds_may_stop_and_go_on(app: Flask, db: Database, clock: StoppedClock) -> None:
    seat = founded(app, db, clock)
    assert seat.client.post("/staff/setup/label", data=LABEL).status_code == 403  # without the form's token
    assert seat.post("/staff/setup/label", {**LABEL, "name": ""}).status_code == 422
    assert "Please fill this in" in words(seat.post("/staff/setup/label", {**LABEL, "name": ""}))
    seat.post("/staff/setup/label", LABEL)
    assert seat.post("/staff/setup/label", {**LABEL, "name": "Another"}).status_code == 404
    assert led(seat.get("/staff/setup")) == (303, "/staff/setup/look")
    seat.post("/staff/setup/later/look")
    assert led(seat.get("/staff/setup")) == (303, "/staff/setup/texts")
    assert "Go on where you stopped" in words(seat.get("/staff/"))
    assert seat.get("/staff/setup/look").status_code == 200  # back is possible
    assert seat.post("/staff/setup/later/nothing").status_code == 404


def test_a_label_of_the_command_line_gets_its_owner(app: Flask, db: Database, clock: StoppedClock) -> None:
    words_ = ["--email", "desk@tinsel.example", "--currency", "EUR", "--time-zone", "Europe/Berlin", "--country", "DE"]
    assert app.test_cli_runner().invoke(args=["label", "add", "Tinsel Tapes", *words_]).exit_code == 0
    link = printed(app)
    at(app, link).post(link, YOU)
    with reading(db) as session:
        assert session.scalars(select(StaffRole.role)).all() == [Role.OWNER]


def test_a_logo_is_kept_and_shown(app: Flask, db: Database, clock: StoppedClock) -> None:
    seat = labelled(app, db, clock)
    inks = {"loud": "#0a7d4f", "quiet": "#7a4a9e"}
    assert seat.post("/staff/setup/look", {**inks, "logo": (_file(b"GIF8 nothing"), "logo.png")}).status_code == 422
    assert led(seat.post("/staff/setup/look", {**inks, "logo": (_file(_png()), "logo.png")})) == (303, "/staff/setup/texts")
    seat.post("/staff/setup/look", {**inks, "logo": (_file(_png()), "logo.png")})
    with reading(db) as session:
        [file] = session.scalars(select(Media.file).join(LabelLogo, LabelLogo.media_id == Media.id))
        assert session.scalar(select(func.count()).select_from(Media)) == 1
    assert file.removesuffix(".jpg") in seat.get("/staff/setup/look").get_data(as_text=True)
    app.extensions["runout_memory"].clear()
    assert file.removesuffix(".jpg") in app.test_client().get("/").get_data(as_text=True)
    with reading(db) as session:
        label = session.scalars(select(Label.id)).one()
    assert file.removesuffix(".jpg") in seat.get(f"/staff/labels/{label}/inks").get_data(as_text=True)
    assert led(seat.post(f"/staff/labels/{label}/logo/remove")) == (303, f"/staff/labels/{label}/inks")
    app.extensions["runout_memory"].clear()
    assert "front-logo" not in app.test_client().get("/").get_data(as_text=True)
    assert app.test_client().get(f"/media/{file}").status_code == 404
    assert {"label.logo_set", "label.logo_removed"} <= set(deeds(db))


@pytest.mark.parametrize(
    ("form", "field"),
    [({"loud": "#fdfdfd", "quiet": "#7a4a9e"}, "loud"), ({"loud": "#0a7d4f", "quiet": "mud"}, "quiet"), ({}, "loud")],
)
def test_inks_that_cannot_be_read_are_refused(
    app: Flask, db: Database, clock: StoppedClock, form: dict[str, str], field: str
) -> None:
    answer = labelled(app, db, clock).post("/staff/setup/look", form)
    assert (answer.status_code, f'id="e-{field}"' in answer.get_data(as_text=True)) == (422, True)


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"home_price": "much"}, "home_price"),
        ({"world_grams": "0"}, "world_grams"),
        ({"home_on": "", "world_on": ""}, "home_on"),
    ],
)
def test_postage_that_cannot_be_is_refused(
    app: Flask, db: Database, clock: StoppedClock, changed: dict[str, str], field: str
) -> None:
    answer = labelled(app, db, clock).post("/staff/setup/postage", {**RATES, **changed})
    assert (answer.status_code, f'id="e-{field}"' in answer.get_data(as_text=True)) == (422, True)
    with reading(db) as session:
        assert session.scalar(select(func.count()).select_from(PostageZone)) == 0


def test_postage_is_not_made_twice(app: Flask, db: Database, clock: StoppedClock) -> None:
    seat = labelled(app, db, clock)
    for _time in range(2):
        assert led(seat.post("/staff/setup/postage", RATES)) == (303, "/staff/setup/mail")
    with reading(db) as session:
        assert session.scalar(select(func.count()).select_from(PostageZone)) == 2


@pytest.mark.parametrize(
    ("no", "word"),
    [("535 5.7.8 no", "the user or the password"), ("550 not from you", "MAIL_FROM"), ("451 later", "would not send for")],
)
def test_a_mail_servers_no_in_words(app: Flask, db: Database, clock: StoppedClock, post: Post, no: str, word: str) -> None:
    seat = labelled(app, db, clock)
    post.no = no
    seat.post("/staff/checks/mail/send", {"to": "me@elsewhere.example", "next": "/staff/setup/mail"})
    assert word in words(seat.get("/staff/setup/mail"))
    assert post.got == []


def test_a_mail_server_that_is_not_there(db: Database, clock: StoppedClock) -> None:
    app = make_app(db, clock, media_dir=Path("nowhere-else"), smtp_url="smtp://somebody:a-secret@127.0.0.1:9")
    seat = labelled(app, db, clock)
    seat.post("/staff/checks/mail/send", {"to": "me@elsewhere.example"})
    page = seat.get("/staff/checks").get_data(as_text=True)
    assert ("cannot be reached" in page, "a-secret" in page) == (True, False)


def test_stripe_that_is_not_there(db: Database, clock: StoppedClock) -> None:
    app = make_app(db, clock, media_dir=Path("nowhere-else"))
    seat = labelled(app, db, clock)
    assert led(seat.post("/staff/checks")) == (303, "/staff/checks")
    assert words(seat.get("/staff/checks")).count("Stripe did not answer") == 3


def test_a_message_that_the_secret_does_not_fit(app: Flask, db: Database, clock: StoppedClock, local_stripe: LocalStripe) -> None:
    seat = labelled(app, db, clock)
    seat.post("/staff/checks/webhook")
    assert heard(app, local_stripe, clock, "whsec_of_another_endpoint") == 400
    clock.forward(seconds=61)
    assert "the shop&#39;s secret does not fit" in seat.get("/staff/checks").get_data(as_text=True)


def test_a_message_that_never_comes(app: Flask, db: Database, clock: StoppedClock) -> None:
    seat = labelled(app, db, clock)
    seat.post("/staff/checks/webhook")
    clock.forward(seconds=61)
    assert "No message of Stripe&#39;s came." in seat.get("/staff/checks").get_data(as_text=True)


def test_a_backup_that_cannot_be_made(app: Flask, db: Database, clock: StoppedClock, tmp_path: Path) -> None:
    seat = labelled(app, db, clock)
    (tmp_path / "backups").write_text("a file where the folder should be")
    seat.post("/staff/checks/backup")
    assert "No backup could be made" in words(seat.get("/staff/checks"))
    with reading(db) as session:
        assert heartbeat.age(session, heartbeat.BACKUP, clock.now()) is None


def test_checks_are_throttled_and_noted(app: Flask, db: Database, clock: StoppedClock) -> None:
    seat = labelled(app, db, clock)
    answers = [seat.post("/staff/checks/nothing").status_code for _ in range(3)]
    assert answers == [404] * 3
    assert [seat.post("/staff/checks/clock").status_code for _ in range(31)][-1] == 429
    assert deeds(db).count("settings.checked") == 30


def test_on_the_way_to_a_drop_each_check_is_said(app: Flask, db: Database, clock: StoppedClock) -> None:
    seat = labelled(app, db, clock)
    with transaction(db) as session:
        heartbeat.beat(session, heartbeat.WORKER, clock.now())
    said = words(seat.get("/staff/setup/done"))
    for word in ("Texts", "Postage", "Mail", "Stripe: key and account", "Stripe: messages", "Worker", "Backup", "Clock"):
        assert word in said
    clock.forward(minutes=3)
    assert "has been silent for 3 minutes" in words(seat.get("/staff/setup/done"))


def _png() -> bytes:
    out = BytesIO()
    Image.new("RGBA", (300, 200), (200, 40, 20, 255)).save(out, "PNG")
    return out.getvalue()


def _file(content: bytes) -> BytesIO:
    return BytesIO(content)
