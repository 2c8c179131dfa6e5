"""Control: mail waits in the memory of the process that caused it, and is gone with it."""

from typing import Any

from app.kernel import outbox

_enqueue, _in_memory = outbox.enqueue, list[tuple[str, Any]]()


def install() -> None:
    """Write no row for mail."""
    outbox.enqueue = _keep_in_mind


def _keep_in_mind(session: Any, kind: str, key: str, payload: Any, **more: Any) -> bool:
    if kind.startswith("mail."):
        _in_memory.append((kind, payload))
        return True
    return _enqueue(session, kind, key, payload, **more)
