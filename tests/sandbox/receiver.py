"""A shop's far side: takes webhooks over HTTP, remembers them and answers as it is told."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import stripe

from sandbox.client import wait_for

SECRET = "whsec_test_of_the_sandbox"


class _Server(ThreadingHTTPServer):
    request_queue_size = 64


class Receiver:
    """Keeps ``(signature, body)`` of every post; ``answers`` are used up first, then 200. ``on_post`` runs before the answer,
    and with ``together`` none is answered before so many have come."""

    def __init__(self):
        self.posts: list[tuple[str, str]] = []
        self.answers: list[int] = []
        self.on_post = None
        self.together = 0
        self._lock = threading.Lock()
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                status = receiver.take(self.headers["Stripe-Signature"], body)
                self.send_response(status)
                self.send_header("Content-Length", "0")
                if 300 <= status < 400:
                    self.send_header("Location", "/elsewhere")
                self.end_headers()

            def log_message(self, *_):
                pass

        self._server = _Server(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    @property
    def url(self):
        """Where to post."""
        return f"http://127.0.0.1:{self._server.server_port}/webhooks/stripe"

    def take(self, signature, body):
        """Remember a post; gives the status to answer with."""
        with self._lock:
            self.posts.append((signature, body))
            answer = self.answers.pop(0) if self.answers else 200
        if self.on_post:
            self.on_post()
        wait_for(lambda: len(self.posts) >= self.together, 10)
        return answer

    def clear(self):
        """Forget everything."""
        with self._lock:
            self.posts.clear()
            self.answers.clear()
        self.on_post, self.together = None, 0

    def events(self):
        """What came, verified by the SDK, in the order of coming."""
        return [stripe.Webhook.construct_event(body, signature, SECRET) for signature, body in self.posts]

    def types(self):
        """The types of what came."""
        return [event.type for event in self.events()]

    def start(self):
        """Listen."""
        self._thread.start()
        return self

    def stop(self):
        """End."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
