"""Scripts, styles and packages."""

import json
import re

from app.assets import FROM_PACKAGES, INSTEAD, MODULES, PACKAGES, asset, assets, importmap
from tests.site import Site


async def test_a_file_is_kept_for_ever_under_its_digest_only(site: Site) -> None:
    visitor = await site.visitor()
    address = asset("styles.css")
    answer = await visitor.http.get(address)
    assert answer.headers["content-type"] == "text/css; charset=utf-8"
    assert "immutable" in answer.headers["cache-control"]
    assert answer.headers["content-encoding"] == "gzip"
    plain = await visitor.http.get(address, headers={"accept-encoding": "identity"})
    assert plain.text == answer.text
    other = await visitor.http.get(re.sub(r"/static/\w+/", "/static/0/", address))
    assert "immutable" not in other.headers["cache-control"]


async def test_nothing_else_leaves_the_house(site: Site) -> None:
    visitor = await site.visitor()
    for path in (
        "/static/0/../app/main.py",
        "/static/0/%2e%2e/app/main.py",
        "/static/0/bootstrap/package.json",
        "/static/0//etc/passwd",
        "/node_modules/bootstrap/package.json",
    ):
        assert (await visitor.http.get(path)).status_code == 404


async def test_each_module_loads_from_where_the_import_map_says(site: Site) -> None:
    visitor = await site.visitor()
    imports: dict[str, str] = json.loads(importmap())["imports"]
    assert set(imports) == {*MODULES, "natter/"}
    ours = [name.removeprefix("js/") for name in assets() if name.startswith("js/")]
    addresses = [imports[name] for name in MODULES] + [imports["natter/"] + name for name in ours]
    for address in addresses:
        answer = await visitor.http.get(address)
        assert (answer.status_code, answer.headers["content-type"]) == (200, "text/javascript; charset=utf-8")
        assert "immutable" in answer.headers["cache-control"]


def test_what_we_change_in_a_package_is_still_there_once() -> None:
    for name, (there, ours) in INSTEAD.items():
        assert (PACKAGES / FROM_PACKAGES[name]).read_bytes().count(there) == 1, "is the change still needed?"
        assert assets()[name].content.count(ours) == 1
