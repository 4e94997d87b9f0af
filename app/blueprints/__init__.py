"""PAGES. One file per resource; a handler reads the request, calls an action, renders."""
