"""What one emoji is, and what is drawn large because it is nothing else."""

import re

# One character of Unicode's emoji, as data of any version has them: blocks, so that next year's are emoji too.
_BASE = (
    "[\u00a9\u00ae\u203c\u2049\u2122\u2139\u2194-\u21aa\u231a-\u23ff\u24c2\u25aa-\u25fe\u2600-\u27bf\u2934\u2935"
    "\u2b05-\u2b55\u3030\u303d\u3297\u3299\U0001f004-\U0001f1e5\U0001f200-\U0001faff]"
)
_KEYCAP = "[0-9#*]\ufe0f?\u20e3"
_FLAG = "[\U0001f1e6-\U0001f1ff]{2}"
_SKIN = "[\U0001f3fb-\U0001f3ff]"
_TAGS = "[\U000e0020-\U000e007e]{1,8}\U000e007f"
_PART = f"{_BASE}(?:\ufe0f?{_SKIN}|\ufe0f)?(?:{_TAGS})?"
# What a zero width joiner makes one of several (Unicode Technical Standard 51).
_EMOJI = re.compile(f"{_KEYCAP}|{_FLAG}|{_PART}(?:\u200d{_PART}){{0,7}}")
LARGE_EMOJI = 6
# In text a heart or a copyright sign is a letter, unless it says that it wants to be a picture.
_PICTURE = (
    # One, or several that are joined, each perhaps with a skin tone.
    "(?:[\U0001f300-\U0001f64f\U0001f680-\U0001f6ff\U0001f7e0-\U0001faff]"
    "|[\u231a\u231b\u23e9-\u23ec\u23f0\u23f3\u2614\u2615\u2648-\u2653\u267f\u2693\u26a1\u26aa\u26ab\u26bd\u26be"
    "\u26c4\u26c5\u26ce\u26d4\u26ea\u26f2\u26f3\u26f5\u26fa\u26fd\u2705\u270a\u270b\u2728\u274c\u274e\u2753-\u2755"
    "\u2757\u2795-\u2797\u27b0\u2b1b\u2b1c\u2b50\u2b55]|[\u203c-\u3299](?=\ufe0f))"
    "[\ufe0f\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f]*"
    "(?:\u200d[\u2600-\u27bf\U0001f300-\U0001faff][\ufe0f\U0001f3fb-\U0001f3ff]*)*"
)
_ONLY_EMOJI = re.compile(f"(?:(?:{_FLAG}|{_KEYCAP}|{_PICTURE}) ?){{1,{LARGE_EMOJI}}}")


def is_emoji(text: str) -> bool:
    """Whether this is one emoji, with its skin tone if it has one, and nothing else."""
    return _EMOJI.fullmatch(text) is not None


def is_emoji_only(text: str) -> bool:
    """Whether there is nothing in ``text`` but a few emoji, which are drawn large."""
    return not text.isascii() and _ONLY_EMOJI.fullmatch(text) is not None
