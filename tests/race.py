#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
#
# Many at once: promises 1 and 4 against presenters that do not wait for each
# other.

import threading

from sandbox import Sandbox, all_at_once, finish, is_, new_request, test

CLIENTS = 64
ROUNDS = 50


@test
def one_code_presented_by_64_clients_at_once_is_accepted_exactly_once(box):
    box.account()
    for _ in range(ROUNDS):
        job = dict(account="acme", action="filter.list", code=box.issue())
        answers = all_at_once(box, [job] * CLIENTS)
        is_([a["verdict"] for a in answers].count("accepted"), 1, "acceptances")
        is_({a["reason"] for a in answers}, {"accepted", "used"}, "reasons")


@test
def codes_of_64_accounts_presented_at_once_are_all_accepted(box):
    for i in range(CLIENTS):
        box.account(f"a{i}", f"p{i}")
    jobs = [dict(account=f"a{i}", action="filter.list", code=box.issue(f"a{i}", f"p{i}")) for i in range(CLIENTS)]
    is_([a["verdict"] for a in all_at_once(box, jobs)], ["accepted"] * CLIENTS)


@test
def the_same_request_from_64_clients_at_once_has_one_answer_and_one_use(box):
    job = dict(account="acme", action="filter.list", code=box.issue(), request=new_request())
    connections = [box.connect() for _ in range(CLIENTS)]
    for c in connections:
        c.send("io.countersign.staff.Verify", **job)
    answers = [c.receive()["parameters"] for c in connections]
    is_(len({a["verification"] for a in answers}), 1, "verifications")
    is_({a["verdict"] for a in answers}, {"accepted"})


@test
def nothing_is_accepted_after_the_reply_to_a_removal(box):
    for i in range(20):
        name = f"leaver{i}"
        box.control("AddAdministrator", account="acme", administrator=name, reason="test")
        codes = [box.issue("acme", name, action=a) for a in ("filter.list", "report.mail")]
        connections = [box.connect() for _ in range(16)]
        stop = threading.Event()
        late = []

        def present(c, n):
            while not stop.is_set():
                removed_before = removed.is_set()
                action = ("filter.list", "report.mail")[n % 2]
                a = c.call("io.countersign.staff.Verify", account="acme", action=action, code=codes[n % 2],
                           request=new_request())
                if removed_before and a["verdict"] == "accepted":
                    late.append(a)

        removed = threading.Event()
        threads = [threading.Thread(target=present, args=(c, n)) for n, c in enumerate(connections)]
        for t in threads:
            t.start()
        box.control("RemoveAdministrator", administrator=name)
        removed.set()
        for _ in range(50):
            is_(box.verify(codes[0])["verdict"], "refused")
        stop.set()
        for t in threads:
            t.join()
        for c in connections:
            c.close()
        is_(late, [], "accepted after the removal's reply")


if __name__ == "__main__":
    with Sandbox(conf='limit { issue = "32/1s" connections = 256 }\n') as box:
        finish(box)
