"""The site's epoch: part of every cursor, renewed after a restore so that none from before is believed."""

import secrets

from app.log import transaction
from app.models import Site


def new_epoch() -> str:
    """A value that no site has had."""
    return secrets.token_hex(8)


async def renew_epoch() -> str:
    """Give the site a new epoch; every running worker takes it up within a second. Gives the new one."""
    epoch = new_epoch()
    async with transaction():
        await Site.renew("epoch", epoch)
    return epoch
