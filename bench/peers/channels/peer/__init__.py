"""The same work in Django Channels, as its documentation has it."""
