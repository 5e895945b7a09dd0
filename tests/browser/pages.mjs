// SPDX-License-Identifier: ISC
//
// Every page in every look: light, dark, 320 pixels wide, at 200 % zoom; then
// what is shown once, by doing it; then by keyboard alone.

import { App, assert, button, check_page, close_window, countersign, desk, heading, new_account, open_window, password,
	picture, test, until } from "./kit.mjs";
import { Person } from "./person.mjs";

const looks = {
	light: desk,
	dark: { ...desk, colorScheme: "dark" },
	narrow: { viewport: { width: 320, height: 568 }, deviceScaleFactor: 2, hasTouch: true, isMobile: true },
	zoomed: { viewport: { width: 640, height: 450 }, deviceScaleFactor: 2 },
};

const pages = {
	"accounts": "/",
	"overview": "/a/tour",
	"codes": "/a/tour/codes",
	"codes-mail-server": "/a/tour/codes?action=mail.server",
	"codes-filter-list": "/a/tour/codes?action=filter.list",
	"tickets": "/a/tour/tickets",
	"tickets-closed": "/a/tour/tickets?closed=1",
	"ticket-new": "/a/tour/tickets/new",
	"ticket-new-mail-server": "/a/tour/tickets/new?action=mail.server",
	"people": "/a/tour/people",
	"person-oneself": "/a/tour/people/tour-dana",
	"person": "/a/tour/people/tour-kim",
	"person-new": "/a/tour/people/_new",
	"activity": "/a/tour/activity",
	"activity-filtered": "/a/tour/activity?kind=admin-add",
	"activity-no-such-day": "/a/tour/activity?since=2026-02-31",
	"security": "/security",
	"freeze": "/a/tour/freeze",
	"missing": "/a/tour/nothing",
	"not-ours": "/a/acme/codes",
};
const outside = { "log-in": "/login", "invitation": "/invitation" };

// Fingers need 44 pixels; links inside a sentence are exempt.
async function check_targets(page, name) {
	const small = await page.evaluate(() =>
		[...document.querySelectorAll("button, .button, input:not([type=hidden]), select, summary, .nav a")]
		    .filter((e) => e.checkVisibility() && !e.closest(".unseen") && e.type !== "checkbox")
		    .map((e) => [e.textContent.trim() || e.name, e.getBoundingClientRect()])
		    .filter(([, box]) => box.height < 43.9 || box.width < 43.9)
		    .map(([text, box]) => `${text}: ${box.width} x ${box.height}`));

	assert.deepEqual(small, [], `targets on ${name}`);
}

async function tour(look, state, list) {
	const page = await open_window({ ...looks[look], storageState: state });

	for (const [name, path] of Object.entries(list)) {
		await page.goto(path);
		assert.equal(new URL(page.url()).pathname, path.split("?")[0], "no way round by the log-in");
		await check_page(page, `${name}, ${look}`);
		if (look === "narrow")
			await check_targets(page, name);
		await picture(page, `${name}-${look}`);
	}
	await close_window(page);
}

let state;	// of the browser that is logged in as tour-dana

async function enter_tour() {
	const invitation = await new_account("tour", "tour-dana", "Tour Ltd <b>& \"Co\"</b>");
	const page = await open_window();
	const person = new Person(page, "tour-dana");

	await countersign("admin", "add", "tour", "tour-kim", "--name", "<script>alert(1)</script>", "--actions",
		"filter.list,report.mail", "--reason", "a test");
	await person.accept(invitation);
	await person.finish();
	await page.goto("/a/tour/tickets/new");
	await page.getByLabel("Subject").fill("<script>alert(2)</script> & 'quotes'");
	await page.getByLabel("What can we do for you?").fill("</textarea><script>alert(3)</script>");
	await button(page, "Send").click();
	await page.waitForURL(/tickets\/T\d+$/);
	pages.ticket = new URL(page.url()).pathname;
	await page.goto("/a/tour/codes");
	await button(page, "Generate").click();
	await page.waitForSelector("#code");
	pages.code = new URL(page.url()).pathname;
	state = await page.context().storageState();
	await close_window(page);
}

test("every page gets something to show, with markup in every name", enter_tour);
for (const look of Object.keys(looks)) {
	test(`every page passes and is pictured, ${look}`, () => tour(look, state, pages));
	test(`every page before the log-in passes and is pictured, ${look}`, () => tour(look, undefined, outside));
}

// ---- what is shown once --------------------------------------------------------------

async function invite_a_colleague(page) {
	await page.goto("/a/acts/people/_new");
	await page.getByLabel("Their name").fill("Lee Chan");
	await page.getByLabel("Name for the log-in").fill("acts-lee");
	await page.getByLabel("Add to an allow or deny list").check();
	await check_page(page, "person-new");
	await button(page, "Make the invitation").click();
	await page.waitForSelector("#invitation");
	await check_page(page, "person-invited");
	await picture(page, "person-invited");
	return (await page.locator("#invitation").textContent()).split("#")[1];
}

test("a colleague is invited, comes, is suspended, resumed and removed", async () => {
	const page = await open_window();
	const dana = new Person(page, "acts-dana");

	await dana.accept(await new_account("acts", "acts-dana", "Acts Ltd"));
	await dana.finish();
	const invitation = await invite_a_colleague(page);
	const other = await open_window();
	const lee = new Person(other, "acts-lee");
	await other.goto(`/invitation#${invitation}`);
	await other.waitForSelector(".secret");
	lee.app = new App(await other.locator(".secret").textContent());
	await other.getByLabel("New password").fill(password);
	await other.getByLabel("Code from the app").fill(await lee.app.code());
	await button(other, "Finish").click();
	await other.waitForSelector(".recovery");
	await check_page(other, "recovery");
	await picture(other, "recovery-codes");
	await other.goto("/a/acts/codes");
	await button(other, "Generate").click();
	await other.waitForSelector("#code");

	for (const act of ["Suspend", "Resume"]) {
		await page.goto("/a/acts/people/acts-lee");
		await page.locator("summary", { hasText: act }).click();
		await button(page, act).click();
		await page.waitForURL("**/people");
		await check_page(page, `people, ${act}`);
		await picture(page, `people-${act.toLowerCase()}`);
	}
	await page.goto("/a/acts/people/acts-lee");
	await page.locator("summary", { hasText: "Remove" }).click();
	await button(page, "Remove").click();
	await until(() => page.locator("main").innerText(), "Ended: ", 5000);
	await check_page(page, "person-removed");
	await picture(page, "person-removed");
	await close_window(other);
	await close_window(page);
});

test("authenticator, recovery codes, password, sessions, a lost phone and a freeze", async () => {
	const page = await open_window();
	const dana = new Person(page, "safe-dana");

	await dana.accept(await new_account("safe", "safe-dana", "Safe Ltd"));
	await dana.finish();
	const lost = await open_window();
	const again = new Person(lost, "safe-dana");
	again.app = { code: async () => dana.recovery[0].trim() };
	await again.log_in();
	await until(() => lost.url(), "/security", 5000);
	await lost.goto("/");
	await until(() => lost.locator("main").innerText(), "You logged in with a recovery code", 5000);
	await check_page(lost, "recovered");
	await picture(lost, "recovered");

	// A recovery code proves nothing: what needs a proof asks for one.
	await lost.goto("/security");
	await button(lost, "Make new recovery codes").click();
	await until(() => heading(lost).innerText(), "One more code", 5000);
	await check_page(lost, "prove");
	await picture(lost, "prove");
	await lost.getByLabel("Code from your authenticator app").fill("000000");
	await button(lost, "Continue").click();
	await lost.waitForSelector("#refusal");
	await check_page(lost, "prove-refused");
	await picture(lost, "prove-refused");
	await lost.getByLabel("Code from your authenticator app").fill(await dana.app.code());
	await button(lost, "Continue").click();
	await lost.waitForSelector(".recovery");
	assert.equal(await lost.locator(".recovery li").count(), 10);

	await page.goto("/security");
	await check_page(page, "security");
	await picture(page, "security-sessions");
	await button(page, "End all but this one").click();
	await page.waitForLoadState();
	await until(() => page.getByText("This one").count(), "1", 5000);
	await lost.goto("/");
	await until(() => lost.url(), "/login", 5000);

	await page.getByLabel("Label").last().fill("Tablet");
	await button(page, "Add").click();
	await page.waitForSelector(".secret");
	await check_page(page, "authenticator-new");
	await picture(page, "authenticator-new");
	const app = new App(await page.locator(".secret").textContent());
	await page.getByLabel("Code from the app").fill(await app.code());
	await button(page, "Confirm").click();
	await page.waitForURL("**/security");
	assert.equal(await page.getByText("Tablet", { exact: true }).first().isVisible(), true);

	await button(page, "Make new recovery codes").click();
	await page.waitForSelector(".recovery");
	await page.emulateMedia({ media: "print" });
	await picture(page, "recovery-codes-printed");
	await page.emulateMedia({ media: "screen" });

	await page.goto("/a/safe/freeze");
	await button(page, "Freeze it now").click();
	await until(() => heading(page).innerText(), "is frozen", 5000);
	await check_page(page, "frozen");
	await picture(page, "frozen");
	await page.goto("/a/safe/codes");
	await check_page(page, "codes of a frozen account");
	await picture(page, "codes-frozen");
	await close_window(lost);
	await close_window(page);
});

test("a refused log-in says so, has the focus and keeps the name", async () => {
	const page = await open_window();

	await page.goto("/login");
	await page.getByLabel("Name").fill("nobody");
	await page.getByLabel("Password").fill("wrong wrong wrong");
	await page.getByLabel("Code from your authenticator app").fill("123456");
	await button(page, "Log in").click();
	await page.waitForSelector("#refusal");
	assert.equal(await page.evaluate(() => document.activeElement.id), "refusal");
	assert.equal(await page.getByLabel("Name").inputValue(), "nobody");
	assert.equal(await page.getByLabel("Password").inputValue(), "");
	assert.match(await page.getByLabel("Name").getAttribute("aria-describedby"), /refusal/);
	await check_page(page, "log-in-refused");
	await picture(page, "log-in-refused");
	await close_window(page);
});

// ---- the keyboard -------------------------------------------------------------------

// Tab by tab, and each stop must be seen.
async function tab_to(page, text) {
	for (let i = 0; i < 60; i++) {
		await page.keyboard.press("Tab");
		const at = await page.evaluate(() => {
			const e = document.activeElement;
			const style = getComputedStyle(e);

			return { text: e.labels?.[0]?.textContent ?? e.textContent.trim(), outline: style.outlineStyle,
				box: e.getBoundingClientRect().toJSON() };
		});

		assert.notEqual(at.outline, "none", `the focus on "${at.text}" is seen`);
		assert.ok(at.box.bottom > 0 && at.box.height > 0, `"${at.text}" is on the screen`);
		if (at.text === text)
			return;
	}
	assert.fail(`no way to "${text}" by Tab`);
}

test("log-in, Generate and Copy by keyboard alone", async () => {
	const first = await open_window();
	const person = new Person(first, "keys-dana");

	await person.accept(await new_account("keys", "keys-dana", "Keys Ltd"));
	await person.finish();
	await close_window(first);

	const page = await open_window({ ...desk, permissions: ["clipboard-read", "clipboard-write"] });
	await page.goto("/login");
	await page.keyboard.press("Tab");
	assert.equal(await page.evaluate(() => document.activeElement.className), "skip");
	await picture(page, "skip-link");
	for (const [label, text] of [["Name", "keys-dana"], ["Password", password],
		["Code from your authenticator app", await person.app.code()]]) {
		await tab_to(page, label);
		await page.keyboard.type(text);
	}
	await page.keyboard.press("Enter");
	await page.waitForURL((url) => url.pathname !== "/login");
	await tab_to(page, "Account Preferences & Codes");
	await page.keyboard.press("Enter");
	await page.waitForURL("**/codes");
	await tab_to(page, "Generate");
	await page.keyboard.press("Enter");
	await page.waitForSelector("#code");
	await tab_to(page, "Copy");
	await page.keyboard.press("Enter");
	await until(() => page.locator("[data-copy]").textContent(), "Copied", 1000);
	assert.equal(await page.evaluate(() => navigator.clipboard.readText()), await person_digits(page));
	await close_window(page);
});

function person_digits(page) {
	return new Person(page, "").digits();
}
