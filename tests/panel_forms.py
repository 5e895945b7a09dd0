#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
#
# Forms at their limits, and what a person is told then: as browsers send them,
# with CR LF in every text of several lines.

import re

from panel_box import Browser, Panel, Person
from sandbox import Sandbox, finish, is_, test

PEOPLE = """
role staff    {{ users = {{ "{uid}" }} }}
role operator {{ users = {{ "{uid}" }} }}
role panel    {{ users = {{ "{uid}" }} }}
separate-roles = false
"""
SIXTY_FOUR = [f"mx{i}.acme.example=192.0.2.{i}" for i in range(64)]
count = 0


def logged_in(box, panel):
    global count
    count += 1
    box.account(f"acme{count}", f"dana{count}")
    who = Person(box, panel, f"dana{count}")
    who.account = f"acme{count}"
    return who, who.browser(panel)


def open_ticket(who, browser, **fields):
    browser.get(f"/a/{who.account}/tickets/new")
    return browser.submit(f"/a/{who.account}/tickets",
                          **{"subject": "A subject", "text": "a text", "action": "", "target": "", **fields})


def refusal(answer):
    found = re.search(r'id="refusal".*?<p>(.*?)</p>', answer.text, re.S)
    return found[1] if found else ""


@test
def a_panel_that_is_stopped_ends_well_with_pages_open(box, panel):
    who, browser = logged_in(box, panel)
    fresh = Panel(box, env={"ASAN_OPTIONS": "detect_leaks=0"}).start()
    opened = [fresh.connect() for _ in range(20)]
    for s in opened[10:]:
        s.sendall(fresh.head("GET", f"/a/{who.account}/codes/live", *browser.head_lines()).encode())
    fresh.ask("GET", "/healthz")
    is_(fresh.stop(), 0, fresh.read_log())
    for s in opened:
        s.close()


with Sandbox(people=PEOPLE) as box, Panel(box) as panel:
    finish(box, panel)
