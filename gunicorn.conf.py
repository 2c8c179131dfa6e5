"""How a web process serves, and what it does once it has loaded the shop, however gunicorn was started."""

import contextlib
import os
import socket
import threading
import time

from gunicorn.workers.gthread import ThreadWorker

READ_SECONDS = 15  # for a whole request to come in


class PatientWorker(ThreadWorker):
    """Threads that wait for a request, but not for ever: a few visitors who send a byte now and then would keep all of them."""

    def init_process(self):
        self._deadlines = {}
        threading.Thread(target=self._hang_up, daemon=True).start()
        super().init_process()

    def handle(self, conn):
        self._deadlines[conn] = time.monotonic() + READ_SECONDS
        try:
            return super().handle(conn)
        finally:
            self._deadlines.pop(conn, None)

    def _hang_up(self):
        """Read no more from who is too slow; a request that is here already is answered all the same."""
        while True:
            time.sleep(READ_SECONDS / 10)
            late = [conn for conn, deadline in list(self._deadlines.items()) if deadline < time.monotonic()]
            for conn in late:
                with contextlib.suppress(OSError):
                    conn.sock.shutdown(socket.SHUT_RD)


worker_class = PatientWorker


def post_worker_init(worker):
    """Say to the supervisor that this process answers; then do what is done beside serving.

    Nothing of the shop is imported here: a master that had loaded it would give its old code to new processes.
    """
    if fd := os.environ.get("RUNOUT_READY_FD"):
        with contextlib.suppress(OSError):  # nobody waits for a process that was started again later
            os.write(int(fd), f"{worker.cfg.workers}\n".encode())
    threading.Thread(target=worker.wsgi.extensions["runout_beside"], daemon=True).start()
