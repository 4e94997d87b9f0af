"""All subjects. Nobody types one anywhere else, and nothing a user typed is ever part of one.

evt.<topic kind>.<topic id>.<event name>     durable events, after their commit
sig.<topic kind>.<topic id>.<signal name>    signals
ctl.…                                        between workers: canary, jobs, counts of sockets
notify.<username>                            operators' notifications (JetStream keeps these)
notify_rejected.<reason>                     what could not be accepted
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Subjects:
    """The subjects of a site. ``prefix`` (``""`` or ``"name."``) stands before all of them."""

    prefix: str = ""

    def event(self, topic: str, name: str) -> str:
        """Where an event of ``topic`` rings."""
        return f"{self.prefix}evt.{topic}.{name}"

    def signal(self, topic: str, name: str) -> str:
        """Where a signal of ``topic`` goes."""
        return f"{self.prefix}sig.{topic}.{name}"

    def all_of(self, topic: str) -> str:
        """Events and signals of one topic, in one subscription."""
        return f"{self.prefix}*.{topic}.*"

    def canary(self, worker: str) -> str:
        """A worker's message to itself."""
        return f"{self.prefix}ctl.canary.{worker}"

    @property
    def jobs(self) -> str:
        """Rings when a job was left that is due at once."""
        return f"{self.prefix}ctl.jobs"

    @property
    def sockets(self) -> str:
        """Workers tell one another how many sockets each user and address has."""
        return f"{self.prefix}ctl.sockets"

    def notify(self, username: str = "*") -> str:
        """An operator's notification for one user."""
        return f"{self.prefix}notify.{username}"

    @property
    def notify_all(self) -> str:
        """What the intake stream captures."""
        return f"{self.prefix}notify.>"

    def rejected(self, reason: str) -> str:
        """Announces a publication that was not accepted."""
        return f"{self.prefix}notify_rejected.{reason}"

    @property
    def stream(self) -> str:
        """The name of the intake stream; stream names may not hold dots."""
        return (self.prefix.replace(".", "_") + "notify").upper()
