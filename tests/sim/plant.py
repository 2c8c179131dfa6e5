"""The plant delivers fewer than were sold: staff say so, fans and staff answer, and one day the next issue comes."""

import re
from collections.abc import Mapping
from random import Random
from typing import TYPE_CHECKING

from app.kernel.db import reading
from app.orders.models import Order
from app.reports.links import order_path

if TYPE_CHECKING:
    from tests.sim.world import World

_MADE = "SELECT DISTINCT run_id FROM copies ORDER BY 1"
_SOLD = "SELECT DISTINCT run_id FROM copies WHERE state = 'allocated' ORDER BY 1"
_NUMBERS = """SELECT c.number, l.order_id FROM copies c LEFT JOIN order_lines l ON l.id = c.order_line_id
    WHERE c.run_id = :run AND c.number IS NOT NULL AND c.state <> 'withdrawn' ORDER BY c.number, c.id"""
_SHORT = """SELECT s.id, l.order_id, o.hold_id FROM shortfalls s JOIN order_lines l ON l.id = s.order_line_id
    JOIN orders o ON o.id = l.order_id ORDER BY s.id"""
_HOLD = "SELECT hold_id FROM orders WHERE id = :id"
_WAITED = """SELECT DISTINCT d.run_id FROM shortfalls s JOIN deliveries d ON d.id = s.delivery_id
    WHERE s.state = 'waits' ORDER BY 1"""
_ANSWERS = ("refund", "refund", "wait", "other", "undo")
_HIDDEN = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)">')


def act(world: "World", dice: Random) -> str:
    """One of the things that happen because of it, most often an answer where there is one to be given."""
    able = [_deliver]
    if world.rows(_SHORT):
        able += [_fan_answers, _fan_answers, _fan_answers, _desk_answers]
    if world.rows(_WAITED):
        able.append(_comes)
    return f"plant {dice.choice(able)(world, dice)}"


def _deliver(world: "World", dice: Random) -> str:
    run = dice.choice([run for (run,) in world.rows(_SOLD) or world.rows(_MADE)])
    copies = world.rows(_NUMBERS, run=run)
    form = {
        "unanswered": dice.choice(("refund", "wait")),
        "days": "1",
        "promise": "soon",
        "words": "short",
        "missing": "",
        "came": "",
    }
    if dice.random() < 0.5:
        form["reserve"] = "1"
    if copies and dice.random() < 0.7:
        missing = [number for number, order in copies if dice.random() < (0.7 if order else 0.2)] or [copies[0][0]]
        form["missing"] = ", ".join(map(str, missing))
    else:
        form["came"] = str(dice.randint(0, len(copies)))
    for _, order in copies:  # on whom it falls the desk decides: their copies may be somebody else's afterwards
        for (hold,) in world.rows(_HOLD, id=order):
            world.history.lets_go(hold)
    return _twice(world, dice, f"/staff/runs/{run}/delivery", form)


def _comes(world: "World", dice: Random) -> str:
    run = dice.choice([run for (run,) in world.rows(_WAITED)])
    return _twice(world, dice, f"/staff/runs/{run}/next-issue", {"next_came": str(dice.randint(1, 3))})


def _fan_answers(world: "World", dice: Random) -> str:
    """By the link in the letter, with the number that the page shows."""
    id_, order_id, hold = dice.choice(world.rows(_SHORT))
    world.history.lets_go(hold)
    with reading(world.db) as session:
        path = f"{order_path(world.house.tokens, session.get_one(Order, order_id))}/missing"
    client = world.app.test_client()
    shown = re.search(r'name="number" value="(\d+)"', world.seen(client.get(path)).get_data(as_text=True))
    form = {"missing": str(id_), "answer": dice.choice(_ANSWERS), "number": shown[1] if shown else "1"}
    return f"fan {form['answer']} {world.seen(client.post(path, data=form)).status_code}"


def _desk_answers(world: "World", dice: Random) -> str:
    id_, _, hold = dice.choice(world.rows(_SHORT))
    world.history.lets_go(hold)
    form = {"say": dice.choice((*_ANSWERS, "came")), "note": "on the telephone"}
    return f"{form['say']} {world.desk.post(world, dice, f'/staff/shortfalls/{id_}/answer', form).status_code}"


def _twice(world: "World", dice: Random, path: str, form: Mapping[str, str]) -> str:
    """The look, then the deed as it was shown."""
    looked = world.desk.post(world, dice, path, form)
    hidden = dict(_HIDDEN.findall(looked.get_data(as_text=True)))
    hidden.pop("csrf_token", None)
    if looked.status_code != 200 or "shown" not in hidden:
        return f"{path} {looked.status_code}"
    return f"{path} {world.desk.post(world, dice, path, hidden).status_code}"
