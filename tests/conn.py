# SPDX-License-Identifier: ISC
"""Peers that misbehave, for conn.sh: conn.py FOLDER CHECK [ARG].

FOLDER holds a daemon's sockets.  A check that fails raises."""

import json
import os
import random
import signal
import socket
import sys
import time

FRAME_MAX = 16384
folder = sys.argv[1]


class Peer:
    def __init__(self, door="staff"):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(20)
        self.socket.connect(os.path.join(folder, door))
        self.bytes = b""

    def send(self, data):
        self.socket.sendall(data)

    def ask(self, method, parameters=None, **flags):
        self.send(frame(method, parameters, **flags))
        return self.reply()

    def reply(self):
        """The next message; None when the daemon closed."""
        while b"\0" not in self.bytes:
            try:
                more = self.socket.recv(65536)
            except ConnectionResetError:
                more = b""
            if not more:
                assert not self.bytes, "half a message"
                return None
            self.bytes += more
        message, self.bytes = self.bytes.split(b"\0", 1)
        return json.loads(message)

    def is_open(self):
        return info(self.ask("org.varlink.service.GetInfo"))


def frame(method, parameters=None, **flags):
    return json.dumps({"method": method, "parameters": parameters or {}, **flags}).encode() + b"\0"


def info(reply):
    return reply is not None and reply["parameters"]["product"] == "countersignd"


GET_INFO = frame("org.varlink.service.GetInfo")


def introspection():
    for door in "staff", "panel", "control":
        own = "io.countersign." + door
        peer = Peer(door)
        reply = peer.ask("org.varlink.service.GetInfo")["parameters"]
        assert reply["interfaces"] == [own, "org.varlink.service"], reply
        reply = peer.ask("org.varlink.service.GetInterfaceDescription", {"interface": own})
        assert "interface " + own + "\n" in reply["parameters"]["description"]


def typed_errors():
    peer = Peer()
    for method, error, parameters in (
        ("io.countersign.staff.Nothing", "MethodNotFound", {"method": "io.countersign.staff.Nothing"}),
        ("io.countersign.control.Status", "InterfaceNotFound", {"interface": "io.countersign.control"}),
        ("nothing", "InterfaceNotFound", {"interface": "nothing"}),
        ("io.countersign.staff.Actions", "ExpectedMore", {}),
    ):
        reply = peer.ask(method)
        assert reply == {"error": "org.varlink.service." + error, "parameters": parameters}, reply
    reply = peer.ask("x" * 4000 + ".y")
    assert reply["error"] == "org.varlink.service.InterfaceNotFound", reply
    for technician in "", "a b", "a:b", "x" * 65, 7, ["mia"]:
        reply = peer.ask("io.countersign.staff.Prepare", {"account": "acme", "technician": technician})
        assert reply["error"] == "org.varlink.service.InvalidParameter", reply
        assert reply["parameters"] == {"parameter": "technician"}, reply
    assert peer.is_open()


def byte_at_a_time():
    peer = Peer()
    for byte in GET_INFO + GET_INFO:
        peer.send(bytes([byte]))
        time.sleep(0.001)
    assert info(peer.reply()) and info(peer.reply())


def cut_anywhere():
    stream = GET_INFO * 3
    for cut in range(1, len(stream)):
        peer = Peer()
        peer.send(stream[:cut])
        if cut % 7 == 0:
            time.sleep(0.002)
        peer.send(stream[cut:])
        for _ in range(3):
            assert info(peer.reply()), cut


def garbage():
    neighbour = Peer()
    message = b'{"method":"org.varlink.service.GetInfo"'
    bad = [
        b"\0",
        b"{}\0",
        b"[]\0",
        b"GET / HTTP/1.1\r\n\r\n\0",
        message + b"\0",
        message + b"}}\0",
        message + b',"method":"b"}\0',
        message + b',"upgrade":true}\0',
        message + b',"parameters":{"a":{"b":1}}}\0',
        message + b',"parameters":{"a":"\\u0000"}}\0',
        message + b',"parameters":{"a":"\xc3\x28"}}\0',
        message + b',"parameters":{"a":1.5}}\0',
        b'{"error":"io.countersign.staff.NotPermitted"}\0',
        b"x" * (FRAME_MAX + 1),
        b"1" * (1 << 20),
    ]
    dice = random.Random(4711)
    bad += [bytes(dice.randrange(256) for _ in range(dice.randrange(1, 200))) + b"\0" for _ in range(200)]
    for data in bad:
        peer = Peer()
        assert peer.is_open()
        try:
            peer.send(data)
        except (BrokenPipeError, ConnectionResetError):
            pass
        assert peer.reply() is None, data[:60]
        assert neighbour.is_open()


def largest_frame():
    pad = FRAME_MAX - len(frame("org.varlink.service.GetInfo", {"pad": ""})) + 1
    peer = Peer()
    assert info(peer.ask("org.varlink.service.GetInfo", {"pad": "x" * pad}))
    peer.send(frame("org.varlink.service.GetInfo", {"pad": "x" * (pad + 1)}))
    assert peer.reply() is None


def silence(count):
    before = [Peer() for _ in range(int(count))]
    peer = Peer()
    for _ in range(200):
        assert peer.is_open()
    assert all(silent.is_open() for silent in before[:: len(before) // 10])


def unread_replies(pid):
    """Asks without end and never reads: the daemon stops reading, too."""
    peer = Peer()
    peer.socket.settimeout(1)
    resident = memory(pid)
    try:
        while True:
            peer.send(GET_INFO * 50)
    except TimeoutError:
        pass
    assert Peer().is_open()
    assert memory(pid) - resident < 4 << 20, memory(pid) - resident


def memory(pid):
    with open("/proc/%s/statm" % pid) as statm:
        return int(statm.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def half_closed(pid):
    peer = Peer()
    assert peer.is_open()
    os.kill(int(pid), signal.SIGSTOP)
    peer.send(GET_INFO * 150)
    peer.socket.shutdown(socket.SHUT_WR)
    os.kill(int(pid), signal.SIGCONT)
    for _ in range(150):
        assert info(peer.reply())
    assert peer.reply() is None


def oneway():
    peer = Peer()
    peer.send(frame("io.countersign.staff.Actions", more=True, oneway=True))
    peer.send(frame("io.countersign.staff.Nothing", oneway=True))
    peer.send(frame("org.varlink.service.GetInfo", oneway=True))
    reply = peer.ask("io.countersign.staff.Last")
    assert reply["parameters"] == {"method": "io.countersign.staff.Last"}, reply


def follower():
    follower, operator = Peer("control"), Peer("control")
    follower.send(frame("io.countersign.control.Events", {"follow": True}, more=True))
    while follower.reply()["parameters"]["kind"] != "start":
        pass
    for i in range(5):
        name = "followed-%d" % i
        assert "error" not in operator.ask("io.countersign.control.AddAccount", {"account": name})
        event = follower.reply()
        assert event["continues"] and event["parameters"]["account"] == name, event


def unfinished_frame():
    peer, idle = Peer(), Peer()
    start = time.monotonic()
    peer.send(GET_INFO[:10])
    assert peer.reply() is None
    assert time.monotonic() - start > 4
    assert idle.is_open()


def too_many(count):
    peers = [Peer() for _ in range(int(count))]
    assert all(peer.is_open() for peer in peers)
    late = Peer()
    reply = late.reply()
    assert reply["error"] == "io.countersign.staff.Unavailable", reply
    assert reply["parameters"]["why"].startswith("too many connections of uid"), reply
    assert late.reply() is None
    peers.pop().socket.close()
    comes_back()


def comes_back():
    """The daemon takes a connection again, as soon as it has seen that others ended."""
    until = time.monotonic() + 20
    while True:
        try:
            if info(Peer().ask("org.varlink.service.GetInfo")):
                return
        except (OSError, KeyError):
            pass
        assert time.monotonic() < until, "it does not come back"
        time.sleep(0.01)


def at_the_descriptor_limit(pid):
    peers = []
    try:
        for _ in range(100):
            peers.append(Peer())
    except OSError:
        pass
    peers[0].is_open()
    spent = cpu(pid)
    time.sleep(1)
    assert cpu(pid) - spent < 0.3, "it spins"
    assert peers[0].is_open()
    for peer in peers:
        peer.socket.close()
    comes_back()


def cpu(pid):
    with open("/proc/%s/stat" % pid) as stat:
        fields = stat.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def add_until_closed(prefix):
    """Prints the name of each account whose reply came."""
    peers = [Peer("control") for _ in range(32)]
    for round in range(100000):
        names = ["%s-%d-%d" % (prefix, round, i) for i in range(len(peers))]
        try:
            for peer, name in zip(peers, names):
                peer.send(frame("io.countersign.control.AddAccount", {"account": name}))
        except (BrokenPipeError, ConnectionResetError):
            pass
        for peer, name in zip(peers, names):
            reply = peer.reply()
            if reply is None:
                peers = []
            elif "error" not in reply:
                print(name, flush=True)
        if not peers:
            return


def flood(pid):
    """Who sends a thousand small calls at once holds nobody up: not all are answered before one
    that came after them."""
    pid, many = int(pid), 60
    calls = b'{"method":"a"}\0' * (FRAME_MAX // 15)
    for _ in range(3):
        floods, one = [Peer() for _ in range(many)], Peer("control")
        assert one.is_open() and all(peer.is_open() for peer in floods)
        os.kill(pid, signal.SIGSTOP)
        for peer in floods:
            peer.send(calls)
        one.send(GET_INFO)
        os.kill(pid, signal.SIGCONT)
        assert info(one.reply())
        os.kill(pid, signal.SIGSTOP)
        answered = sum(peer.socket.recv(1 << 20, socket.MSG_DONTWAIT | socket.MSG_PEEK).count(b"\0") for peer in floods)
        os.kill(pid, signal.SIGCONT)
        if answered < many * 100:
            return
    raise AssertionError(f"{answered} others were answered first")


def in_hand(pid):
    """What was read before SIGTERM is answered after it."""
    pid = int(pid)
    peers = [Peer("control") for _ in range(20)]
    assert all(peer.is_open() for peer in peers)
    os.kill(pid, signal.SIGSTOP)
    for i, peer in enumerate(peers):
        peer.send(frame("io.countersign.control.AddAccount", {"account": "in-hand-%d" % i}))
    os.kill(pid, signal.SIGTERM)
    os.kill(pid, signal.SIGCONT)
    for i, peer in enumerate(peers):
        assert peer.reply() == {"parameters": {"account": "in-hand-%d" % i}}
        assert peer.reply() is None


def accounts(path):
    """The accounts named in the file are there."""
    with open(path) as names:
        wanted = names.read().split()
    assert wanted
    peer = Peer("control")
    for name in wanted:
        assert "error" not in peer.ask("io.countersign.control.ShowAccount", {"account": name}), name


globals()[sys.argv[2]](*sys.argv[3:])
