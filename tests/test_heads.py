"""Heads that two programs could read differently are refused, for those who run without a proxy in front."""

import asyncio

import pytest

from tests.site import DEADLINE, Site

GOOD = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"

BAD = {
    "a space before the colon": b"GET /healthz HTTP/1.1\r\nHost : localhost\r\n\r\n",
    "two hosts": b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nHost: example.org\r\n\r\n",
    "two equal hosts": b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nhost: localhost\r\n\r\n",
    "no host": b"GET /healthz HTTP/1.1\r\nAccept: */*\r\n\r\n",
    "a folded line": b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-One: a\r\n b: c\r\n\r\n",
    "a tab in a name": b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nX\tOne: a\r\n\r\n",
    "a bare LF": b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-One: a\nX-Two: b\r\n\r\n",
    "a bare CR": b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-One: a\rX-Two: b\r\n\r\n",
    "a NUL": b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-One: a\0b\r\n\r\n",
    "two lengths": b"POST /login HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\nx",
    "a length and chunks": b"POST /login HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\n"
    b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "a coding we do not know": b"POST /login HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: gzip, chunked\r\n\r\n"
    b"0\r\n\r\n",
    "a signed length": b"POST /login HTTP/1.1\r\nHost: localhost\r\nContent-Length: +1\r\n\r\nx",
    "a line without a colon": b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nnonsense\r\n\r\n",
    "another protocol": b"GET /healthz HTTP/3\r\nHost: localhost\r\n\r\n",
}


async def answers(site: Site, *said: bytes) -> bytes:
    """Everything the server says until it hangs up."""
    reader, writer = await asyncio.open_connection("127.0.0.1", site.port)
    writer.write(b"".join(said))
    async with asyncio.timeout(DEADLINE):
        heard = await reader.read()
    writer.close()
    return heard


@pytest.mark.parametrize("head", BAD.values(), ids=BAD)
async def test_an_ambiguous_head_is_refused_and_nothing_after_it_is_read(site: Site, head: bytes) -> None:
    logged = site.log.stat().st_size
    heard = await answers(site, head, GOOD)
    assert heard.startswith(b"HTTP/1.1 400 ")
    assert heard.count(b"HTTP/1.1 ") == 1
    assert b"Traceback" not in heard
    assert b"Traceback" not in site.log.read_bytes()[logged:]


ODD = {
    "an address that nobody can read": (b"GET http://[::1/ HTTP/1.1\r\nHost: localhost\r\n\r\n", 400),
    "a tunnel": (b"CONNECT example.org:1 HTTP/1.1\r\nHost: localhost\r\n\r\n", 400),
    "an address of bytes": (b"GET /\xff HTTP/1.1\r\nHost: localhost\r\n\r\n", 400),
    "TLS": (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", 400),
    "HTTP/2": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400),
    "a huge head": (b"GET / HTTP/1.1\r\nHost: localhost\r\nX-One: " + b"a" * 20_000 + b"\r\n\r\n", 413),
    "a method of its own": (b"FLY /posts HTTP/1.1\r\nHost: localhost\r\n\r\n", 405),
    "a form without its boundary": (
        b"POST /login HTTP/1.1\r\nHost: localhost\r\nContent-Type: multipart/form-data\r\nContent-Length: 3\r\n\r\nabc",
        403,
    ),
    "a form that is none": (
        b"POST /login HTTP/1.1\r\nHost: localhost\r\nContent-Type: multipart/form-data; boundary=x\r\n"
        b"Content-Length: 17\r\n\r\n--x\r\nA: \xff\r\n\r\n\xfe--x--",
        403,
    ),
    "letters that are none": (
        b"POST /login HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n"
        b"Content-Length: 8\r\n\r\n\xff=%fe&a=",
        403,
    ),
}


@pytest.mark.parametrize(("said", "status"), ODD.values(), ids=ODD)
async def test_odd_requests_are_answered_without_a_trace(site: Site, said: bytes, status: int) -> None:
    logged = site.log.stat().st_size
    reader, writer = await asyncio.open_connection("127.0.0.1", site.port)
    writer.write(said)
    async with asyncio.timeout(DEADLINE):
        assert int((await reader.readline()).split()[1]) == status
    writer.transport.abort()
    assert (await answers(site, GOOD)).startswith(b"HTTP/1.1 200 ")
    assert b"Traceback" not in site.log.read_bytes()[logged:]


async def test_a_plain_head_is_served(site: Site) -> None:
    again = GOOD.replace(b"close", b"keep-alive")
    heard = await answers(site, again, again, GOOD)
    assert heard.count(b"HTTP/1.1 200 OK") == 3
    assert (await answers(site, b"GET /healthz HTTP/1.0\r\n\r\n")).startswith(b"HTTP/1.1 200 OK")
    odd = GOOD.replace(b"Connection", b"X-!#$%&'*+.^_`|~9: \xc3\xa9\t,\"\r\nConnection")
    assert b"HTTP/1.1 200 OK" in await answers(site, odd)
