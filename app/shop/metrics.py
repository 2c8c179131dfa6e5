"""Numbers for Prometheus: requests of this process, and the shop's own gauges read from the database when asked."""

import hmac
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from flask import Flask, Response, current_app, g, request
from flask.blueprints import BlueprintSetupState
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from werkzeug.exceptions import NotFound

from app.reports.gauges import Gauges, gauges
from app.shop.blueprint import bp
from app.web.house import house, now, reading

_KEY = "runout_metrics"
_METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)


@dataclass(frozen=True)
class Meters:
    """What one application counts about its own requests."""

    registry: CollectorRegistry
    requests: Counter
    seconds: Histogram


class _Read(Collector):
    """Turns one reading of the shop into Prometheus' families."""

    def __init__(self, read: Gauges) -> None:
        self._read = read

    def collect(self) -> Iterable[Metric]:
        copies = GaugeMetricFamily("runout_copies", "Copies of the runs of open drops.", labels=("drop", "run", "state"))
        for labels, number in self._read.copies.items():
            copies.add_metric(labels, number)
        outbox = GaugeMetricFamily("runout_outbox_jobs", "Jobs in the outbox that are not done.", labels=("state",))
        for state, number in self._read.outbox.items():
            outbox.add_metric((state,), number)
        broken = GaugeMetricFamily(
            "runout_invariant_offenders", "Rows that break an invariant, at the worker's last look.", labels=("id",)
        )
        for invariant, number in self._read.findings.items():
            broken.add_metric((invariant,), number)
        yield from (copies, outbox, broken)
        yield GaugeMetricFamily("runout_holds_live", "Holds that own copies.", self._read.holds_live)
        yield GaugeMetricFamily("runout_payment_line", "Fans in line for their payment page.", self._read.line)
        yield GaugeMetricFamily("runout_stripe_away", "1 while Stripe does not answer and is not asked.", self._read.stripe_away)
        oldest = self._read.oldest_waiting
        yield GaugeMetricFamily("runout_outbox_oldest_seconds", "How long the oldest due job has waited.", oldest)
        if self._read.worker_age is not None:
            yield GaugeMetricFamily("runout_worker_silent_seconds", "Since the worker was last alive.", self._read.worker_age)


@bp.record
def _furnish(state: BlueprintSetupState) -> None:
    registry = CollectorRegistry()
    names = ("method", "route")
    state.app.extensions[_KEY] = Meters(
        registry,
        Counter("runout_requests", "Requests answered.", (*names, "status"), registry=registry),
        Histogram("runout_request_seconds", "How long answers took.", names, registry=registry, buckets=_BUCKETS),
    )


def count_many(app: Flask, method: str, route: str, status: int, seconds: Sequence[float]) -> None:
    """Count answers that were given without Flask."""
    meters = app.extensions[_KEY]
    meters.requests.labels(method, route, str(status)).inc(len(seconds))
    took = meters.seconds.labels(method, route)
    for each in seconds:
        took.observe(each)


@bp.after_app_request
def count(response: Response) -> Response:
    """Count an answer by its route, never by its address."""
    meters = current_app.extensions[_KEY]
    method = request.method if request.method in _METHODS else "other"
    route = request.url_rule.rule if request.url_rule else "-"
    meters.requests.labels(method, route, str(response.status_code)).inc()
    if "began" in g:
        meters.seconds.labels(method, route).observe(time.perf_counter() - g.began)
    return response


@bp.get("/metrics")
def metrics() -> Response:
    """For who knows METRICS_TOKEN; without one set there is nothing here."""
    token = house().settings.metrics_token
    if token is None or not token.get_secret_value():
        raise NotFound
    given = request.headers.get("Authorization", "")
    if not hmac.compare_digest(given.encode(), f"Bearer {token.get_secret_value()}".encode()):
        return Response("Say who you are.\n", 401, {"WWW-Authenticate": "Bearer"}, content_type="text/plain; charset=utf-8")
    with reading() as session:
        shop = CollectorRegistry()
        shop.register(_Read(gauges(session, now())))
    body = generate_latest(shop) + generate_latest(current_app.extensions[_KEY].registry)
    return Response(body, content_type=CONTENT_TYPE_LATEST, headers={"Cache-Control": "no-store"})
