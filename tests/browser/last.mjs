// SPDX-License-Identifier: ISC
//
// After all others: the clock moves on until a code ends, and the daemon goes
// away.  What a customer reads then.

import { renameSync, writeFileSync } from "node:fs";
import { assert, desk, heading, is_told, keep, open_window, sees, test_alone, until } from "./kit.mjs";
import { new_person } from "./person.mjs";

const LIFE = 600;	// seconds that a code lives

// Daemon's and panel's clock, as tests/sandbox.py moves it.
function set_clock(seconds) {
	const clock = process.env.CLOCK;

	writeFileSync(`${clock}.new`, `+${seconds}\n`);
	renameSync(`${clock}.new`, clock);
}

let state;	// of a browser that is logged in, whatever the clock says

test_alone("a code that ends while its page is open is gone from it", async () => {
	const person = await new_person("late", "Late Ltd");
	const { page } = person;

	await page.clock.install();
	await person.generate("late");
	set_clock(LIFE - 60);
	await page.clock.fastForward((LIFE - 60) * 1000);
	await until(() => page.getByRole("timer").textContent(), "0:");
	await keep(page, "code-ending");
	set_clock(LIFE + 1);
	await page.clock.fastForward(61000);
	await is_told(page, "a code's end", "This code has expired.");
	await until(() => page.getByRole("status").textContent(), "This code has expired.");
	assert.equal(await page.locator("#code").count(), 0);
	await keep(page, "code-expired");
	state = await page.context().storageState();
});

test_alone("a daemon that is away is a plain page, and a word on the open one", async () => {
	const page = state ? await open_window({ ...desk, storageState: state }) :
	    (await new_person("late", "Late Ltd")).page;

	await page.goto("/a/late/codes");
	process.kill(Number(process.env.DAEMON), "SIGTERM");
	await sees(page, "The connection is interrupted.");
	await keep(page, "codes-away");
	const answer = await page.goto("/a/late/codes");
	assert.equal(answer.status(), 503);
	assert.equal(await heading(page).innerText(), "Not available right now");
	await keep(page, "error-503");
});
