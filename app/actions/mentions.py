"""``@all``: who means everyone in a large group is asked first whether they do."""

from uuid import UUID

from app.errors import Invalid
from app.models import Membership
from app.text import EVERYONE

ASKED_ABOVE = 20


class ConfirmAll(Invalid):
    """It would tell so many people that who wrote it is asked first; ``to_all`` says that it is meant."""

    code = "confirm_all"

    def __init__(self, people: int) -> None:
        question = f"This tells all {people:,} people here. Send it anyway?"
        super().__init__(question, fields={"to_all": question})


async def confirm_everyone(conversation_id: UUID, mentioned: tuple[str, ...], to_all: bool) -> None:
    """Raises ConfirmAll for an ``@all`` to more than 20 people that its author has not confirmed."""
    if EVERYONE not in mentioned or to_all:
        return
    people = await Membership.filter(conversation_id=conversation_id).count()
    if people > ASKED_ABOVE:
        raise ConfirmAll(people)
