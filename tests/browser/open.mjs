// SPDX-License-Identifier: ISC
//
// A page that is open: what it tells by itself, in text and to screen readers;
// what it does when a phone sleeps and wakes.

import { Technician, another_code, assert, button, choose, is_told, keep, sees, test, test_alone, test_in_firefox,
	told, until } from "./kit.mjs";
import { new_person } from "./person.mjs";

const CHANGE = ["--action", "mail.server", "--target", "mx1.acme.example=203.0.113.9"];

// What a screen reader says without being asked.
function announced(page, text) {
	return until(() => page.getByRole("status").textContent(), text);
}

test("an open code page tells of a wrong try, and of a new code in another window", async () => {
	const person = await new_person("wrong", "Wrong Ltd");
	const { page } = person;
	const code = await person.generate("wrong");
	const other = await page.context().newPage();
	await other.goto(page.url());

	const technician = new Technician("wrong", "--action", "filter.list");
	assert.equal(await technician.enter(another_code(code)), 1, technician.said);
	await is_told(page, "a wrong try", "One wrong code was tried");
	await announced(page, "One wrong code was tried");
	assert.equal(await person.digits(), code, "the code lives on");
	await keep(page, "code-wrong-try");

	await choose(other, "Generate a new one");
	await other.waitForURL((url) => url.href !== page.url());
	await is_told(page, "a newer code", "replaced by a newer one");
	await announced(page, "This code was replaced by a newer one.");
	assert.equal(await page.locator("#code").count(), 0, "a dead code is not shown");
	await keep(page, "code-replaced");

	await page.goto(other.url());
	await button(other, "Cancel this code").click();
	await is_told(page, "a cancelled code", "This code was cancelled.");
	await announced(page, "This code was cancelled.");
	await keep(page, "code-cancelled");
});

test("three wrong tries end a code, and its page says why", async () => {
	const person = await new_person("guessed", "Guessed Ltd");
	const { page } = person;
	const code = await person.generate("guessed");

	for (let i = 0, other = code; i < 3; i++) {
		const technician = new Technician("guessed", "--action", "filter.list");

		other = another_code(other);
		assert.equal(await technician.enter(other), 1, technician.said);
	}
	await is_told(page, "a code that wrong tries ended", "This code was cancelled after wrong tries.");
	await announced(page, "This code was cancelled after wrong tries.");
	await keep(page, "code-killed");
});

test("\"Not us\" ends the question", async () => {
	const { page } = await new_person("not-us", "Not Ltd");

	await page.goto("/a/not-us");
	const technician = new Technician("not-us", ...CHANGE);
	await is_told(page, "a call on the overview", "asks:");
	await announced(page, "asks: Change mx1.acme.example to 203.0.113.9");
	await keep(page, "overview-call");
	await choose(page, "Not us");
	await sees(page, "No technician is asking for Not Ltd right now.");
	await technician.enter("000000000");
});

// ---- what moves away under a hand ---------------------------------------------------

const OTHER = ["--action", "mail.server", "--target", "mx2.acme.example=203.0.113.10"];

function focused(page) {
	return page.locator(":focus").evaluate((e) => e.id || e.textContent);
}

test("the focus stays with what was chosen, and goes to none beside it", async () => {
	const person = await new_person("moved", "Moved Ltd");
	const { page } = person;

	await person.generate("moved");
	await page.goto("/a/moved/codes");
	const link = page.locator("#live").getByRole("link", { name: "Show I" });
	const shown = await link.textContent();
	await link.focus();
	new Technician("moved", ...CHANGE);
	await sees(page, "Change mx1.acme.example to 203.0.113.9");
	assert.equal(await focused(page), shown, "though a question came above it");

	await button(page, "Show code").focus();
	new Technician("moved", ...OTHER);
	await sees(page, "Change mx2.acme.example to 203.0.113.10");
	assert.equal(await focused(page), "main", "though another question has a button there");
});

test("a click is not for what came under the pointer just now", async () => {
	const { page } = await new_person("slipped", "Slipped Ltd");

	await page.goto("/a/slipped/codes");
	await page.evaluate(() => {
		const live = document.querySelector("#live");

		new MutationObserver(() => {
			window.taken = live.querySelector("button")?.dispatchEvent(
			    new MouseEvent("click", { bubbles: true, cancelable: true, detail: 1 }));
		}).observe(live, { childList: true });
	});
	new Technician("slipped", ...CHANGE);
	await sees(page, "Change mx1.acme.example to 203.0.113.9");
	assert.equal(await page.evaluate(() => window.taken), false);
});

// Enter on a link has a count in Firefox, as if a pointer had clicked.
async function press_at_once(account) {
	const person = await new_person(account, "Pressed Ltd");
	const { page } = person;

	await person.generate(account);
	await page.goto(`/a/${account}/codes`);
	await page.locator("#live").getByRole("link", { name: "Show I" }).focus();
	new Technician(account, ...CHANGE);
	await sees(page, "Change mx1.acme.example to 203.0.113.9");
	await page.keyboard.press("Enter");
	await page.waitForURL(/codes\/I\d+$/);
}

const pressed = "a key is for what has the focus, though the page changed just now";

test(pressed, () => press_at_once("pressed"));
test_in_firefox(pressed, () => press_at_once("pressed-fox"));

// In the page, before its own script.
function count_changes() {
	window.changes = 0;
	document.addEventListener("DOMContentLoaded", () => {
		new MutationObserver(() => { window.changes++; })
		    .observe(document.querySelector("#live"), { childList: true });
	});
}

test("a page that was opened just now is not changed to what it is", async () => {
	const { page } = await new_person("fresh", "Fresh Ltd");

	await page.addInitScript(count_changes);
	await page.goto("/a/fresh/codes");
	new Technician("fresh", ...CHANGE);
	await sees(page, "Change mx1.acme.example to 203.0.113.9");
	assert.equal(await page.evaluate(() => window.changes), 1);
});

// ---- sleeping and waking -----------------------------------------------------------

// What a telephone does when its screen goes off, and on again.
function turn(page, state) {
	return page.evaluate((now) => {
		Object.defineProperty(document, "visibilityState", { configurable: true, get: () => now });
		document.dispatchEvent(new Event("visibilitychange"));
	}, state);
}

test("a page that slept asks anew as soon as it is looked at", async () => {
	const person = await new_person("sleep", "Sleep Ltd");
	const { page } = person;

	await page.route("**/live", (route) => route.abort());
	const code = await person.generate("sleep");
	await sees(page, "The connection is interrupted.");
	await keep(page, "code-interrupted");
	await turn(page, "hidden");
	const technician = new Technician("sleep", "--action", "filter.list");
	assert.equal(await technician.enter(code), 0, technician.said);
	assert.equal(await person.digits(), code, "nothing tells it");
	await turn(page, "visible");
	await sees(page, "Used by");
	assert.equal(await page.locator("#code").count(), 0);
});

test("an answer that was under way does not undo what was told since", async () => {
	const person = await new_person("woken", "Woken Ltd");
	const { page } = person;
	const code = await person.generate("woken");
	let taken, let_go;
	const stale = new Promise((resolve) => { taken = resolve; });
	const gone = new Promise((resolve) => { let_go = resolve; });

	await page.route(page.url(), async (route) => {
		const response = await route.fetch();

		taken();
		await gone;
		await route.fulfill({ response });
	});
	await turn(page, "hidden");
	await turn(page, "visible");
	await stale;
	const technician = new Technician("woken", "--action", "filter.list");
	assert.equal(await technician.enter(code), 0, technician.said);
	await sees(page, "Used by");
	const answered = page.waitForEvent("requestfinished", (request) => request.url() === page.url());
	let_go();
	await answered;
	await page.waitForTimeout(100);
	assert.equal(await page.locator("#code").count(), 0, "the code shows again");
});

// In place of the browser's own, which a browser without a screen refuses.
function count_locks() {
	let held = null;

	window.locks = [];
	Object.defineProperty(navigator, "wakeLock", { value: { request: async (kind) => {
		const lock = new EventTarget();

		window.locks.push(kind);
		held = lock;
		lock.release = async () => {
			if (held !== lock)
				return;
			held = null;
			window.locks.push("released");
			lock.dispatchEvent(new Event("release"));
		};
		return lock;
	} } });
	addEventListener("visibilitychange", () => {
		if (document.visibilityState === "hidden" && held)
			held.release();
	}, true);
}

test("the screen stays on while a code shows, and not longer", async () => {
	const person = await new_person("awake", "Awake Ltd");
	const { page } = person;
	const locks = () => page.evaluate(() => window.locks.join(" "));

	await page.addInitScript(count_locks);
	await page.goto("/a/awake/codes");
	assert.equal(await locks(), "", "not while none shows");
	const code = await person.generate("awake");
	await until(locks, "screen");
	await turn(page, "hidden");
	assert.equal(await locks(), "screen released");
	await turn(page, "visible");
	await until(locks, "screen released screen");
	const technician = new Technician("awake", "--action", "filter.list");
	assert.equal(await technician.enter(code), 0, technician.said);
	await until(locks, "screen released screen released");
	assert.equal(await locks(), "screen released screen released");
});

// ---- how soon ------------------------------------------------------------------------

// The soonest of each kind: a machine with much else to do is late now and
// then, but not each time for all of them.
test_alone("what happens is told within a second", async () => {
	const kinds = Object.entries(told);
	const least = Math.min(...kinds.flatMap(([, times]) => times));

	for (const [kind, times] of kinds)
		console.log(`# ${kind}: told after ${times.join(", ")} ms`);
	assert.ok(kinds.length > 4 && least <= 1000, `the soonest after ${least} ms`);
});
