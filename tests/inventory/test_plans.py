"""What PostgreSQL means to do for a claim, also while its statistics are of a day when nothing was free."""

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app.inventory import claim_statements, claims, opening
from app.inventory.models import Copy
from app.kernel.db import Database, transaction
from app.kernel.ready import Ready
from tests.builders import open_drop
from tests.cast import NOW

SOLD = 1_500  # copies, so that a table is not read whole for its smallness


def _plan(session: Session, ready: Ready, values: dict[str, object]) -> str:
    words = ready._statement.compile(dialect=session.get_bind().dialect, compile_kwargs={"render_postcompile": True})
    given = {**words.construct_params(_check=False), **values}
    connection = session.connection()
    connection.exec_driver_sql("SET LOCAL plan_cache_mode = force_generic_plan")
    cursor = connection.connection.cursor()
    return "\n".join(row[0] for row in cursor.execute(f"EXPLAIN {words}", given).fetchall())


@pytest.mark.parametrize("which", ["take", "at once"])
def test_a_claim_reads_no_free_copy_but_those_it_takes(postgres_db: Database, which: str) -> None:
    db = postgres_db
    drop, run = open_drop(db, size=SOLD)
    with transaction(db) as session:
        for copy_id in session.scalars(select(Copy.id).where(Copy.run_id == run)).all():
            claims.withdraw(session, copy_id, NOW, "staff:1", "promo")
    with transaction(db) as session:
        session.execute(text("ANALYZE"))
    open_drop(db, size=300)
    about = {"run": run, "after": "held", "hold": 1, "line": None}
    about |= {"drop_id": drop, "fan": "ada", "network": "", "created_at": NOW, "expires_at": NOW}
    with transaction(db) as session:
        plan = _plan(session, claim_statements.take(1) if which == "take" else opening._at_once(1, None), about)
    assert plan.count("ix_copies_available") == 1, plan  # the pick
    assert "Index Cond: ((run_id" in plan, plan
