"""Whether the others see how far one has read."""

from app.log import transaction
from app.models import User


async def hide_receipts(user: User, hidden: bool) -> None:
    """Tell the others no more how far the user reads, or tell it again. What they were told stays."""
    user.hides_receipts = hidden
    async with transaction():
        await user.save(update_fields=["hides_receipts"])
