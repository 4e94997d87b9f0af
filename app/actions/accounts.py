"""Accounts: making one, proving that it is yours, changing what it says, and the flags an operator grants."""

import re

from tortoise.exceptions import IntegrityError

from app.actions.sessions import end_other_sessions
from app.actions.throttles import count_try, forget, forgive
from app.config import Settings
from app.errors import Conflict, Invalid, NotFound, WrongLogin
from app.log import transaction
from app.models import Session, User
from app.passwords import hash_of, is_right
from app.text import fitting, one_line

RESERVED = frozenset({"all", "group", "here", "everyone", "admin", "system", "natter"})
NAME_LENGTH, BIO_LENGTH = 80, 500
SHORTEST_PASSWORD, LONGEST_PASSWORD = 8, 256
REGISTER_SECONDS = 3600.0
FROM_ALL_PLACES = 10


async def register(username: str, password: str, display_name: str = "", *, address: str = "", limit: int = 0) -> User:
    """Make an account. Raises Invalid (``fields`` says what is wrong), Conflict (``username_taken``).

    From one ``address`` at most ``limit`` an hour (TooMany); an empty address is exempt.
    """
    name = valid_username(username)
    check_password(password, "password")
    shown = one_line(display_name, "display_name", NAME_LENGTH)
    if address:
        await count_try(f"register-from:{address}", limit, REGISTER_SECONDS)
    stored = await hash_of(password)
    try:
        async with transaction():
            return await User.create(username=name, password_hash=stored, display_name=shown)
    except IntegrityError:
        message = "This username is taken."
        raise Conflict(message, code="username_taken", fields={"username": message}) from None


async def authenticate(username: str, password: str, address: str, settings: Settings) -> User:
    """The user whose name and password these are. Raises WrongLogin, TooMany.

    ``address`` is where the try comes from, empty for one that is exempt from the limit per address. Each
    try is counted before it is checked, so that many at once cannot slip through; a right one is taken back.
    """
    name = username.strip().lower() if is_username(username) else "nobody's"
    by_account, by_address = f"login:{name}", f"login-from:{address}"
    by_both = f"{by_account}@{address}"
    if address:
        await count_try(by_address, settings.login_tries_per_address, settings.login_seconds)
    # From one place few tries, from all places together more: else anybody could lock anybody out.
    await count_try(by_both, settings.login_tries, settings.login_seconds)
    await count_try(by_account, settings.login_tries * FROM_ALL_PLACES, settings.login_seconds)
    user = await User.get_or_none(username=name)
    if not await is_right(password, user.password_hash if user else None) or user is None:
        raise WrongLogin
    await forget(by_both)
    await forgive(by_account)
    if address:
        await forgive(by_address)
    return user


async def change_profile(user: User, display_name: str | None = None, bio: str | None = None) -> None:
    """Change what the profile says; None leaves it as it is. Raises Invalid."""
    if display_name is not None:
        user.display_name = one_line(display_name, "display_name", NAME_LENGTH)
    if bio is not None:
        user.bio = fitting(bio, "bio", BIO_LENGTH)
    async with transaction():
        await user.save(update_fields=["display_name", "bio"])


async def change_password(user: User, kept: Session | None, new_password: str) -> None:
    """Give the user a new password and end every session and token but the one to keep. Raises Invalid."""
    check_password(new_password, "password")
    user.password_hash = await hash_of(new_password)
    async with transaction() as events:
        await user.save(update_fields=["password_hash"])
        await end_other_sessions(events, user, kept)


async def grant(username: str, verified: bool | None = None, admin: bool | None = None) -> User:
    """Set or take the flags that only an operator gives; None leaves one as it is. Raises NotFound."""
    user = await User.get_or_none(username=username.lower())
    if user is None:
        raise NotFound(f"There is no user {username}.")
    user.is_verified = user.is_verified if verified is None else verified
    user.is_admin = user.is_admin if admin is None else admin
    async with transaction():
        await user.save(update_fields=["is_verified", "is_admin"])
    return user


def is_username(text: str) -> bool:
    """Whether somebody could be called so, in any case."""
    return re.fullmatch(r"[a-z0-9_]{3,30}", text.strip().lower()) is not None


def valid_username(text: str) -> str:
    """The username in lower case. Raises Invalid when nobody may be called so."""
    if not is_username(text):
        raise Invalid(fields={"username": "3 to 30 letters (a to z), digits or underscores."})
    name = text.strip().lower()
    if name in RESERVED:
        raise Invalid(fields={"username": "This name is reserved."})
    return name


def check_password(text: str, field: str) -> None:
    """Raises Invalid unless it is 8 to 256 characters that can be stored."""
    if not SHORTEST_PASSWORD <= len(text) <= LONGEST_PASSWORD:
        raise Invalid(fields={field: f"{SHORTEST_PASSWORD} to {LONGEST_PASSWORD} characters."})
    fitting(text, field, LONGEST_PASSWORD)
