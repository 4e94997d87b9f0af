"""The bench: what a delivery costs in Natter, in a bare C program and in the peers. See `bin/bench`."""
