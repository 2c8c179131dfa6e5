"""Mail over SMTP: one message to one person, under an id that stays the same however often it is tried."""

import re
import smtplib
from dataclasses import dataclass, field
from datetime import datetime
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr

from app.kernel.smtp_lines import Lines

_NO_ATOM = re.compile(r"[^A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]")  # what an id may not hold (RFC 5322): whoever reads it would stop there


class MailTrouble(Exception):
    """The message was not accepted; `final` when trying again cannot help."""

    def __init__(self, message: str, *, final: bool) -> None:
        super().__init__(message)
        self.final = final


@dataclass(frozen=True)
class Letter:
    """A rendered mail. `key` makes its Message-ID, so a repeated sending can be recognised.

    `name` is who it comes from, as people read it, and `reply_to` where an answer goes; empty for what the shop itself says.
    """

    key: str
    to: str
    subject: str
    text: str
    html: str
    name: str = ""
    reply_to: str = ""


@dataclass(frozen=True)
class Mailer:
    """Where mail goes out: smtp://, smtp+starttls:// or smtps://, with user and password in the address."""

    url: str = field(repr=False)  # may hold a password
    sender: str
    domain: str
    _lines: Lines = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_lines", Lines(self.url))  # how a frozen dataclass is given what is made of its fields

    def send(self, letter: Letter, now: datetime) -> None:
        """Hand a letter to the server; MailTrouble unless it was accepted."""
        try:
            message = self._message(letter, now)
        except (ValueError, MessageError) as fault:
            raise MailTrouble(f"the letter cannot be addressed: {fault}", final=True) from fault
        try:
            with self._lines.one() as server:
                server.send_message(message)
        except smtplib.SMTPRecipientsRefused as fault:
            code = next(iter(fault.recipients.values()))[0]
            raise MailTrouble(f"the recipient was refused ({code})", final=500 <= code < 600) from fault
        except smtplib.SMTPNotSupportedError as fault:
            raise MailTrouble(f"the server cannot take this letter: {fault}", final=True) from fault
        except smtplib.SMTPResponseException as fault:
            raise MailTrouble(f"the server answered {fault.smtp_code}", final=False) from fault
        except (OSError, smtplib.SMTPException, ValueError) as fault:
            raise MailTrouble(f"{type(fault).__name__}: {fault}", final=False) from fault

    def _message(self, letter: Letter, now: datetime) -> EmailMessage:
        name, address = parseaddr(self.sender)
        message = EmailMessage()
        message["From"] = Address(display_name=" ".join(letter.name.split()) or name, addr_spec=address)
        if letter.reply_to:
            message["Reply-To"] = Address(addr_spec=letter.reply_to)
        message["To"] = Address(addr_spec=letter.to)
        message["Subject"] = " ".join(letter.subject.split())
        message["Date"] = format_datetime(now)
        message["Message-ID"] = f"<{_NO_ATOM.sub('-', letter.key)}@{self.domain}>"
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(letter.text)
        message.add_alternative(letter.html, subtype="html")
        return message
