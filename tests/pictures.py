"""Pictures to upload."""

from io import BytesIO

from PIL import Image


def png(colour: tuple[int, int, int] = (200, 30, 30), size: tuple[int, int] = (64, 64)) -> bytes:
    """One colour, as a PNG."""
    stored = BytesIO()
    Image.new("RGB", size, colour).save(stored, "PNG")
    return stored.getvalue()
