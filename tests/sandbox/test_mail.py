"""The mail catcher: takes by SMTP, shows in the browser, answers tests in JSON."""

import smtplib
from email.message import EmailMessage

import pytest
import requests

from sandbox.mail import KEPT, Mailbox
from sandbox.mail_pages import linked


def letter(subject="Order 17: it is yours", text="See http://127.0.0.1:5000/orders/abc.\n", html=None):
    """A mail as the shop would send it."""
    message = EmailMessage()
    message["From"] = "Night Press <shop@example.com>"
    message["To"] = "ada@example.com"
    message["Subject"] = subject
    message["Message-ID"] = "<order-17@example.com>"
    message.set_content(text)
    if html:
        message.add_alternative(html, subtype="html")
    return message


def send(local, message):
    """Send it by SMTP, really."""
    with smtplib.SMTP("127.0.0.1", local.smtp_port, timeout=5) as smtp:
        smtp.send_message(message)


def test_json(local, control):
    send(local, letter("Größe № 17", html="<p>Hallo <b>Ada</b></p>"))
    (found,) = control.mail(to="ADA@example")
    assert (found["to"], found["subject"], found["message_id"]) == ("ada@example.com", "Größe № 17", "<order-17@example.com>")
    assert found["text"] == "See http://127.0.0.1:5000/orders/abc.\n"
    assert found["html"] == "<p>Hallo <b>Ada</b></p>\n"
    assert found["envelope"] == {"from": "shop@example.com", "to": ["ada@example.com"]}
    assert control.mail(to="ben@") == []
    assert control.mail(subject="größe")[0]["n"] == found["n"]


def test_pages(local, control):
    send(local, letter(html="<p>Hallo</p>"))
    number = control.mail()[0]["n"]
    assert f'<a href="/mail/{number}">Order 17: it is yours</a>' in requests.get(f"{local.url}/mail", timeout=5).text
    page = requests.get(f"{local.url}/mail/{number}", timeout=5).text
    assert '<a href="http://127.0.0.1:5000/orders/abc" rel="noreferrer">http://127.0.0.1:5000/orders/abc</a>.' in page
    assert "&lt;order-17@example.com&gt;" in page
    assert 'sandbox="allow-popups' in page
    raw = requests.get(f"{local.url}/mail/{number}.eml", timeout=5)
    assert raw.headers["Content-Type"] == "message/rfc822"
    assert b"Message-ID: <order-17@example.com>" in raw.content


def test_html_part_is_boxed_in(local, control):
    send(local, letter(html="<script>alert(1)</script><p>Hallo</p>"))
    answer = requests.get(f"{local.url}/mail/{control.mail()[0]['n']}/html", timeout=5)
    policy = answer.headers["Content-Security-Policy"]
    assert policy.startswith("sandbox allow-popups")
    assert "default-src 'none'" in policy
    assert "allow-scripts" not in policy


def test_embedded_pictures_and_attachments(local, control):
    message = letter(html='<img src="cid:strip">')
    message.get_body(("html",)).add_related(b"\x89PNG", "image", "png", cid="<strip>")
    message.add_attachment(b"%PDF", maintype="application", subtype="pdf", filename='sl"ip.pdf')
    send(local, message)
    number = control.mail()[0]["n"]
    assert f"{local.url}/mail/{number}/cid/strip" in requests.get(f"{local.url}/mail/{number}/html", timeout=5).text
    assert requests.get(f"{local.url}/mail/{number}/cid/strip", timeout=5).content == b"\x89PNG"
    slip = requests.get(f"{local.url}/mail/{number}/attachment/0", timeout=5)
    assert (slip.content, slip.headers["Content-Disposition"]) == (b"%PDF", 'attachment; filename="sl_ip.pdf"')
    assert requests.get(f"{local.url}/mail/{number}/attachment/1", timeout=5).status_code == 404


@pytest.mark.parametrize("path", ["/mail/999999", "/mail/999999/html", "/mail/999999.eml", "/mail/999999/cid/x"])
def test_unknown_letters(local, path):
    assert requests.get(local.url + path, timeout=5).status_code == 404


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"no headers at all",
        b"Subject: =?utf-8?B?broken\r\nFrom: <<>>\r\n\r\n\xff\xfe",
        b"Content-Type: text/plain; charset=no-such-thing\r\n\r\nhello",
        b"Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\nContent-Type: text/html\r\n\r\n<p>open",
        b"To: \r\nMessage-ID: nonsense\r\nContent-Transfer-Encoding: base64\r\n\r\n%%%%",
    ],
)
def test_broken_mail_is_shown_all_the_same(local, control, raw):
    with smtplib.SMTP("127.0.0.1", local.smtp_port, timeout=5) as smtp:
        smtp.sendmail("eve@example.com", ["ada@example.com"], raw)
    number = control.mail()[0]["n"]
    for path in ("/mail", f"/mail/{number}", f"/mail/{number}/html", f"/mail/{number}.eml"):
        assert requests.get(local.url + path, timeout=5).status_code == 200


def test_links():
    assert str(linked("<b> javascript:alert(1) (https://a.example/x?a=1&b=2).")) == (
        '&lt;b&gt; javascript:alert(1) (<a href="https://a.example/x?a=1&amp;b=2" rel="noreferrer">'
        "https://a.example/x?a=1&amp;b=2</a>)."
    )


def test_the_oldest_makes_room_and_the_folder_keeps(tmp_path):
    mailbox = Mailbox(tmp_path)
    for number in range(KEPT + 2):
        mailbox.take("a@example.com", ["b@example.com", "c@example.com"], f"Subject: {number}\r\n\r\nx\r\n".encode())
    assert len(list(tmp_path.iterdir())) == KEPT
    again = Mailbox(tmp_path)
    newest = again.letters()[0]
    assert (newest.n, newest.header("Subject"), newest.recipients) == (KEPT + 2, str(KEPT + 1), ("b@example.com", "c@example.com"))
    assert again.take("", [], b"").n == KEPT + 3
    again.clear()
    assert list(tmp_path.iterdir()) == []
