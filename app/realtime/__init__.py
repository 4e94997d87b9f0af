"""PUSH. Everything between the bus and a browser tab."""
