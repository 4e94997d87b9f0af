"""VERBS. The only code that writes tables and the only code that announces events."""
