"""All subjects. Nobody types one anywhere else, and nothing a user typed is ever part of one.

evt.<topic kind>.<topic id>.<event name>     durable events, after their commit
sig.<topic kind>.<topic id>.<signal name>    signals
ctl.…                                        between workers: canary, jobs, counts of sockets
$KV.<bucket>.<user id>.<worker>              presence: who is at which worker (a KV bucket keeps these while they last)
notify.<username>                            operators' notifications (JetStream keeps these)
notify_rejected.<reason>                     what could not be accepted
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Subjects:
    """The subjects of a site. ``prefix`` (``""`` or ``"name."``) stands before all of them."""

    prefix: str = ""

    @property
    def events(self) -> str:
        """What the subjects of all events begin with."""
        return f"{self.prefix}evt."

    @property
    def signals(self) -> str:
        """What the subjects of all signals begin with."""
        return f"{self.prefix}sig."

    def event(self, topic: str, name: str) -> str:
        """Where an event of ``topic`` rings."""
        return f"{self.events}{topic}.{name}"

    def signal(self, topic: str, name: str) -> str:
        """Where a signal of ``topic`` goes."""
        return f"{self.signals}{topic}.{name}"

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

    @property
    def presence(self) -> str:
        """The name of the KV bucket; it may not hold dots."""
        return self.prefix.replace(".", "_") + "presence"

    def place(self, user_id: int, worker: str = "*") -> str:
        """Where a worker says that it has a person; NATS fixes the beginning, so the prefix is in the bucket's name."""
        return f"$KV.{self.presence}.{user_id}.{worker}"

    @property
    def places(self) -> str:
        """What the bucket captures."""
        return f"$KV.{self.presence}.>"

    @property
    def places_said(self) -> str:
        """Where JetStream answers what the bucket holds (a direct get)."""
        return f"$JS.API.DIRECT.GET.KV_{self.presence}"

    @property
    def bucket_standing(self) -> str:
        """Where JetStream answers how the bucket is."""
        return f"$JS.API.STREAM.INFO.KV_{self.presence}"

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
