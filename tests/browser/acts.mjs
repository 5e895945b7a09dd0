// SPDX-License-Identifier: ISC
//
// What is shown once, by doing it: colleagues, authenticators, passwords,
// sessions, tickets that end, a lost phone and a frozen account.

import { App, assert, button, countersign, heading, keep, open_window, password, picture, sees, test, until } from "./kit.mjs";
import { Person, new_person } from "./person.mjs";

// ---- colleagues ------------------------------------------------------------------

async function invite_lee(page, account) {
	await page.goto(`/a/${account}/people/_new`);
	await page.getByLabel("Their name").fill("Lee Chan");
	await page.getByLabel("Name for the log-in").fill(`${account}-lee`);
	await page.getByLabel("Add to an allow or deny list").check();
	await button(page, "Make the invitation").click();
	return invitation_shown(page);
}

async function invitation_shown(page) {
	return (await page.locator("#invitation").textContent()).split("#")[1];
}

async function choose_for_lee(page, account, act) {
	await page.goto(`/a/${account}/people/${account}-lee`);
	await page.locator("summary", { hasText: act }).click();
}

async function do_to_lee(page, account, act) {
	await choose_for_lee(page, account, act);
	await button(page, act).click();
}

test("a colleague is invited, comes, is changed, suspended, resumed and removed", async () => {
	const { page } = await new_person("acts", "Acts Ltd");
	const invitation = await invite_lee(page, "acts");
	await keep(page, "person-invited");
	const lee = new Person(await open_window(), "acts-lee");
	await lee.open_invitation(invitation);
	await lee.finish();
	await lee.generate("acts");

	await page.goto("/a/acts/people/acts-lee");
	await page.getByLabel("Report of mail transferred").check();
	await button(page, "Save the rights").click();
	await page.waitForURL("**/people");
	await sees(page, "Report of mail transferred");
	for (const act of ["Suspend", "Resume"]) {
		await do_to_lee(page, "acts", act);
		await page.waitForURL("**/people");
		await sees(page, act === "Suspend" ? "Suspended" : "Lee Chan");
	}
	await choose_for_lee(page, "acts", "Remove");
	await keep(page, "person-remove");
	await button(page, "Remove").click();
	await sees(page, "Ended: ");
	await keep(page, "person-removed");
	await lee.page.goto("/a/acts/codes");
	await lee.page.waitForURL("**/login*");
});

test("a double click is one act, and what is shown once is seen", async () => {
	const { page } = await new_person("twice", "Twice Ltd");

	await page.goto("/a/twice/people/_new");
	await page.getByLabel("Their name").fill("Lee Ito");
	await page.getByLabel("Name for the log-in").fill("twice-lee");
	await page.getByLabel("Report of mail transferred").check();
	// The first one's answer is on its way while the button is pressed again.
	let made, pressed;
	const first = new Promise((resolve) => { made = resolve; });
	const second = new Promise((resolve) => { pressed = resolve; });
	await page.route("**/people", async (route) => {
		const response = await route.fetch();
		made();
		await second;
		await route.fulfill({ response });
	});
	const { x, y } = await button(page, "Make the invitation").boundingBox();
	await page.mouse.click(x + 9, y + 9);
	await first;
	await page.mouse.click(x + 9, y + 9);
	pressed();
	await page.waitForSelector("#invitation");
});

test("a colleague without phone and recovery codes is reset, and comes back", async () => {
	const { page } = await new_person("reset", "Reset Ltd");
	const lee = new Person(await open_window(), "reset-lee");

	await lee.open_invitation(await invite_lee(page, "reset"));
	await lee.finish();
	await do_to_lee(page, "reset", "Reset the log-in");
	await sees(page, "Ended: ");
	const invitation = await invitation_shown(page);
	await keep(page, "person-reset");
	await lee.page.goto("/security");
	await lee.page.waitForURL("**/login*");
	await lee.page.getByLabel("Name").fill("reset-lee");
	await lee.page.getByLabel("Password").fill(password);
	await lee.page.getByLabel("Code from your authenticator app").fill(await lee.app.code());
	await button(lee.page, "Log in").click();
	await lee.page.waitForSelector("#refusal");

	await lee.open_invitation(invitation);
	await lee.finish();
	await lee.page.goto("/a/reset/codes");
	await sees(lee.page, "High-risk changes wait");
	await keep(lee.page, "codes-cooling");
});

test("who may not change people reads why, and sees no form for it", async () => {
	const { page } = await new_person("narrow", "Narrow Ltd");
	const lee = new Person(await open_window(), "narrow-lee");

	await lee.open_invitation(await invite_lee(page, "narrow"));
	await lee.finish();
	for (const [name, path] of [["people", ""], ["person", "/narrow-dana"], ["person-new", "/_new"]]) {
		await lee.page.goto(`/a/narrow/people${path}`);
		await sees(lee.page, "You may not change who acts for this account, or not yet.");
		assert.equal(await lee.page.locator("main form").count(), 0, "nothing to be refused");
		await keep(lee.page, `${name}-may-not`);
	}

	await page.goto("/a/narrow/people/_new");
	await page.getByLabel("Their name").fill("Lee again");
	await page.getByLabel("Name for the log-in").fill("narrow-lee");
	await page.getByLabel("Report of mail transferred").check();
	await button(page, "Make the invitation").click();
	await sees(page, "This name is taken.");
	assert.ok(await page.getByLabel("Report of mail transferred").isChecked(), "what was ticked still is");
	await keep(page, "person-new-refused");
});

// ---- oneself ---------------------------------------------------------------------------

async function change_password(page, old, wanted) {
	await page.goto("/security");
	await page.getByLabel("Present password").fill(old);
	await page.getByLabel("New password").fill(wanted);
	await Promise.all([page.waitForEvent("load"), button(page, "Change the password").click()]);
}

test("a new password takes the place of the old one, and ends other sessions", async () => {
	const dana = await new_person("word", "Word Ltd");
	const { page } = dana;
	const other = new Person(await open_window(), dana.name);
	const next = "other words that somebody knows";
	await other.log_in(await dana.app.code());

	await change_password(page, "not the password", next);
	await page.waitForSelector("#refusal");
	assert.equal(await page.getByLabel("New password").inputValue(), "", "passwords are typed again");
	await keep(page, "password-refused");
	await change_password(page, password, next);
	await until(async () => page.url(), "/security");
	await other.page.goto("/security");
	await other.page.waitForURL("**/login*");
	await other.fill_log_in(dana.recovery[0].trim());
	await other.page.waitForSelector("#refusal");
	await other.log_in(dana.recovery[1].trim(), next);
});

test("with a lost phone a recovery code leads to a new authenticator", async () => {
	const dana = await new_person("gone", "Gone Ltd");
	const lost = new Person(await open_window(), dana.name);
	const { page } = lost;

	await page.goto("/login/recovery");
	await keep(page, "log-in-recovery");
	await lost.log_in_without_phone("0000-0000-0000-0000");
	await page.waitForSelector("#refusal");
	await lost.log_in_without_phone(dana.recovery[0].trim());
	await page.waitForURL("**/security");
	await keep(page, "security-recovered");
	await page.goto("/");
	await sees(page, "You logged in with a recovery code");
	await keep(page, "accounts-recovered");

	// A recovery code proves nothing: what needs a proof asks for one.
	await page.goto("/security");
	await button(page, "Make new recovery codes").click();
	await until(() => heading(page).innerText(), "One more code");
	await keep(page, "prove");
	await page.getByLabel("Code from your authenticator app").fill("000000");
	await button(page, "Continue").click();
	await page.waitForSelector("#refusal");
	await keep(page, "prove-refused");
	await page.getByLabel("Code from your authenticator app").fill(await dana.app.code());
	await button(page, "Continue").click();
	await page.waitForSelector(".recovery");
	assert.equal(await page.locator(".recovery li").count(), 10);
	await keep(page, "recovery-codes-new");
	await page.emulateMedia({ media: "print" });
	assert.equal(await button(page, "Print").isVisible(), false);
	await picture(page, "recovery-codes-printed");
});

test("authenticators are added, confirmed, renamed and removed", async () => {
	const { page } = await new_person("apps", "Apps Ltd");

	await page.goto("/security");
	await page.getByLabel("Label").last().fill("Tablet");
	await button(page, "Add").click();
	await page.waitForSelector(".secret");
	await keep(page, "authenticator-new");
	const app = new App(await page.locator(".secret").textContent());
	await page.getByLabel("Code from the app").fill("000000");
	await button(page, "Confirm").click();
	await page.waitForSelector("#refusal");
	await keep(page, "authenticator-refused");
	await page.getByLabel("Code from the app").fill(await app.code());
	await button(page, "Confirm").click();
	await page.waitForURL("**/security");
	await page.locator("summary", { hasText: "Tablet" }).click();
	await page.getByLabel("Label").nth(1).fill("Desk clock");
	await keep(page, "security-two");
	await button(page, "Rename Tablet").click();
	await page.locator("summary", { hasText: "Desk clock" }).click();
	await button(page, "Remove Desk clock").click();
	await until(() => page.getByText("Desk clock").count().then((n) => `${n} left`), "0 left");
});

test("sessions are seen and ended", async () => {
	const dana = await new_person("seats", "Seats Ltd");
	const { page } = dana;
	const others = [];

	for (const code of dana.recovery.slice(0, 2)) {
		others.push(new Person(await open_window(), dana.name));
		await others.at(-1).log_in(code.trim());
	}
	await page.goto("/security");
	await keep(page, "security-sessions");
	await button(page, /^End Chrome/).first().click();
	await until(() => button(page, /^End Chrome/).count().then((n) => `${n} others`), "1 others");
	await button(page, "End all but this one").click();
	await until(() => button(page, /^End/).count().then((n) => `${n} others`), "0 others");
	for (const other of others) {
		await other.page.goto("/security");
		await other.page.waitForURL("**/login*");
	}
});

// ---- tickets, and the end of it -------------------------------------------------------------

test("a ticket is answered, answered again and closed", async () => {
	const { page } = await new_person("ask", "Ask Ltd");

	await page.goto("/a/ask/tickets/new");
	await button(page, "Send").click();
	assert.equal(new URL(page.url()).pathname, "/a/ask/tickets/new", "the browser asks for a subject");
	await page.getByLabel("Subject").fill("A question");
	await page.getByLabel("What can we do for you?").fill("When is the office open?");
	await page.goto("/a/ask/tickets/new?action=mail.server");
	await page.getByLabel("Subject").fill("A change");
	await page.getByLabel("What can we do for you?").fill("Please.");
	await page.getByLabel("Host name").fill("mx1.ask.example");
	await page.getByLabel("New IP address").fill("the new one");
	await button(page, "Send").click();
	await sees(page, "Enter a host name and an IPv4 or IPv6 address.");
	await keep(page, "ticket-refused");
	await page.getByRole("link", { name: "Another action, or only a question" }).click();
	await page.getByLabel("Subject").fill("A question");
	await page.getByLabel("What can we do for you?").fill("When is the office open?");
	await button(page, "Send").click();
	await page.waitForURL(/tickets\/T\d+$/);
	await countersign("ticket", "reply", page.url().split("/").pop());
	await page.getByLabel("Your reply").fill("Thank you.");
	await button(page, "Send the reply").click();
	await sees(page, "Thank you.");
	await sees(page, "We look into it.");
	await keep(page, "ticket-thread");
	await button(page, "Close this ticket").click();
	await sees(page, "This ticket is closed.");
	await keep(page, "ticket-closed");
	await page.goto("/a/ask/tickets?closed=1");
	await keep(page, "tickets-closed");
});

test("a frozen account says so on every page", async () => {
	const { page } = await new_person("frost", "Frost Ltd");

	await page.goto("/a/frost/freeze");
	await button(page, "Freeze it now").click();
	await until(() => heading(page).innerText(), "is frozen");
	await keep(page, "frozen");
	for (const [name, path] of [["codes", "/codes"], ["overview", ""], ["tickets", "/tickets"]]) {
		await page.goto(`/a/frost${path}`);
		await keep(page, `${name}-frozen`);
	}
	await page.goto("/a/frost/codes");
	await sees(page, "Frost Ltd is frozen");
	assert.equal(await button(page, "Generate").count(), 0);
});
