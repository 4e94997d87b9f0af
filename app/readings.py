"""Reading the numbers of this worker from those who keep them; the meter asks for them once a second."""

import asyncio
import time

from app.database import pool_use
from app.health import Health
from app.meter import Meter
from app.metrics import Snapshot, Timed, Values
from app.realtime import mailbox
from app.realtime.live import Live
from app.realtime.totals import totals
from bus.canary import Canary


class Readings:
    """Called, it gives this worker's numbers now."""

    def __init__(self, meter: Meter, live: Live, canary: Canary, health: Health) -> None:
        self._meter, self._live, self._canary, self._health = meter, live, canary, health
        self._began = time.monotonic()

    def __call__(self) -> Snapshot:
        """All of it."""
        return Snapshot(time.monotonic(), self._gauges() | self._of_the_site(), self._counters(), self._times())

    def _gauges(self) -> dict[str, Values]:
        hub = self._live.hub
        used, idle = pool_use()
        return {
            "natter_ready": {name: float(part.ok) for name, part in self._health.parts().items()},
            "natter_workers_ready": {"": self._health.workers_ready},
            "natter_loop_late_seconds": {"": self._meter.late},
            "natter_tasks": {"": len(asyncio.all_tasks())},
            "natter_sockets": {"": len(hub.connections)},
            "natter_topics": {"": self._live.relay.topics},
            "natter_buffered_bytes": {"": self._live.outgoing.waiting},
            "natter_sockets_slow": {"": self._live.outgoing.slow},
            "natter_presence_present": {"": self._live.presence.present},
            "natter_presence_followed": {"": self._live.presence.followed},
            "natter_presence_unknown": {"": float(self._live.presence.unknown)},
            # Before the first message there is no age; and infinity is no number in JSON.
            "natter_canary_age_seconds": {"": min(self._canary.age, time.monotonic() - self._began)},
            "natter_database_connections": {"used": used, "idle": idle},
        }

    def _of_the_site(self) -> dict[str, Values]:
        """What was seen of it lately; an old number would be a wrong one."""
        gauges: dict[str, Values] = {}
        if standing := self._health.jobs.fresh:
            gauges["natter_jobs_waiting"] = {"": standing.waiting}
            gauges["natter_jobs_overdue"] = {"": standing.overdue}
            gauges["natter_dead_letters"] = {"": standing.dead}
        if held := self._health.intake.fresh:
            gauges["natter_intake_waiting"] = {"": held.waiting}
            gauges["natter_intake_age_seconds"] = {"": self._health.intake_age}
        return gauges

    def _counters(self) -> dict[str, Values]:
        hub = self._live.hub
        return {
            "natter_workers_started_total": {"": 1},
            "natter_frames_total": {"": hub.frames},
            "natter_deliveries_total": {"": hub.deliveries},
            "natter_bytes_out_total": {"": totals.bytes_out},
            "natter_sockets_cut_off_total": {"": self._live.outgoing.cut_off},
            "natter_sockets_crowded_out_total": {"": self._live.outgoing.crowded_out},
            "natter_healings_total": dict(self._live.relay.healings),
            "natter_command_errors_total": dict(mailbox.refused),
            "natter_presence_puts_total": {"": self._live.presence.puts},
            "natter_presence_changes_total": {"": self._live.presence.changes},
            "natter_log_rows_total": {"": self._meter.rows_logged},
            "natter_requests_total": {str(status): count for status, count in self._meter.statuses.items()},
        }

    def _times(self) -> dict[str, dict[str, Timed]]:
        of_all = {
            "natter_fan_out_seconds": {"": self._live.hub.fan_out},
            "natter_request_seconds": self._meter.requests,
        }
        return {
            name: {label: Timed(list(histogram.counts), histogram.total) for label, histogram in labelled.items()}
            for name, labelled in of_all.items()
        }
