#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
#
# What no browser sends: each is refused with a status of its own, with the
# headers that every answer has, and the connection ends.

import socket
import subprocess
import time

from panel_box import PANEL, Answer, Panel, receive_all
from sandbox import Sandbox, finish, is_, test

FORM = "Content-Type: application/x-www-form-urlencoded"


def refused(panel, answer, status):
    is_(answer.status, status)
    is_(answer.header("Connection"), "close")
    is_(answer.header("Cache-Control"), "no-store")
    assert "default-src 'none'" in answer.header("Content-Security-Policy")
    is_(panel.ask("GET", "/healthz").status, 200, "afterwards")


@test
def a_plain_request_is_answered(panel):
    is_(panel.ask("GET", "/healthz").text, "ok\n")
    is_(panel.ask("GET", "/login").status, 200)


@test
def every_answer_says_what_a_browser_may_do_with_it(panel):
    for path in "/login", "/nowhere", "/", "/healthz", "/a/acme":
        answer = panel.ask("GET", path)
        is_(answer.header("Cache-Control"), "no-store")
        is_(answer.header("X-Content-Type-Options"), "nosniff")
        assert "frame-ancestors 'none'" in answer.header("Content-Security-Policy")
        assert "unsafe" not in answer.header("Content-Security-Policy")


@test
def files_are_kept_for_ever_under_the_name_of_their_content(panel):
    import re
    path = re.search(r'"(/static/[^"]*style.css)"', panel.ask("GET", "/login").text)[1]
    answer = panel.ask("GET", path)
    is_(answer.status, 200)
    is_(answer.header("Content-Type"), "text/css; charset=utf-8")
    assert "immutable" in answer.header("Cache-Control")
    again = panel.ask("GET", path, f"If-None-Match: {answer.header('ETag')}")
    is_((again.status, again.body), (304, b""))
    is_(panel.ask("GET", "/static/0000000000000000/style.css").status, 404)
    is_(panel.ask("GET", "/static/../panel.c").status, 404)


@test
def head_has_the_length_and_no_body(panel):
    got, head = panel.ask("GET", "/login"), panel.ask("HEAD", "/login")
    is_(head.body, b"")
    is_(head.header("Content-Length"), got.header("Content-Length"))
    is_(panel.ask("HEAD", "/nowhere").body, b"")
    is_(panel.ask("HEAD", "/%00").body, b"")


@test
def other_methods_are_refused(panel):
    for method in "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "CONNECT":
        answer = panel.ask(method, "/login")
        refused(panel, answer, 405)
        is_(answer.header("Allow"), "GET, HEAD, POST")
    for method in "BREW", "get", "PROPFIND", "G" * 300:
        refused(panel, panel.ask(method, "/login"), 501)
    refused(panel, panel.ask("GE\0T", "/login"), 400)
    is_(panel.ask("POST", "/healthz", "Content-Length: 0", FORM).status, 405)


@test
def a_request_line_that_is_none_is_refused(panel):
    host = f"Host: 127.0.0.1:{panel.port}\r\n\r\n"
    for line in ("GET", "GET ", "GET /", "GET / HTTP/2.0", "GET / HTTP/1.1 ", "GET  / HTTP/1.1", " GET / HTTP/1.1",
                 "GET / http/1.1", "GET /login HTTP/0.9", "GET / HTTP/1.10", "\x16\x03\x01\x02"):
        refused(panel, panel.raw(f"{line}\r\n{host}"), 400)
    refused(panel, panel.raw("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), 400)
    refused(panel, panel.raw("\r\n\r\n"), 400)


@test
def a_path_with_control_characters_is_refused(panel):
    for path in ("/%00", "/login%00", "/login?x=%00", "/%0d%0aSet-Cookie:x", "/a/%1f", "/%7F", "/\x01", "/a b", "//x\\",
                 "/%", "/%4", "/login#x", "*", "http://127.0.0.1/", "/\x80", "/" + "a" * 3000):
        refused(panel, panel.raw(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{panel.port}\r\n\r\n".encode("latin-1")),
                400)
    for path in "/a/%ff", "/a/%c0%80", "/a/x%2fy", "/a/..", "/a/%2e%2e/codes", "/a//codes":
        is_(panel.ask("GET", path).status, 404, path)
    is_(panel.ask("GET", "/login?x=%zz").status, 400)
    is_(panel.ask("GET", "/login?x=%ff").status, 400)


@test
def a_target_that_begins_with_a_host_is_refused(panel):
    """evhttp parses it, and leaves what it cannot parse without an answer."""
    for target in "//[", "//evil.example/", "//", "//[::1/", "//h[/", "//a:b/", "//a%zz/", "//a:99999999/x", "///login":
        refused(panel, panel.ask("GET", target), 400)


@test
def two_lengths_are_refused(panel):
    for lines in (("Content-Length: 3", "Content-Length: 3"), ("Content-Length: 3", "content-length: 30"),
                  ("Content-Length: 3, 3",), ("Content-Length: +3",), ("Content-Length: 0x3",), ("Content-Length: ",),
                  ("Content-Length: -1",), ("Content-Length : 3",), ("Content-Length: 3 3",)):
        refused(panel, panel.ask("POST", "/login", FORM, *lines, body=b"a=b"), 400)
    refused(panel, panel.ask("POST", "/login", FORM), 411)
    refused(panel, panel.ask("GET", "/login", "Content-Length: 3", body=b"a=b"), 400)


@test
def a_transfer_encoding_is_refused(panel):
    chunked = b"3\r\na=b\r\n0\r\n\r\n"
    for value in "chunked", "Chunked", "identity", "gzip, chunked", "":
        refused(panel, panel.ask("POST", "/login", FORM, f"Transfer-Encoding: {value}", body=chunked), 501)
        refused(panel, panel.ask("POST", "/login", FORM, f"transfer-encoding:{value}", "Content-Length: 3",
                                 body=chunked), 400)
    refused(panel, panel.ask("POST", "/login", FORM, "Transfer-Encoding : chunked", body=chunked), 400)


@test
def lines_of_another_make_are_refused(panel):
    host = f"Host: 127.0.0.1:{panel.port}"
    for head in (f"GET /healthz HTTP/1.1\r\n{host}\r\n folded: x\r\n\r\n", f"GET /healthz HTTP/1.1\r\n{host}\r\nno colon\r\n\r\n",
                 f"GET /healthz HTTP/1.1\r\n{host}\r\n: empty\r\n\r\n", f"GET /healthz HTTP/1.1\r\n{host}\r\nX: a\0b\r\n\r\n",
                 f"GET /healthz HTTP/1.1\r\n{host}\r\nX: a\rb\r\n\r\n", f"GET /healthz HTTP/1.1\n{host}\r\nX: y\r\n\r\n",
                 f"GET /healthz HTTP/1.1\r\n{host}\nX: y\r\n\r\n", f"GET /healthz HTTP/1.1\r\n{host}\r\nX y: z\r\n\r\n"):
        refused(panel, panel.raw(head), 400)
    many = [f"X-{i}: y" for i in range(80)]
    refused(panel, panel.ask("GET", "/healthz", *many), 400)


@test
def blanks_around_a_value_are_none_of_it(panel):
    for length in "Content-Length:3", "Content-Length:  3", "Content-Length: 3 \t ", "Content-Length:\t3 ":
        is_(panel.ask("POST", "/login", FORM + " ", length, body=b"a=b").status, 403, length)
    is_(panel.raw(f"GET /healthz HTTP/1.1\r\nHost: {panel.host}  \r\n\r\n").status, 200)


@test
def an_address_too_long_to_come_back_to_leads_to_the_log_in_alone(panel):
    def leads(method, path):
        lines = [FORM, "Content-Length: 0"] if method == "POST" else []
        answer = panel.ask(method, path, *lines)
        return answer.status, answer.header("Location")

    is_(leads("GET", "/a/,/tickets/a"), (303, "/login?next=%2Fa%2F%2C%2Ftickets%2Fa"))
    is_(leads("POST", "/a/a/tickets/a"), (303, "/login?next=%2Fa%2Fa%2Ftickets%2Fa"))
    for method in "GET", "POST":
        is_(leads(method, f"/a/{',' * 255}/tickets/{',' * 255}"), (303, "/login"), method)
    is_(panel.ask("GET", "/a/,/tickets/,/close").header("Location"), "/a/%2C/tickets/%2C")
    is_(leads("GET", f"/a/{',' * 255}/tickets/{',' * 255}/close"), (404, None))


@test
def another_host_is_refused(panel):
    for host in "evil.example", "127.0.0.1", f"127.0.0.1:{panel.port}.evil.example", "", f"x@127.0.0.1:{panel.port}":
        refused(panel, panel.raw(f"GET /healthz HTTP/1.1\r\nHost: {host}\r\n\r\n"), 400)
    refused(panel, panel.raw("GET /healthz HTTP/1.1\r\n\r\n"), 400)
    refused(panel, panel.raw("GET /healthz HTTP/1.0\r\n\r\n"), 400)
    refused(panel, panel.ask("GET", "/healthz", f"Host: 127.0.0.1:{panel.port}"), 400)
    refused(panel, panel.ask("GET", "/healthz", "Cookie: a=b", "Cookie: c=d"), 400)


@test
def a_head_of_more_than_8_kib_is_refused(panel):
    is_(panel.ask("GET", "/healthz", "X: " + "y" * 7500).status, 200)
    for size in 9000, 100000, 2000000:
        refused(panel, panel.ask("GET", "/healthz", "X: " + "y" * size), 431)


@test
def a_body_of_more_than_40_kib_is_refused(panel):
    for size in 40961, 999999999, 10**30:
        refused(panel, panel.ask("POST", "/login", FORM, f"Content-Length: {size}", body=b"a" * 20000), 413)
    is_(panel.ask("POST", "/login", FORM, "Content-Length: 40960", body=b"a" * 40960).status, 403)


@test
def another_type_of_body_is_refused(panel):
    for kind in "text/plain", "multipart/form-data; boundary=x", "application/json", "application/x-www-form-urlencodedx", \
            "application/x-www-form-urlencoded; charset=utf-16":
        refused(panel, panel.ask("POST", "/login", f"Content-Type: {kind}", "Content-Length: 3", body=b"a=b"), 415)
    refused(panel, panel.ask("POST", "/login", "Content-Length: 3", body=b"a=b"), 415)
    refused(panel, panel.ask("POST", "/login", FORM, "Content-Length: 3", "Expect: 100-continue", body=b"a=b"), 417)


@test
def fields_with_control_characters_are_refused(panel):
    for body in b"a=%00", b"%00=a", b"a=%01", b"a%0a=b", b"a=%7f", b"a=%", b"a=%4", b"a=%zz", b"a=%ff", b"a=\0", \
            b"a=%ed%a0%80", b"&".join(b"a=b" for _ in range(257)):
        answer = panel.ask("POST", "/login", FORM, f"Content-Length: {len(body)}", body=body)
        is_(answer.status, 400, body)


@test
def a_second_request_on_the_connection_is_not_taken(panel):
    first = panel.head("GET", "/healthz").encode()
    got = panel.raw(first + panel.head("GET", "/login").encode()).raw
    is_(got.count(b"HTTP/1.1 "), 1)
    # what follows a body is no request either, whatever somebody in front thought
    smuggled = panel.ask("POST", "/login", FORM, "Content-Length: 3", body=b"a=b" + first).raw
    is_(smuggled.count(b"HTTP/1.1 "), 1)


@test
def who_goes_away_in_the_middle_harms_nobody(panel):
    for part in b"", b"G", b"GET / HTTP/1.1\r\n", panel.head("POST", "/login", FORM, "Content-Length: 100").encode():
        for _ in range(20):
            s = panel.connect()
            s.sendall(part)
            s.close()
    is_(panel.ask("GET", "/healthz").status, 200)


@test
def a_request_that_drips_is_ended(panel):
    """All of them at once, for their time is the same; a byte every so often does not stretch it."""
    started = time.monotonic()
    head = panel.head("GET", "/healthz", "X: " + "y" * 1000).encode()
    body = panel.head("POST", "/login", FORM, "Content-Length: 1000").encode()
    silent, slow_head, slow_body = (panel.connect() for _ in range(3))
    slow_body.sendall(body)
    ended = {}
    while len(ended) < 3 and time.monotonic() - started < 60:
        for s, byte in (silent, b""), (slow_head, head[:1]), (slow_body, b"a"):
            if s in ended:
                continue
            try:
                s.sendall(byte)
                head = head[1:] if s is slow_head else head
                s.settimeout(0.01)
                got = s.recv(65536)
                ended[s] = got
            except socket.timeout:
                pass
            except OSError:
                ended[s] = b""
        time.sleep(0.2)
    took = time.monotonic() - started
    is_(len(ended), 3)
    assert took > 5, took
    is_(ended[silent], b"")
    is_(Answer(ended[slow_head]).status, 408)
    is_(Answer(ended[slow_body]).status, 408)


@test
def more_connections_than_allowed_wait(panel):
    with Panel(panel.box, "connections = 16\n") as small:
        held = [small.connect() for _ in range(15)]
        is_(small.ask("GET", "/healthz").status, 200)
        held += [small.connect() for _ in range(4)]
        late = small.connect()
        late.sendall(small.head("GET", "/healthz").encode())
        late.settimeout(0.3)
        try:
            late.recv(1)
            raise AssertionError("it was answered")
        except socket.timeout:
            pass
        for s in held:
            s.close()
        late.settimeout(20)
        is_(Answer(receive_all(late)).status, 200)


@test
def a_port_that_is_taken_is_an_end_that_is_told(panel):
    done = subprocess.run([PANEL, "-c", panel.conf], capture_output=True, text=True, timeout=20)
    is_((done.returncode, done.stdout), (1, ""))
    assert f"cannot listen on {panel.host}: Address already in use\n" in done.stderr, done.stderr
    assert "ready on" not in done.stderr
    is_(panel.ask("GET", "/healthz").status, 200)


@test
def the_log_has_not_a_word_of_what_was_sent(panel):
    lines = panel.read_log().splitlines()
    is_(len([line for line in lines if "ready on" not in line and "the daemon" not in line]), 0, lines)


with Sandbox() as box, Panel(box) as panel:
    finish(panel)
