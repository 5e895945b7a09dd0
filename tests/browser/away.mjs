// SPDX-License-Identifier: ISC
//
// Last of all, because it ends the daemon: what a customer reads then.

import { assert, check_page, close_window, heading, new_account, open_window, picture, test } from "./kit.mjs";
import { Person } from "./person.mjs";

test("a daemon that is away is a plain page, and a word on the open one", async () => {
	const page = await open_window();
	const person = new Person(page, "away-dana");

	await person.accept(await new_account("away", "away-dana", "Away Ltd"));
	await person.finish();
	await page.goto("/a/away/codes");
	process.kill(Number(process.env.DAEMON), "SIGTERM");
	await person.sees("The connection is interrupted.", 10000);
	await picture(page, "away-open-page");
	const answer = await page.goto("/a/away/codes");
	assert.equal(answer.status(), 503);
	assert.equal(await heading(page).innerText(), "Not available right now");
	await check_page(page, "away");
	await picture(page, "away");
	await close_window(page);
});
