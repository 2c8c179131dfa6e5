"""The table of rows: which fault, on which database, done by which function."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from faults.deploys import DeployedRig, LoneDeployedRig
from faults.disks import BadDiskRig, SmallDiskRig
from faults.forking import ForkingRig
from faults.rig import POSTGRES, SQLITE, LoneRig, Rig
from faults.rows import controls, crashes, deploys, drill, idle, mail, postgres, power, processes, sqlite, stripe, webhooks
from faults.stage import Bench, Figures, Stage

BOTH = (SQLITE, POSTGRES)


@dataclass(frozen=True)
class Row:
    """One fault. `kinds` are the databases that it is about; rows that want the same of a rig share it."""

    id: str
    fault: str
    run: Callable[[Stage], Figures]
    kinds: tuple[str, ...] = BOTH
    patches: tuple[str, ...] = ()
    more: Mapping[str, str] = field(default_factory=dict)
    rig: type[Rig] = Rig
    caught_by: str = ""  # a control: it must fail, and with a problem that says this

    @property
    def wants(self) -> tuple[type[Rig], tuple[str, ...], tuple[tuple[str, str], ...]]:
        """What its rig must be like."""
        return self.rig, self.patches, tuple(self.more.items())


@dataclass(frozen=True)
class Solo:
    """One fault that needs no running shop."""

    id: str
    fault: str
    run: Callable[[Bench], Figures]
    kinds: tuple[str, ...] = (SQLITE,)


ROWS: tuple[Row | Solo, ...] = (
    Row("F01", "web processes and worker killed again and again", processes.killed_processes),
    Row("F02", "a process dies at every named point", crashes.crash_points, patches=("points",), rig=ForkingRig),
    Row("F03", "everything killed at one moment, started again", processes.killed_shop),
    Row("F04", "reloaded again and again, stopped and started", deploys.reloads, rig=DeployedRig),
    Row("F05", "database connections terminated every 0.3 s", postgres.cut_connections, (POSTGRES,)),
    Row("F06", "database server dead for 3 s", postgres.stopped_server, (POSTGRES,)),
    Row("F07", "black hole between shop and database", postgres.black_hole, (POSTGRES,), rig=postgres.ProxiedRig),
    Row("F09", "every database connection taken by others", postgres.no_room, (POSTGRES,)),
    Row("F10", "deadlocks forced", postgres.crosswise, (POSTGRES,)),
    Row("F11", "another process holds the write lock for 8 s", sqlite.held_lock, (SQLITE,)),
    Row("F12", "disk full, then room again", sqlite.full_disk, (SQLITE,), rig=SmallDiskRig),
    Row("F13", "EIO, read-only file, missing -wal", sqlite.failing_disk, (SQLITE,), rig=BadDiskRig),
    Solo("F14", "power cut at any moment, by replaying the write log", power.power_cut),
    *(Row(f"F15{letter}", fault, run) for letter, fault, run in stripe.CASES),
    Row("F16", "webhooks in every sequence, again, late, early, forged", webhooks.every_sequence),
    Row("F17", "no webhook for three days", webhooks.unheard),
    Row("F19", "mail server down, busy, cut off, hanging, slow, refusing", mail.bad_mail),
    Row("F20", "worker dead for an hour", idle.dead_worker),
    Row("F21", "migrated while serving, by old code and new", deploys.migrations, rig=LoneDeployedRig),
    Row("F22", "backup, wipe, restore, reconcile", drill.restored, rig=LoneRig),
    Row("F23", "each sync takes 100 ms longer", sqlite.slow_syncs, (SQLITE,), rig=BadDiskRig),
    Row("F26a", "control: no row guard", controls.rush, patches=("no_row_guard",), caught_by="oversold"),
    Row("F26b", "control: no event is remembered", controls.replay, patches=("no_dedupe",), caught_by="old events"),
    Row("F26c", "control: put back without asking Stripe", controls.deadlines, patches=("blind_put_back",), caught_by="put_back"),
    Row("F26d", "control: mail without outbox", controls.purchases, patches=("no_outbox",), caught_by="confirmation missing"),
    Row("F26e", "control: staff without audit", controls.purchases, patches=("no_audit",), caught_by="without audit"),
)
