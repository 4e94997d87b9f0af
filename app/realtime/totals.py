"""What all connections of this worker have done so far, also those that are gone: plain numbers, for the meter."""


class Totals:
    """``bytes_out`` were written to sockets; ``cut_off`` of them took too little and were ended for it."""

    bytes_out = 0
    cut_off = 0


totals = Totals()
