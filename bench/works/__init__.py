"""The works: what the servers are made to do, and what is measured."""
