"""Natter's application: pages, actions, the log, jobs and the live sockets."""
