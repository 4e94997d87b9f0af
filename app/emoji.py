"""What one emoji is."""

import re

# One character of Unicode's emoji, as data of any version has them: blocks, so that next year's are emoji too.
_BASE = (
    "[\u00a9\u00ae\u203c\u2049\u2122\u2139\u2194-\u21aa\u231a-\u23ff\u24c2\u25aa-\u25fe\u2600-\u27bf\u2934\u2935"
    "\u2b05-\u2b55\u3030\u303d\u3297\u3299\U0001f004-\U0001f1e5\U0001f200-\U0001faff]"
)
_SKIN = "[\U0001f3fb-\U0001f3ff]"
_TAGS = "[\U000e0020-\U000e007e]{1,8}\U000e007f"
_PART = f"{_BASE}(?:\ufe0f?{_SKIN}|\ufe0f)?(?:{_TAGS})?"
# Keycaps, flags of two letters, and what a zero width joiner makes one of several (Unicode Technical Standard 51).
_EMOJI = re.compile(f"[0-9#*]\ufe0f?\u20e3|[\U0001f1e6-\U0001f1ff]{{2}}|{_PART}(?:\u200d{_PART}){{0,7}}")


def is_emoji(text: str) -> bool:
    """Whether this is one emoji, with its skin tone if it has one, and nothing else."""
    return _EMOJI.fullmatch(text) is not None
