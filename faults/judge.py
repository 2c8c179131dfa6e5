"""Holds what clients were told, what the shop has stored and what Stripe and the mail server say against each other."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from faults.books import Books, Json, message_id, read_books
from faults.browser import DIED
from faults.history import History
from faults.rig import Rig
from faults.sink import REFUSED
from faults.watch import look

MOST = 4  # offenders named per problem
TWO_AT_ONCE = "history.no_gap"


@dataclass
class Verdict:
    """What was found: named counts that must be 0, and a sentence for each that is not."""

    counts: dict[str, int] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    def must_be_none(self, name: str, offenders: Iterable[Any]) -> None:
        """Count offenders; any is a problem."""
        found = [str(each) for each in offenders]
        self.counts[name] = self.counts.get(name, 0) + len(found)
        if found:
            more = f" and {len(found) - MOST} more" if len(found) > MOST else ""
            self.problems.append(f"{name}: {'; '.join(found[:MOST])}{more}")


def judge(rig: Rig, history: History, broken: dict[str, str], repeats: int) -> Verdict:
    """Everything that must hold once all is quiet; `broken` invariants were seen before, `repeats` mails may have come again."""
    verdict, books, broken = Verdict(), read_books(rig), {**broken, **look(rig)}
    verdict.must_be_none("oversold", [*history.twice, *_sold_twice(books), *_without_their_copies(books), *_taken_by_two(broken)])
    verdict.must_be_none(
        "acknowledged and lost",
        [*_lost_takes(history, books), *_lost_orders(history, books), *_lost_events(history, books), *_lost_deeds(history, books)],
    )
    verdict.must_be_none("charged without copy", _charged_without_copy(books))
    verdict.must_be_none("copy without money", _copy_without_money(books))
    verdict.must_be_none("confirmation missing or twice", _confirmations(books, rig))
    verdict.must_be_none("mail lost", _lost_mail(books))
    verdict.must_be_none("mail repeated without need", _repeated(books, repeats))
    verdict.must_be_none("session not ended", _open_sessions(books))
    verdict.must_be_none("Stripe's record differs", _differences(books))
    verdict.must_be_none("several sessions for one attempt", _several(books))
    verdict.must_be_none("staff deed without audit", ((books.staff - books.audited) + (books.audited - books.staff)).items())
    verdict.must_be_none("invariant broken", [f"{id_} {rows}" for id_, rows in broken.items()])
    verdict.must_be_none("forbidden answer", [f"{d.what}: {d.status} {d.words[:120]}" for d in history.faults()])
    verdict.must_be_none("webhook answered 500", _broken_webhooks(books))
    return verdict


def _sold_twice(books: Books) -> list[str]:
    """From the rows themselves: a number that two orders own."""
    owners: dict[tuple[str, int], set[str]] = {}
    for _fan, reference, run, number in books.sold:
        owners.setdefault((run, number), set()).add(reference)
    return [f"{number} in orders {sorted(references)}" for number, references in owners.items() if len(references) > 1]


def _without_their_copies(books: Books) -> list[str]:
    """A copy says of itself who owns it: of two orders that sold it, one is without."""
    orders = (order for order in books.orders if order.state == "placed" and order.copies < order.sold)
    return [f"order {order.number} sold {order.sold} and owns {order.copies}" for order in orders]


def _taken_by_two(broken: dict[str, str]) -> list[str]:
    """A copy moved from where it was not any more: two had it at one moment, whatever they were told and whoever got it."""
    return [f"taken by two at once: {broken[TWO_AT_ONCE]}"] if TWO_AT_ONCE in broken else []


def _lost_takes(history: History, books: Books) -> list[str]:
    lost = ((take.fan, run, number) for take in history.takes for run, number in take.numbers)
    return [f"{fan} was told № {number} of {run}" for fan, run, number in lost if (fan, run, number) not in books.held]


def _lost_orders(history: History, books: Books) -> list[str]:
    return [
        f"{each.fan} saw order {each.reference} with № {number} of {run}"
        for each in history.bought
        for run, number in each.numbers
        if (each.fan, each.reference, run, number) not in books.sold
    ]


def _lost_events(history: History, books: Books) -> list[str]:
    """Events that we answered 200 for: Stripe will never send them again."""
    lost = heard(books.deliveries) - books.events - history.events_lost
    return [f"event {id_} was answered 200 and is not stored" for id_ in sorted(lost)]


def heard(deliveries: Iterable[Json]) -> set[str]:
    """The events that the shop has answered with yes."""
    return {each["event"] for each in deliveries if any(_good(attempt) for attempt in each["attempts"])}


def _lost_deeds(history: History, books: Books) -> list[str]:
    return [
        f"Sam's {deed} of copy {copy} is not there {count} times" for (deed, copy), count in (history.staff - books.staff).items()
    ]


def _good(attempt: Json) -> bool:
    return attempt["status"] is not None and 200 <= attempt["status"] < 300


def _charged_without_copy(books: Books) -> list[str]:
    """Money that Stripe has taken and not given back, for which nobody owns copies."""
    placed = {o.intent_id: o for o in books.orders if o.state == "placed"}
    found = []
    for intent in books.intents:
        order = placed.get(intent["id"])
        if books.kept(intent) > 0 and (order is None or order.copies == 0 or order.copies != order.sold):
            found.append(f"{intent['id']} brought {books.kept(intent)}, order {order and order.number}")
    return found


def _copy_without_money(books: Books) -> list[str]:
    taken = {intent["id"] for intent in books.intents if intent["status"] == "succeeded"}
    return [
        f"order {o.number} ({o.payment}) owns {o.copies} copies"
        for o in books.orders
        if o.copies and o.total_amount and o.intent_id not in taken
    ]


def _confirmations(books: Books, rig: Rig) -> list[str]:
    """Each order that stands has exactly one Message-ID at the mail server, unless no server takes its address.

    One that was cancelled after its money was taken may have been confirmed before.
    """
    given_up = {id_ for id_, state, error in books.mails if state == "dead" and error}
    found = []
    for order in books.orders:
        mine = message_id(rig, f"mail.confirmed:{order.id}")
        ids = [id_ for id_ in books.letters if id_ == mine or id_.startswith(f"<mail.confirmed.{order.id}.")]
        refused = order.email.endswith(REFUSED)
        confirmed = order.state == "placed" and not refused
        if len(ids) != confirmed and not (order.state == "cancelled" and order.payment == "captured" and len(ids) == 1):
            found.append(f"order {order.number} ({order.state}) has {len(ids)}")
        if refused and order.state == "placed" and mine not in given_up:
            found.append(f"order {order.number} of a refused address has no dead letter with a reason")
    return found


def _lost_mail(books: Books) -> list[str]:
    """Done in the outbox, and never seen by the mail server; a confirmation of an order that was cancelled since is not sent."""
    placed = {o.id for o in books.orders if o.state == "placed"}
    sent = {id_ for id_, state, _ in books.mails if state == "done"}
    return sorted(id_ for id_ in sent - set(books.letters) if not _of_cancelled(id_, placed))


def _of_cancelled(message_id: str, placed: set[int]) -> bool:
    found = re.match(r"<mail\.confirmed\.(\d+)", message_id)
    return found is not None and int(found[1]) not in placed


def _repeated(books: Books, repeats: int) -> list[str]:
    """At least once is the promise: a letter may come again for each time that somebody died or was cut off, and no more."""
    again = {id_: count - 1 for id_, count in books.letters.items() if count > 1}
    return [f"{sum(again.values())} repeats, {repeats} were to be expected: {again}"] if sum(again.values()) > repeats else []


def _open_sessions(books: Books) -> list[str]:
    sessions = [f"session {each['id']} is open" for each in books.sessions if each["status"] == "open"]
    return sessions + [f"intent {each['id']} is {each['status']}" for each in books.intents if each["status"] == "requires_capture"]


def _differences(books: Books) -> list[str]:
    """E1: session by session and intent by intent, Stripe's own record equals ours."""
    ours = {attempt.session_id: attempt for attempt in books.attempts if attempt.session_id}
    there = {each["id"]: each for each in books.sessions}
    known = {attempt.idempotency_key for attempt in books.attempts}
    found = [f"our session {id_} is unknown to Stripe" for id_ in ours.keys() - there.keys()]
    for id_, each in there.items():
        attempt = ours.get(id_)
        if attempt is None and each["status"] == "complete" and each["metadata"].get("key") not in known:
            found.append(f"session {id_} was paid and we do not know it")
        if attempt is not None and not _agree(attempt.state, each, books):
            found.append(f"session {id_} is {each['status']}, our attempt {attempt.state}")
    intents = {each["id"]: each for each in books.intents}
    for payment in books.payments:
        theirs = intents.get(payment.intent_id)
        want = {"captured": "succeeded", "voided": "canceled", "capture_failed": "canceled"}.get(payment.state)
        if theirs is None or theirs["status"] != want or (want == "succeeded" and theirs["amount_received"] != payment.amount):
            found.append(f"payment {payment.intent_id} is {payment.state} here and {theirs and theirs['status']} there")
    booked = {payment.intent_id for payment in books.payments}
    found += [
        f"intent {id_} took money that is in no book" for id_, each in intents.items() if books.kept(each) and id_ not in booked
    ]
    return found


def _agree(state: str, session: Json, books: Books) -> bool:
    if session["status"] == "complete":
        paid = {payment.intent_id for payment in books.payments}
        let_go = session["payment_intent"] not in paid  # its money was let go before we heard of it
        return state == "complete" or (let_go and state in {"expired", "failed"})
    return state in {"expired", "failed"}


def _several(books: Books) -> list[str]:
    counts = Counter(each["metadata"].get("key") for each in books.sessions)
    return [f"{key} has {count}" for key, count in counts.items() if key and count > 1]


def _broken_webhooks(books: Books) -> list[str]:
    return [
        f"{each['type']} {each['event']}: {attempt['status']}"
        for each in books.deliveries
        for attempt in each["attempts"]
        if attempt["status"] is not None and attempt["status"] >= 500 and attempt["status"] not in {DIED, 503}
    ]
