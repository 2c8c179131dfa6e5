"""What a web process does once it has loaded the shop, however gunicorn was started."""

import contextlib
import os
import threading


def post_worker_init(worker):
    """Say to the supervisor that this process answers; then do what is done beside serving.

    Nothing of the shop is imported here: a master that had loaded it would give its old code to new processes.
    """
    if fd := os.environ.get("RUNOUT_READY_FD"):
        with contextlib.suppress(OSError):  # nobody waits for a process that was started again later
            os.write(int(fd), f"{worker.cfg.workers}\n".encode())
    threading.Thread(target=worker.wsgi.extensions["runout_beside"], daemon=True).start()
