"""What can go wrong, in the words of the house. ``app.refusal`` makes answers of it, sockets error frames."""


class Problem(Exception):
    """Raised in actions and handlers: ``message`` for people, ``code`` for programs, ``fields`` for forms."""

    status = 500
    code = "internal"
    message = "Something went wrong on our side."

    def __init__(
        self,
        message: str = "",
        *,
        code: str = "",
        fields: dict[str, str] | None = None,
        retry_after: int | None = None,
    ) -> None:
        self.message = message or self.message
        self.code = code or self.code
        self.fields = fields or {}
        self.retry_after = retry_after
        super().__init__(self.message)


class BadRequest(Problem):
    """The request itself cannot be understood."""

    status, code, message = 400, "bad_request", "This request cannot be understood."


class NotSignedIn(Problem):
    """Only somebody who is signed in may do this."""

    status, code, message = 401, "not_signed_in", "Please log in first."


class WrongLogin(Problem):
    """No such user, or not that password: which of the two is nobody's business."""

    status, code, message = 401, "wrong_login", "That username and password do not belong together."


class Forbidden(Problem):
    """Known, visible, and still not theirs to touch."""

    status, code, message = 403, "forbidden", "You may not do this."


class NotFound(Problem):
    """It does not exist, or the asker may not know that it does."""

    status, code, message = 404, "not_found", "This does not exist, or not any more."


class WrongMethod(Problem):
    """The address exists, and this is not done to it."""

    status, code, message = 405, "method_not_allowed", "This address does not do that."


class Conflict(Problem):
    """It contradicts what is already there."""

    status, code, message = 409, "conflict", "This contradicts what is already there."


class TooLarge(Problem):
    """More bytes than we take."""

    status, code, message = 413, "too_large", "This is too large."


class WrongKind(Problem):
    """A body that is neither a form nor JSON."""

    status, code, message = 415, "unsupported_media_type", "Send a form or JSON."


class Invalid(Problem):
    """Understood, and still wrong; ``fields`` says where."""

    status, code, message = 422, "invalid", "Please check what you entered."


class TooMany(Problem):
    """Too often; ``retry_after`` says in how many seconds it may work again."""

    status, code, message = 429, "too_many", "Too many tries. Please wait a little."


class Unavailable(Problem):
    """The database, or what else we need, does not answer now."""

    status, code, message = (
        503,
        "unavailable",
        "Natter cannot be reached right now. Please try again in a moment.",
    )

    def __init__(self) -> None:
        super().__init__(retry_after=2)
