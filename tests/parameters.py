#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
#
# Each parameter of each method, as the interface files have them, in another type than
# they say, or left out: it is refused by its name, and one of another type is never taken
# for one that is absent.  A parameter that is added is tried too.

import re

from sandbox import Error, Sandbox, finish, is_, new_request, test

PEOPLE = Sandbox.people.replace("panel    {{ users = {{ }}", 'panel    {{ users = {{ "{uid}" }}') + \
    'role issuer   {{ users = {{ "{uid}" }} }}\n'
OTHERS = {"string": (7, True, ["x"]), "[]string": ("x", 7, True), "int": ("x", True, ["x"]), "bool": ("true", 1, ["x"])}

# What is there, or could be: nothing but the type is wrong.
WORLD = {
    "account": "acme", "administrator": "eli", "action": "filter.list", "target": ["mx1"], "code": "483109276",
    "name": "Eli", "ref": "4711", "account_ref": "4711", "admin_ref": "4712", "actions": ["filter.list"],
    "technician": "0", "grant": "G1-00", "ticket": "T1", "call": "C1", "issue": "I1", "purpose": "login",
    "address": "192.0.2.7", "count": 1, "before": 1000, "run": 1, "secret": "ABCDEFGHIJKLMNOP234567ABCDEFGHIJ",
}
# What one method wants otherwise: a person whom nobody knows yet, a ticket as the mark
# in a list, rights to set.
APART = {
    "control.AddAdministrator": {"administrator": "new"}, "panel.InvitePerson": {"administrator": "new"},
    "panel.Tickets": {"before": "T9"},
    "control.SetRights": {"actions": ["filter.list"]}, "panel.SetPersonRights": {"actions": ["filter.list"]},
}
# The gate answers with a verdict; who gives no reason is told why there must be one.
VERDICTS = [(f"staff.{method}", one, "refused") for method in ("Verify", "Redeem") for one in ("account", "code", "grant")]
VERDICTS += [(f"control.{method}", "reason", "Refused") for method in ("FreezeAccount", "ThawAccount", "WaiveCooling")]
FREE = {"string": "free", "int": 1, "bool": True}


def make_world(box):
    box.account()
    box.control("AddAdministrator", account="acme", administrator="eli", name="Eli", reason="test")
    WORLD["session"] = box.log_in()
    WORLD["invitation"] = box.control("InviteAdministrator", administrator="eli", reason="test")["invitation"]
    WORLD["run"] = box.control("SyncBegin")["run"]
    box.open_ticket(WORLD["session"])
    box.staff("Prepare", account="acme", action="filter.list")
    pending = box.panel("EnrollAuthenticator", session=WORLD["session"], purpose="support")
    theirs = box.control("Enroll", administrator="eli", purpose="login")
    for what in ("Confirm", "Rename", "Remove"):
        APART[f"panel.{what}Authenticator"] = {"authenticator": pending["authenticator"]}
    for what in ("Confirm", "Resync", "RemoveAuthenticator"):
        APART[f"control.{what}"] = {"authenticator": theirs["authenticator"]}


def methods(c, door):
    """Name and parameters of each: name -> (type, whether it may be absent)."""
    interface = c.call("org.varlink.service.GetInterfaceDescription", interface=f"io.countersign.{door}")
    for name, inside in re.findall(r"^method (\w+)\((.*?)\)", interface["description"], re.M):
        yield f"{door}.{name}", {p: (t.lstrip("?"), t[0] == "?") for p, t in (one.split(": ") for one in inside.split(", ") if one)}


def right(method, parameter, kind):
    if parameter == "request":
        return new_request()
    return APART.get(method, {}).get(parameter, WORLD.get(parameter, FREE.get(kind)))


def asked(method, parameters, one):
    """What the method cannot do without, and that one."""
    return {p: right(method, p, kind) for p, (kind, absent) in parameters.items()
            if p == one or not absent or p in APART.get(method, {})}


def answer(c, method, parameters):
    """A verdict, or the error and which parameter it names."""
    for more in (False, True):
        c.send(method, more=more, **parameters)
        try:
            return c.receive()["parameters"].get("verdict", "answered")
        except Error as e:
            if e.name != "ExpectedMore":
                return f"{e.name} {e.parameters.get('parameter', '')}".strip()
    return "ExpectedMore"


def refused_otherwise(box, values, also=()):
    """How many were tried, and which were not refused by their name: values tells by type and absence what to try."""
    tried, wrong = 0, []
    for door in ("staff", "control", "panel"):
        c = box.connect(door)
        for method, parameters in methods(c, door):
            for one, (kind, absent) in parameters.items():
                for value in values(kind, absent):
                    given = dict(asked(method, parameters, one), **{one: value})
                    got = answer(c, f"io.countersign.{method}", {p: v for p, v in given.items() if v is not None})
                    tried += 1
                    if got != f"InvalidParameter {one}" and (method, one, got) not in also:
                        wrong.append(f"{method} {one} = {value!r}: {got}")
        c.close()
    return tried, wrong


@test
def each_is_refused_by_its_name_when_it_is_of_another_type(box):
    make_world(box)
    tried, wrong = refused_otherwise(box, lambda kind, absent: OTHERS[kind])
    is_(wrong, [])
    assert tried > 800, tried


@test
def each_that_may_not_be_absent_is_missed_by_its_name(box):
    tried, wrong = refused_otherwise(box, lambda kind, absent: () if absent else (None,), VERDICTS)
    is_(wrong, [])
    assert tried > 150, tried


if __name__ == "__main__":
    with Sandbox('limit { technician = "32/1s" }\n', PEOPLE) as the_box:
        finish(the_box)
