"""Giving oneself a picture and taking it away."""

from app.actions.pictures import prepared
from app.log import transaction
from app.models import Avatar, User


async def change_avatar(user: User, upload: bytes, largest: int) -> None:
    """Make ``upload`` the user's picture. Raises TooLarge, Invalid (field ``avatar``), TooMany."""
    picture = await prepared(upload, largest, "avatar")
    async with transaction():
        await Avatar.update_or_create(defaults=picture._asdict(), user_id=user.id)


async def remove_avatar(user: User) -> None:
    """Go back to the picture drawn from the name."""
    async with transaction():
        await Avatar.filter(user_id=user.id).delete()
