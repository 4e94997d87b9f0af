"""Signals go out at once, on the bus alone; what they say is stored elsewhere or may be lost."""

from collections.abc import Callable

from bus.signals import Signal


def _silence(signal: Signal) -> None:
    """A command without a bus: nobody hears it, and nothing is lost that was to be kept."""


class _Voice:
    speak: Callable[[Signal], None] = staticmethod(_silence)


def signal_with(speak: Callable[[Signal], None]) -> None:
    """Send this process's signals with ``speak``, which must neither wait nor raise."""
    _Voice.speak = speak


def signal(what: Signal) -> None:
    """Send a signal to whoever listens now."""
    _Voice.speak(what)
