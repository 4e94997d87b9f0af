"""Values that cannot be known beforehand, by their shape: ``frame == {"sent_at": A_MOMENT, …}``."""

import re


class Shape:
    """Equal to every string that ``pattern`` describes."""

    def __init__(self, name: str, pattern: str) -> None:
        self.name, self.pattern = name, pattern

    def __eq__(self, other: object) -> bool:
        return isinstance(other, str) and re.fullmatch(self.pattern, other, re.DOTALL) is not None

    def __hash__(self) -> int:
        return hash(self.pattern)

    def __repr__(self) -> str:
        return self.name


A_UUID = Shape("A_UUID", r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
A_MOMENT = Shape("A_MOMENT", r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
A_TIMESTAMP = Shape("A_TIMESTAMP", r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d")
A_CLOCK = Shape("A_CLOCK", r"\d\d:\d\d")
A_SENTENCE = Shape("A_SENTENCE", r"\S.+\.")
AN_EPOCH = Shape("AN_EPOCH", r"[0-9a-f]{16}")
