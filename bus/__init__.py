"""NATS and nothing else: what is said on the bus, on which subject, in which bytes, over which connection."""
