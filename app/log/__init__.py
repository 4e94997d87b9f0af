"""THE TRUTH IN ORDER. One transaction writes rows, events and jobs; readers follow each topic by its seq."""

from app.log.transaction import Events, transaction

__all__ = ["Events", "transaction"]
