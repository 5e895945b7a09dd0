#!/usr/bin/python3
# SPDX-License-Identifier: ISC
#
# The Generate button in a control panel that logs its customers in already:
# issuer.py [PORT].  It runs as a user of role issuer, behind a proxy that says
# in X-Remote-User who is logged in, ACCOUNT/NAME, and takes it away from all others.
import html, http.server, json, secrets, socket, sys, time, urllib.parse

SOCKET = "/run/countersign/panel"
FIELDS = ("action", "target", "proof", "token")
PAGE = """<!DOCTYPE html><title>Code for support</title><p>{say}</p><form method=post>
<input name=action value="{action}" placeholder="Only for this action">
<input name=target value="{target}" placeholder="and this target">
<input name=proof placeholder="Code from your app" inputmode=numeric autocomplete=one-time-code>
<input type=hidden name=token value="{token}"> <button>Generate</button></form>"""


def ask(method, **parameters):
    with socket.socket(socket.AF_UNIX) as s:
        s.settimeout(10)
        s.connect(SOCKET)
        s.sendall(json.dumps({"method": "io.countersign.panel." + method, "parameters": parameters}).encode() + b"\0")
        reply = b""
        while not reply.endswith(b"\0"):
            reply += s.recv(65536) or b"\0"      # closed: no whole answer
    answer = json.loads(reply[:-1])["parameters"]
    if "parameter" in answer:       # is missing, or not of its form
        answer["say"] = "Countersign does not take this " + answer["parameter"] + "."
    return answer


def press(user, form):
    account, administrator = user.split("/")
    # The form's token is the request: a double click, a reload and a lost reply
    # show the same code.  High-risk actions need the proof.
    about = {"account": account, "administrator": administrator, "request": form["token"]}
    about |= {f: form[f] for f in ("action", "proof") if form[f]}
    answer = ask("Issue", **about, target=form["target"].split())
    if "code" not in answer:
        return answer.get("say") or answer["why"]
    code = answer["code"]
    until = time.strftime("%H:%M:%S", time.localtime(answer["expires"]))
    return f"Read this to support: {code[:3]} {code[3:6]} {code[6:]}, good once, until {until}"


class Panel(http.server.BaseHTTPRequestHandler):
    def do_GET(self, say="", form={}):
        values = {f: html.escape(form.get(f, "")) for f in FIELDS} | {"token": secrets.token_hex(16)}
        page = PAGE.format(say=html.escape(say), **values).encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(page)

    def do_POST(self):
        if self.headers["Origin"] not in (None, "http://" + self.headers["Host"], "https://" + self.headers["Host"]):
            return self.send_error(403)
        sent = urllib.parse.parse_qs(self.rfile.read(min(int(self.headers["Content-Length"]), 16384)).decode())
        form = {f: sent.get(f, [""])[0] for f in FIELDS}
        try:
            say = press(self.headers["X-Remote-User"], form)
        except (OSError, AttributeError, KeyError, ValueError) as fault:
            say = f"Countersign gave no answer ({fault})."
        self.do_GET(say, form)


http.server.HTTPServer(("127.0.0.1", int((sys.argv + ["8080"])[1])), Panel).serve_forever()
