// SPDX-License-Identifier: ISC
//
// Every page that an address leads to, with markup in every name, and what a
// person reads when there is nothing to show or something is refused.

import { assert, button, countersign, heading, keep, new_account, new_invitation, open_window, sees,
	test } from "./kit.mjs";
import { Person, new_person } from "./person.mjs";

const MARKUP = "<script>alert(1)</script>";

async function look_at(page, pages) {
	for (const [name, path] of Object.entries(pages)) {
		await page.goto(path);
		assert.equal(new URL(page.url()).pathname, path.split("?")[0], "no way round by the log-in");
		await keep(page, name);
	}
}

test("every page passes and is pictured, with markup in every name", async () => {
	const { page } = await new_person("tour", `Tour Ltd <b>& "Co"</b>`);

	await countersign("admin", "add", "tour", "tour-kim", "--name", MARKUP, "--actions", "filter.list,report.mail",
		"--reason", "a test");
	await page.goto("/a/tour/tickets/new");
	await page.getByLabel("Subject").fill(`${MARKUP} & 'quotes'`);
	await page.getByLabel("What can we do for you?").fill(`</textarea>${MARKUP}`);
	await button(page, "Send").click();
	await page.waitForURL(/tickets\/T\d+$/);
	const ticket = new URL(page.url()).pathname;
	await countersign("ticket", "reply", ticket.split("/").pop());
	await page.goto("/a/tour/codes");
	await button(page, "Generate").click();
	await page.waitForSelector("#code");
	await look_at(page, {
		"code": new URL(page.url()).pathname,
		"ticket-answered": ticket,
		"overview": "/a/tour",
		"codes": "/a/tour/codes",
		"codes-mail-server": "/a/tour/codes?action=mail.server",
		"codes-filter-list": "/a/tour/codes?action=filter.list",
		"tickets": "/a/tour/tickets",
		"ticket-new": "/a/tour/tickets/new",
		"ticket-new-mail-server": "/a/tour/tickets/new?action=mail.server",
		"people": "/a/tour/people",
		"person-oneself": "/a/tour/people/tour-dana",
		"person": "/a/tour/people/tour-kim",
		"person-none": "/a/tour/people/tour-nobody",
		"person-new": "/a/tour/people/_new",
		"activity": "/a/tour/activity",
		"activity-filtered": "/a/tour/activity?kind=admin-add",
		"activity-no-such-day": "/a/tour/activity?since=2026-02-31",
		"security": "/security",
		"freeze": "/a/tour/freeze",
	});
});

async function named_person(account, name) {
	const person = new Person(await open_window(), `${account}-dana`);

	await person.open_invitation(await new_account(account, person.name, name, name));
	await person.finish();
	return person;
}

async function open_ticket(page, account, subject) {
	await page.goto(`/a/${account}/tickets/new`);
	await page.getByLabel("Subject").fill(subject);
	await page.getByLabel("What can we do for you?").fill("Please.");
	await button(page, "Send").click();
	await page.waitForURL(/tickets\/T\d+$/);
	return new URL(page.url()).pathname;
}

// In the page: by how much it is too wide.
function find_over() {
	return document.documentElement.scrollWidth - innerWidth;
}

test("the longest names without a blank make no page too wide", async () => {
	const long = "W".repeat(128);
	const { page } = await named_person("wide", long);
	const ticket = await open_ticket(page, "wide", long);
	const a = "/a/wide", wide = [];

	await countersign("ticket", "reply", ticket.split("/").pop());
	await countersign("admin", "add", "wide", "wide-kim", "--name", long, "--reason", long);
	await page.goto(`${a}/codes?action=filter.list`);
	await button(page, "Generate").click();
	await page.waitForSelector("#code");
	for (const path of [new URL(page.url()).pathname, ticket, "/", "/security", a, `${a}/codes`,
		`${a}/tickets`, `${a}/tickets/new`, `${a}/people`, `${a}/people/_new`,
		`${a}/people/wide-kim`, `${a}/activity`, `${a}/freeze`]) {
		await page.goto(path);
		for (const width of [320, 640, 1280]) {
			await page.setViewportSize({ width, height: 900 });
			const over = await page.evaluate(find_over);

			if (over > 0)
				wide.push(`${path} at ${width}: ${over} pixels`);
		}
	}
	assert.deepEqual(wide, []);
});

// In the page: where a text begins.
function left_of(text) {
	const main = document.querySelector("main");
	const nodes = document.createTreeWalker(main, NodeFilter.SHOW_TEXT);
	const range = document.createRange();

	while (nodes.nextNode())
		if (nodes.currentNode.data.includes(text)) {
			range.setStart(nodes.currentNode, nodes.currentNode.data.indexOf(text));
			range.setEnd(range.startContainer, range.startOffset + text.length);
			return range.getBoundingClientRect().left;
		}
	return NaN;
}

test("a name that is written from right to left leaves what follows it where it is", async () => {
	const name = "\u05d3\u05e0\u05d4";
	const { page } = await named_person("hebrew", name);
	const ticket = await open_ticket(page, "hebrew", "A question");

	await page.goto("/a/hebrew/tickets");
	const time = await page.locator("main time").textContent();
	const order = [];
	for (const text of [`${ticket.split("/").pop()} by`, name, time])
		order.push(await page.evaluate(left_of, text));
	assert.deepEqual(order, [...order].sort((a, b) => a - b));
});

test("lists with nothing in them say so", async () => {
	const { page } = await new_person("empty", "Empty Ltd");

	await look_at(page, {
		"overview-empty": "/a/empty",
		"tickets-empty": "/a/empty/tickets",
		"tickets-closed-empty": "/a/empty/tickets?closed=1",
		"activity-empty": "/a/empty/activity?kind=resync",
	});
});

test("several accounts, and none any more", async () => {
	const person = await new_person("first", "First Ltd");
	const { page } = person;

	await countersign("account", "add", "second", "--name", "Second Ltd");
	await countersign("admin", "add", "second", person.name, "--existing", "--reason", "a test");
	await page.goto("/");
	await keep(page, "accounts");
	await page.goto("/a/second");
	await countersign("admin", "remove", person.name, "--account", "second", "--reason", "a test");
	await page.waitForURL("**/login*");
	await person.log_in();
	await page.goto("/a/second/codes");
	await keep(page, "error-removed");
});

test("before the log-in every page passes and is pictured", async () => {
	const page = await open_window();

	await look_at(page, {
		"log-in": "/login",
		"invitation": "/invitation",
		"error-log-in-first": "/nothing",
	});
});

test("a fragment that is no invitation leaves the form to be filled in", async () => {
	const page = await open_window();

	for (const fragment of ["#%zz", "#x", "#N1-%00"]) {
		await page.goto("/login");
		await page.goto(`/invitation${fragment}`);
		assert.equal(await page.getByLabel("Invitation").inputValue(), "");
		assert.equal(new URL(page.url()).pathname, "/invitation");
	}
});

test("an invitation that was used or has ended says whom to ask", async () => {
	const replaced = await new_account("once", "once-dana", "Once Ltd");
	const used = await new_invitation("once-dana", "--reason", "a lost letter");
	const person = new Person(await open_window(), "once-dana");
	const page = await open_window();

	await person.open_invitation(used);
	await person.finish();
	for (const secret of [used, replaced]) {
		await page.goto(`/invitation#${secret}`);
		await sees(page, "Ask whoever sent it for a new one.");
	}
	await keep(page, "invitation-refused");
});

// ---- refused ------------------------------------------------------------------------

test("a refused log-in says so, has the focus and keeps the name", async () => {
	const page = await open_window();
	const nobody = new Person(page, "nobody");

	await nobody.fill_log_in("123456");
	await page.waitForSelector("#refusal");
	assert.equal(await page.evaluate(() => document.activeElement.id), "refusal");
	assert.equal(await page.getByLabel("Name").inputValue(), "nobody");
	assert.equal(await page.getByLabel("Password").inputValue(), "");
	assert.match(await page.getByLabel("Name").getAttribute("aria-describedby"), /refusal/);
	await keep(page, "log-in-refused");
});

// From an address of its own, because addresses have a limit, too.
test("log-ins that fail too often have to wait, and the page says how long", async () => {
	const page = await open_window({ viewport: { width: 1280, height: 900 },
		extraHTTPHeaders: { "X-Forwarded-For": "192.0.2.66" } });
	const guesser = new Person(page, "guesser");

	for (let i = 0; !page.answered?.endsWith(" 429") && i < 20; i++) {
		await guesser.fill_log_in("123456");
		await page.waitForSelector("#refusal");
	}
	await sees(page, "Wait");
	await keep(page, "log-in-throttled");
});

test("a form from before a restart does nothing and keeps what was typed", async () => {
	const { page } = await new_person("stale", "Stale Ltd");

	await page.goto("/a/stale/tickets/new");
	await page.getByLabel("Subject").fill("Kept");
	await page.getByLabel("What can we do for you?").fill("Kept, too");
	await page.locator("main input[name=csrf]").first().evaluate((e) => { e.value = "0".repeat(e.value.length); });
	await button(page, "Send").click();
	await page.waitForSelector("#refusal");
	assert.equal(await page.getByLabel("Subject").inputValue(), "Kept");
	await keep(page, "form-stale");
});

test("what was written in a session that ended stays beside the new log-in", async () => {
	const { page } = await new_person("ended", "Ended Ltd");
	const text = page.getByLabel("What you wrote");

	await page.goto("/a/ended/tickets/new");
	await page.getByLabel("Subject").fill("Long");
	await page.getByLabel("What can we do for you?").fill("One\nTwo");
	await page.context().clearCookies();
	await button(page, "Send").click();
	assert.equal(await text.inputValue(), "One\nTwo");
	await keep(page, "ticket-logged-out");
	const [other] = await Promise.all([page.context().waitForEvent("page"),
		page.getByRole("link", { name: "Log in" }).click()]);
	await other.waitForURL("**/login");
	assert.equal(await text.inputValue(), "One\nTwo");
});

test("an address for something that is not, or not for this person, is a plain page", async () => {
	const { page } = await new_person("lost", "Lost Ltd");
	const nowhere = "There is no such page";
	const errors = [
		["/a/lost/codes/I999999", 404, nowhere],
		["/a/lost/tickets/T999999", 404, nowhere],
		["/a/nobody/codes", 404, nowhere],
		["/security/password", 200, "Security"],	// a form's, that leads to its page
		["/a/lost/nothing", 404, nowhere, "error-404"],
		["/login?name=%zz", 400, "The browser sent something that this page does not understand", "error-400"],
	];

	for (const [path, status, title, name] of errors) {
		const answer = await page.goto(path);

		assert.equal(answer.status(), status, path);
		assert.equal(await heading(page).innerText(), title, path);
		if (name)
			await keep(page, name);
	}
});
