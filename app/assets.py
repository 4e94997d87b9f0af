"""Scripts, styles and icons: which files browsers may have, at addresses that change with the content."""

import base64
import gzip
import hashlib
import json
import re
from functools import cache
from pathlib import Path
from typing import NamedTuple

from markupsafe import Markup

from app.stylesheet import STYLES, stylesheet

ROOT = Path(__file__).parent.parent
STATIC, PACKAGES = ROOT / "static", ROOT / "node_modules"

# The only files of the packages that leave the house, with the names they have in addresses.
FROM_PACKAGES = {
    "emoji/data.json": "emoji-picker-element-data/en/cldr/data.json",
    "emoji/database.js": "emoji-picker-element/database.js",
    "emoji/picker.js": "emoji-picker-element/picker.js",
    "bootstrap/bootstrap.esm.min.js": "bootstrap/dist/js/bootstrap.esm.min.js",
    "popper/popper.js": "@popperjs/core/dist/umd/popper.min.js",
    "stimulus/stimulus.js": "@hotwired/stimulus/dist/stimulus.js",
}
MODULES_OF_OURS = "js/"
MODULES = {
    "@hotwired/stimulus": "stimulus/stimulus.js",
    "@popperjs/core": "popper/popper.js",
    "bootstrap": "bootstrap/bootstrap.esm.min.js",
    "emoji-picker-element": "emoji/picker.js",
}
# Popper as an ES module is 61 small files; its one-file build becomes a module by this line.
AFTERWARDS = {"popper/popper.js": b"\nexport const { createPopper, popperGenerator } = globalThis.Popper;\n"}
# Our policy lets no attribute ``style`` be set, but its properties. In the picker one place sets all attributes.
SET, SET_STYLE = b"targetNode.setAttribute(attributeName, newValue)", b"targetNode.style.cssText = newValue"
INSTEAD = {"emoji/picker.js": (SET, b'attributeName === "style" ? (%b) : %b' % (SET_STYLE, SET))}
KINDS = {
    ".json": "application/json",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".ico": "image/x-icon",
    ".woff2": "font/woff2",
    ".webmanifest": "application/manifest+json",
}


class Asset(NamedTuple):
    """A file in memory; ``zipped`` is empty where packing gains nothing."""

    kind: str
    digest: str
    content: bytes
    zipped: bytes


@cache
def assets() -> dict[str, Asset]:
    """Every file that is served, by name. Raises FileNotFoundError when the packages are not installed."""
    files = {path.relative_to(STATIC).as_posix(): path for path in STATIC.rglob("*") if path.suffix in KINDS}
    files |= {name: PACKAGES / path for name, path in FROM_PACKAGES.items()}
    contents = {name: _content(name, path) for name, path in sorted(files.items())}
    contents["styles.css"] = _styles(contents)
    ours = _digest(b"".join(_digest(contents[name]).encode() for name in contents if name.startswith(MODULES_OF_OURS)))
    return {
        name: _asset(name, content, ours if name.startswith(MODULES_OF_OURS) else _digest(content))
        for name, content in contents.items()
    }


@cache
def asset(name: str) -> str:
    """The address of a file, such as ``js/socket.js``. Raises KeyError for one that is not served."""
    return f"/static/{assets()[name].digest}/{name}"


@cache
def importmap() -> Markup:
    """The import map: the packages by their names, and our modules as ``natter/…``.

    Ours have one digest for all of them, so that one line of the map is enough, and a change of one is a new address
    for all.
    """
    imports = {name: asset(file) for name, file in MODULES.items()}
    imports["natter/"] = asset("js/application.js").removesuffix("application.js")
    # Inside <script>, "</" would end the element; file names hold none, and it costs nothing to be sure.
    return Markup(json.dumps({"imports": imports}, separators=(",", ":")).replace("</", "<\\/"))  # noqa: S704


@cache
def importmap_hash() -> str:
    """What the content security policy calls the import map."""
    return "sha256-" + base64.b64encode(hashlib.sha256(importmap().encode()).digest()).decode()


@cache
def icon(name: str, classes: str = "") -> Markup:
    """A Bootstrap icon as SVG inside the page, for the eye only. Raises FileNotFoundError."""
    if not re.fullmatch(r"[a-z0-9-]+", name):
        raise FileNotFoundError(name)
    drawing = (PACKAGES / "bootstrap-icons" / "icons" / f"{name}.svg").read_text()
    tag = '<svg aria-hidden="true" focusable="false" '
    drawing = drawing.replace("<svg ", tag, 1).replace('class="bi', Markup('class="{} bi').format(classes), 1)
    return Markup(drawing.replace('class=" ', 'class="').replace("\n", ""))  # noqa: S704  (a file of the package)


def _content(name: str, path: Path) -> bytes:
    content = path.read_bytes() + AFTERWARDS.get(name, b"")
    return content.replace(*INSTEAD[name]) if name in INSTEAD else content


def _styles(contents: dict[str, bytes]) -> bytes:
    pages = [path.read_text() for path in sorted((ROOT / "templates").rglob("*.html"))]
    pages += [content.decode() for name, content in contents.items() if name.startswith(MODULES_OF_OURS)]
    bootstrap = (PACKAGES / "bootstrap/dist/css/bootstrap.min.css").read_text()
    return stylesheet(bootstrap, [contents[f"css/{name}.css"].decode() for name in STYLES], pages).encode()


def _asset(name: str, content: bytes, digest: str) -> Asset:
    suffix = Path(name).suffix
    zipped = gzip.compress(content, 9, mtime=0) if suffix not in (".png", ".woff2") else b""
    return Asset(KINDS[suffix], digest, content, zipped if len(zipped) < len(content) * 0.9 else b"")


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:12]
