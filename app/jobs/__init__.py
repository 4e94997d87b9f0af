"""CONSEQUENCES. What follows from an event: one function each, its retry rule, and the runner."""
