"""Several workers, as people run them: what happens on one is seen on the other, whatever ends in between."""
