#!/usr/bin/python3
# SPDX-License-Identifier: ISC
#
# A staff web tool with one button behind the gate: desk.py [PORT].  It runs as
# a user of role desk, behind a proxy that logs technicians in, sets
# X-Remote-User and takes it away from everybody else.
import html, http.server, json, secrets, socket, sys, urllib.parse

SOCKET = "/run/countersign/staff"
FIELDS = ("account", "host", "address", "code", "token")
PAGE = """<!DOCTYPE html><title>Mail server</title><p>{say}</p><form method=post>
<input name=account value="{account}" placeholder=Account> <input name=host value="{host}" placeholder=Host>
<input name=address value="{address}" placeholder=Address> <input name=code placeholder=Code autocomplete=off>
<input type=hidden name=token value="{token}"> <button>Go on</button></form>"""


def change(host, address):          # yours; made twice it must do no harm
    return f"{host} now {address}"


def ask(method, **parameters):
    with socket.socket(socket.AF_UNIX) as s:
        s.settimeout(10)
        s.connect(SOCKET)
        s.sendall(json.dumps({"method": "io.countersign.staff." + method, "parameters": parameters}).encode() + b"\0")
        reply = b""
        while not reply.endswith(b"\0"):
            reply += s.recv(65536) or b"\0"      # closed: no whole answer
    answer = json.loads(reply[:-1])["parameters"]
    if "parameter" in answer:       # is missing, or not of its form
        answer["say"] = "Countersign does not take this " + answer["parameter"] + "."
    return answer


def press(technician, form):
    about = {"account": form["account"], "action": "mail.server", "technician": technician,
             "target": [form["host"] + "=" + form["address"]]}
    if not form["code"]:            # the customer's page now shows who asks for what
        answer = ask("Prepare", **about)
        return (answer.get("say") or answer["why"]) + " " + answer.get("directions", "")
    # The form's token is the request: a double click, a reload and a lost reply
    # are the same question, get the same answer and use up one code.
    answer = ask("Verify", **about, code=form["code"], request=form["token"])
    if answer.get("verdict") != "accepted":
        return answer.get("say") or answer["why"]
    return answer["say"] + " " + change(form["host"], form["address"])


class Tool(http.server.BaseHTTPRequestHandler):
    def do_GET(self, say="", form={}):
        values = {f: html.escape(form.get(f, "")) for f in FIELDS} | {"token": secrets.token_hex(16)}
        page = PAGE.format(say=html.escape(say), **values).encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.end_headers()
        self.wfile.write(page)

    def do_POST(self):
        if self.headers["Origin"] not in (None, "http://" + self.headers["Host"], "https://" + self.headers["Host"]):
            return self.send_error(403)
        sent = urllib.parse.parse_qs(self.rfile.read(min(int(self.headers["Content-Length"]), 16384)).decode())
        form = {f: sent.get(f, [""])[0] for f in FIELDS}
        try:
            say = press(self.headers["X-Remote-User"], form)
        except (OSError, KeyError, ValueError) as fault:
            say = f"Countersign gave no answer ({fault}). Nothing was changed."
        self.do_GET(say, form)


http.server.HTTPServer(("127.0.0.1", int((sys.argv + ["8080"])[1])), Tool).serve_forever()
