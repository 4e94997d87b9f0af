"""Faults on a real site under load, and the oracle that says whether anything was lost, doubled or out of order."""
