// SPDX-License-Identifier: ISC
//
// The main story by keyboard alone: each stop is seen, and none is skipped.

import { assert, button, open_window, password, picture, sees, test, test_in_firefox, until } from "./kit.mjs";
import { Person, new_person } from "./person.mjs";

// In the page: what has the focus, and whether a person can see that.
function look_at_focus() {
	const e = document.activeElement;
	const box = e.getBoundingClientRect();
	const over = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
	const style = getComputedStyle(e);

	return {
		text: e.labels?.[0]?.textContent ?? e.textContent.trim(),
		outlined: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2 &&
		    style.outlineColor !== getComputedStyle(document.body).backgroundColor,
		inside: box.height > 0 && box.top >= 0 && box.bottom <= innerHeight && box.left >= 0 &&
		    box.right <= innerWidth,
		uncovered: over !== null && (e.contains(over) || over.contains(e)),
	};
}

async function tab_to(page, text) {
	const passed = [];

	for (let i = 0; i < 60; i++) {
		await page.keyboard.press("Tab");
		const at = await page.evaluate(look_at_focus);

		assert.deepEqual(at, { text: at.text, outlined: true, inside: true, uncovered: true });
		if (at.text === text)
			return;
		passed.push(at.text);
	}
	assert.fail(`no way to "${text}" by Tab, only to ${passed.join(", ")}`);
}

async function press(page, text) {
	await tab_to(page, text);
	await page.keyboard.press("Enter");
}

async function walk(account) {
	const { app, name } = await new_person(account, "Keys Ltd");
	const page = await open_window();
	const person = new Person(page, name);

	await page.goto("/login");
	await page.keyboard.press("Tab");
	assert.equal(await page.evaluate(() => document.activeElement.className), "skip");
	await picture(page, `${account}-skip-link`);
	for (const [label, text] of [["Name", name], ["Password", password],
		["Code from your authenticator app", await app.code()]]) {
		await tab_to(page, label);
		await page.keyboard.type(text);
	}
	await page.keyboard.press("Enter");
	await page.waitForURL((url) => url.pathname !== "/login");
	await press(page, "Account Preferences & Codes");
	await page.waitForURL("**/codes");
	await press(page, "Generate");
	const code = await person.digits();
	await press(page, "Copy");
	await until(() => page.locator("[data-copy]").textContent(), "Copied");
	await picture(page, `${account}-code-copied`);
	// The page that is left tells of it, too.
	await Promise.all([page.waitForEvent("load"), press(page, "Cancel this code")]);
	await sees(page, "This code was cancelled.");
	await press(page, "Back to Account Preferences & Codes");
	await page.waitForURL("**/codes");
	await press(page, "Log out");
	await page.waitForURL("**/login");
	await tab_to(page, "Name");
	await page.keyboard.press("Control+V");
	assert.equal(await page.getByLabel("Name").inputValue(), code, "what was copied");
}

const name = "log-in, Generate, Copy, Cancel and log-out by keyboard alone";

test(name, () => walk("keys"));
test_in_firefox(name, () => walk("keys-fox"));

test("the menu of a phone by keyboard alone", async () => {
	const { page } = await new_person("thumb", "Thumb Ltd", { viewport: { width: 320, height: 568 } });

	await page.goto("/a/thumb");
	await press(page, "Menu");
	await press(page, "Security");
	await page.waitForURL("**/security");
	assert.equal(await button(page, "Log out").locator("visible=true").count(), 0, "the menu is shut again");
});
