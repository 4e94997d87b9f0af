"""What all connections of this worker have done so far, also those that are gone: plain numbers, for the meter."""


class Totals:
    """``bytes_out`` were written to sockets."""

    bytes_out = 0


totals = Totals()
