"""Pictures of people: made safe and square when uploaded, and drawn from the name for those who have none."""

import hashlib
import warnings
from functools import lru_cache
from io import BytesIO

from PIL import Image, ImageDraw, ImageFont, ImageOps

from app.errors import Invalid

SIDE = 256
# The largest that is shown is 96 pixels wide, and a list has many of them.
DRAWN_SIDE = 192
LONGEST_SIDE = 8000
MOST_PIXELS = 40_000_000
FORMATS = ("JPEG", "PNG", "WEBP", "GIF")
TOO_LARGE = "This picture is too large: at most 8,000 pixels a side and 40 million in all."
BACKGROUND = (255, 255, 255)


def square(upload: bytes) -> bytes:
    """An uploaded picture as a square JPEG without metadata. Slow: call it in a thread. Raises Invalid."""
    try:
        with warnings.catch_warnings():
            # Our own limit stands below; Pillow would only warn.
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(BytesIO(upload), formats=FORMATS) as picture:
                # Only the header has been read: 20 KB can claim 13,000 × 13,000 and take 834 MB to decode.
                _check_dimensions(*picture.size)
                picture.draft("RGB", (SIDE * 2, SIDE * 2))
                upright = ImageOps.exif_transpose(picture)
                return _as_jpeg(ImageOps.fit(_on_background(upright), (SIDE, SIDE), Image.Resampling.LANCZOS))
    except Invalid:
        raise
    except Image.DecompressionBombError:
        raise refused(TOO_LARGE) from None
    except Exception:
        # Pillow's decoders raise almost anything on broken files; all of it means the same here.
        raise refused("This is not a picture that can be read. Use JPEG, PNG, WebP or GIF.") from None


def refused(message: str) -> Invalid:
    """The error for a picture that is not taken."""
    return Invalid(fields={"avatar": message})


@lru_cache(maxsize=256)
def drawn(username: str, display_name: str) -> bytes:
    """Initials on a colour that belongs to the username, as a square JPEG."""
    hue = hashlib.sha256(username.encode()).digest()[0] * 360 // 256
    picture = Image.new("RGB", (DRAWN_SIDE, DRAWN_SIDE), f"hsl({hue}, 45%, 42%)")
    ImageDraw.Draw(picture).text(
        (DRAWN_SIDE / 2, DRAWN_SIDE / 2),
        initials(display_name or username),
        fill="white",
        anchor="mm",
        font=ImageFont.load_default(size=DRAWN_SIDE * 0.42),
    )
    return _as_jpeg(picture, quality=75)


def initials(name: str) -> str:
    """Up to two letters: of the first and the last word. Pillow's font has Latin letters only."""
    words = [word for word in name.replace("_", " ").split() if word[0].isalnum() and ord(word[0]) < 0x250]
    return "".join(word[0] for word in (words[:1] + words[1:][-1:])).upper() or "?"


def _check_dimensions(width: int, height: int) -> None:
    if max(width, height) > LONGEST_SIDE or width * height > MOST_PIXELS:
        raise refused(TOO_LARGE)


def _on_background(picture: Image.Image) -> Image.Image:
    if picture.mode.startswith("I"):
        # 16 bits of grey: ``convert`` would clip all but the darkest 256 of them to white.
        picture = picture.convert("I").point(lambda grey: grey / 256).convert("L")
    if "A" not in picture.getbands() and "transparency" not in picture.info:
        return picture.convert("RGB")
    transparent = picture.convert("RGBA")
    background = Image.new("RGB", picture.size, BACKGROUND)
    background.paste(transparent, mask=transparent.getchannel("A"))
    return background


def _as_jpeg(picture: Image.Image, quality: int = 88) -> bytes:
    out = BytesIO()
    picture.save(out, "JPEG", quality=quality, optimize=True)
    return out.getvalue()
