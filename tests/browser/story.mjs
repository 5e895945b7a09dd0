// SPDX-License-Identifier: ISC
//
// The story that the panel is for, three times: at a desk, on a phone, and in a
// browser without script, where a page that waits loads itself again.

import { Technician, assert, button, close_window, desk, heading, new_account, open_window, phone, test,
	until } from "./kit.mjs";
import { Person } from "./person.mjs";

const CHANGE = ["--action", "mail.server", "--target", "mx1.acme.example=203.0.113.9"];

test("a fragment that is no invitation leaves the form to be filled in", async () => {
	const page = await open_window({ ...desk });
	const faults = [];

	page.on("pageerror", (fault) => faults.push(fault));
	for (const fragment of ["#%zz", "#x", "#N1-%00"]) {
		await page.goto("/login");
		await page.goto(`/invitation${fragment}`);
		assert.equal(await page.getByLabel("Invitation").inputValue(), "");
		assert.equal(new URL(page.url()).pathname, "/invitation");
	}
	assert.deepEqual(faults, []);
	await close_window(page);
});

async function accept_and_log_in(person, invitation, who) {
	await person.accept(invitation);
	await person.keep(`${who}-invitation`);
	await person.finish();
	await person.log_out();
	await person.log_in();
}

// A call opens, its code is shown, read out and used; the page says so.
async function read_a_code_out(person, account, who, within) {
	await person.go("Account Preferences & Codes");
	await person.sees("No technician is asking for", 1000);
	await person.keep(`${who}-nobody-asks`);

	const technician = new Technician(account, ...CHANGE);
	await person.sees("Change mx1.acme.example to 203.0.113.9", within + 4000);
	await person.sees("asks:", 0);
	await person.keep(`${who}-call`);
	await button(person.page, "Show code").click();
	await person.page.waitForSelector("#code");
	const code = await person.digits();
	assert.match(code, /^\d{9}$/);
	await person.keep(`${who}-code`);

	assert.equal(await technician.enter(code), 0, technician.said);
	await person.sees("Used by", within);
	await person.sees("for this change", 0);
	await person.keep(`${who}-code-used`);
	return code;
}

async function open_a_ticket(person, who) {
	const { page } = person;

	await person.go("Support");
	await page.getByRole("link", { name: "New Ticket" }).click();
	await page.locator("summary", { hasText: "Let support change something by this ticket" }).click();
	await person.keep(`${who}-ticket-action`);
	await page.getByRole("link", { name: "Change a mail server's IP or host name" }).click();
	await page.getByLabel("Host name").fill("mx1.acme.example");
	await page.getByLabel("New IP address").fill("203.0.113.9");
	await page.getByLabel("Subject").fill("New address of mx1");
	await page.getByLabel("What can we do for you?").fill("We move on Monday.\nPlease change it then.");
	await person.keep(`${who}-ticket-new`);
	await button(page, "Send").click();
	await page.waitForURL(/tickets\/T\d+$/);
	await person.sees("Authorised, not done yet", 1000);
	await person.keep(`${who}-ticket`);
	return page.url().split("/").pop();
}

async function tell(options, account, who, script, within) {
	const name = `${who}-dana`;
	const invitation = await new_account(account, name, "Acme Ltd");
	const page = await open_window({ ...options, javaScriptEnabled: script });
	const person = new Person(page, name, { script });

	await accept_and_log_in(person, invitation, who);
	const code = await read_a_code_out(person, account, who, within);

	const again = new Technician(account, ...CHANGE);
	assert.equal(await again.enter(code), 1);
	assert.match(again.said, /used/);

	const ticket = await open_a_ticket(person, who);
	const by_ticket = new Technician(account, ...CHANGE);
	assert.equal(await by_ticket.enter(ticket), 0, by_ticket.said);
	await page.reload();
	await person.sees("Authorised, and used", 1000);
	await person.keep(`${who}-ticket-used`);
	const twice = new Technician(account, ...CHANGE);
	assert.equal(await twice.enter(ticket), 1);

	await person.go("Activity");
	await person.sees("Accepted: support may make this change", 1000);
	await person.sees("Refused: the code had been used", 0);
	await person.keep(`${who}-activity`);
	await close_window(page);
}

test("from the invitation to the ticket, at a desk", () => tell(desk, "acme", "desk", true, 1000));
test("from the invitation to the ticket, on a phone", () => tell(phone, "acme-phone", "phone", true, 1000));
test("from the invitation to the ticket, without a script", () =>
	tell(desk, "acme-plain", "plain", false, 12000));

test("an open page tells of wrong tries, and of a new code that replaces it", async () => {
	const invitation = await new_account("wrong", "wrong-dana", "Wrong Ltd");
	const page = await open_window();
	const person = new Person(page, "wrong-dana");

	await person.accept(invitation);
	await person.finish();
	await page.goto("/a/wrong/codes");
	await button(page, "Generate").click();
	await page.waitForSelector("#code");
	const code = await person.digits();
	const other = await page.context().newPage();
	await other.goto(page.url());

	const technician = new Technician("wrong", "--action", "filter.list");
	assert.equal(await technician.enter(another_code(code)), 1, technician.said);
	await person.sees("One wrong code was tried", 1000);
	await person.keep("code-wrong-try");
	assert.equal(await until_told(page, "One wrong code"), true);

	await button(other, "Generate a new one").click();
	await person.sees("replaced by a newer one", 1000);
	await person.keep("code-replaced");
	await other.waitForSelector("#code");
	await button(other, "Cancel this code").click();
	await until(() => other.locator("main").innerText(), "This code was cancelled.", 2000);
	await close_window(page);
});

// Nine digits whose check digit is right (Damm) and that are another code.
function another_code(code) {
	const table = ["0317598642", "7092154863", "4206871359", "1750983426", "6123045978", "3674209581",
		"5869720134", "8945362017", "9438617205", "2581436790"];
	const eight = String((Number(code.slice(0, 8)) + 1) % 1e8).padStart(8, "0");

	return eight + [...eight].reduce((row, digit) => Number(table[row][digit]), 0);
}

async function until_told(page, text) {
	await until(() => page.locator("#said").textContent(), text, 1000);
	return true;
}

test("\"Not us\" ends the question", async () => {
	const invitation = await new_account("not-us", "not-dana", "Not Ltd");
	const page = await open_window();
	const person = new Person(page, "not-dana");

	await person.accept(invitation);
	await person.finish();
	await page.goto("/a/not-us");
	const technician = new Technician("not-us", ...CHANGE);
	await person.sees("asks:", 5000);
	await person.keep("overview-call");
	await button(page, "Not us").click();
	await person.sees("No technician is asking for Not Ltd right now.", 2000);
	await technician.enter("000000000");
	assert.equal(await heading(page).count(), 1);
	await close_window(page);
});
