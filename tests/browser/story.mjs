// SPDX-License-Identifier: ISC
//
// The story that the panel is for: at a desk, on a phone, and in a browser
// without script, where a page that waits loads itself again.

import { Technician, assert, button, choose, desk, is_told, keep, new_account, open_window, phone, sees,
	test, test_in_firefox } from "./kit.mjs";
import { Person } from "./person.mjs";

const CHANGE = ["--action", "mail.server", "--target", "mx1.acme.example=203.0.113.9"];

// What a page without a script is told, it is not told by itself.
function learns(page, what, text) {
	return page.script ? is_told(page, what, text) : sees(page, text);
}

// A call opens, its code is shown, read out and used; the page says so.
async function read_a_code_out(person, account, who) {
	const { page } = person;

	await person.go("Account Preferences & Codes", "codes");
	await sees(page, "No technician is asking for");
	await keep(page, `${who}-nobody-asks`);

	const technician = new Technician(account, ...CHANGE);
	await learns(page, "a call", "Change mx1.acme.example to 203.0.113.9");
	await sees(page, "asks:");
	await keep(page, `${who}-call`);
	await choose(page, "Show code");
	const code = await person.digits();
	assert.match(code, /^\d{9}$/);
	await keep(page, `${who}-code`);

	assert.equal(await technician.enter(code), 0, technician.said);
	await learns(page, "a code's use", "Used by");
	await sees(page, "for this change");
	await keep(page, `${who}-code-used`);
	return code;
}

async function open_a_ticket(person, who) {
	const { page } = person;

	await person.go("Support", "tickets");
	await page.getByRole("link", { name: "New Ticket" }).click();
	await page.locator("summary", { hasText: "Let support change something by this ticket" }).click();
	await keep(page, `${who}-ticket-action`);
	await page.getByRole("link", { name: "Change a mail server's IP or host name" }).click();
	await page.getByLabel("Host name").fill("mx1.acme.example");
	await page.getByLabel("New IP address").fill("203.0.113.9");
	await page.getByLabel("Subject").fill("New address of mx1");
	await page.getByLabel("What can we do for you?").fill("We move on Monday.\nPlease change it then.");
	await keep(page, `${who}-ticket-new`);
	await button(page, "Send").click();
	await page.waitForURL(/tickets\/T\d+$/);
	await sees(page, "Authorised, not done yet");
	await keep(page, `${who}-ticket`);
	return page.url().split("/").pop();
}

async function refused(account, entered, why) {
	const technician = new Technician(account, ...CHANGE);

	assert.equal(await technician.enter(entered), 1);
	assert.match(technician.said, why);
}

async function tell(options, account, who) {
	const page = await open_window(options);
	const person = new Person(page, `${who}-dana`);

	await person.open_invitation(await new_account(account, person.name, "Acme Ltd"));
	await keep(page, `${who}-invitation`);
	await person.finish();
	await keep(page, `${who}-recovery-codes`);
	await page.getByRole("link", { name: "I have kept them" }).click();
	await person.log_out();
	await person.log_in();
	const code = await read_a_code_out(person, account, who);
	await refused(account, code, /used/);

	const ticket = await open_a_ticket(person, who);
	const technician = new Technician(account, ...CHANGE);
	assert.equal(await technician.enter(ticket), 0, technician.said);
	await page.reload();
	await sees(page, "Authorised, and used");
	await keep(page, `${who}-ticket-used`);
	await refused(account, ticket, /used/);

	await person.go("Activity", "activity");
	await sees(page, "Accepted: support may make this change");
	await sees(page, "Refused: the code had been used");
	await keep(page, `${who}-activity`);
}

// The last one first: it waits for a page that loads itself again.
test("from the invitation to the ticket, without a script", () =>
	tell({ ...desk, javaScriptEnabled: false }, "acme-plain", "plain"));
test("from the invitation to the ticket, at a desk", () => tell(desk, "acme", "desk"));
test("from the invitation to the ticket, on a phone", () => tell(phone, "acme-phone", "phone"));
test_in_firefox("from the invitation to the ticket, on a phone", () => tell(phone, "acme-fox", "fox"));
