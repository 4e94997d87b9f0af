"""Scripts, styles and packages."""

import re

from app.assets import FROM_PACKAGES, asset, importmap
from tests.site import Site


async def test_a_file_is_kept_for_ever_under_its_digest_only(site: Site) -> None:
    visitor = await site.visitor()
    address = asset("bootstrap/bootstrap.min.css")
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


async def test_each_address_in_the_import_map_loads(site: Site) -> None:
    visitor = await site.visitor()
    addresses = re.findall(r'"(/static/[^"]+)"', str(importmap()))
    assert len(addresses) >= len(FROM_PACKAGES) - 1
    for address in addresses:
        answer = await visitor.http.get(address)
        assert (answer.status_code, answer.headers["content-type"]) == (200, "text/javascript; charset=utf-8")
