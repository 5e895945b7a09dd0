// SPDX-License-Identifier: ISC
//
// What an administrator does on the pages, as a person: by labels and names of
// buttons, never by what the markup is like.

import { App, assert, button, heading, new_account, open_window, password } from "./kit.mjs";

export class Person {
	constructor(page, name) {
		Object.assign(this, { page, name });
	}

	// With a script the address alone will do; without one it is typed.
	async open_invitation(invitation) {
		const { page } = this;

		if (page.script) {
			await page.goto(`/invitation#${invitation}`);
		} else {
			await page.goto("/invitation");
			await page.getByLabel("Invitation").fill(invitation);
			await button(page, "Continue").click();
		}
		await page.waitForSelector(".secret");
		assert.ok(!page.url().includes(invitation), "the invitation stays out of the address");
		this.app = new App(await page.locator(".secret").textContent());
	}

	async finish() {
		const { page } = this;

		await page.getByLabel("New password").fill(password);
		await page.getByLabel("Code from the app").fill(await this.app.code());
		await button(page, "Finish").click();
		await page.waitForSelector(".recovery");
		this.recovery = await page.locator(".recovery li").allTextContents();
		assert.equal(this.recovery.length, 10);
	}

	async accept(invitation) {
		await this.open_invitation(invitation);
		assert.equal(await heading(this.page).textContent(), "Welcome, Dana Reyes");
		await this.finish();
		await this.page.getByRole("link", { name: "I have kept them" }).click();
		await this.page.waitForURL((url) => !url.pathname.startsWith("/invitation"));
	}

	async fill_log_in(code, secret = password) {
		const { page } = this;

		await page.goto("/login");
		await page.getByLabel("Name").fill(this.name);
		await page.getByLabel("Password").fill(secret);
		await page.getByLabel("Code from your authenticator app").fill(code);
		await button(page, "Log in").click();
	}

	async log_in(code, secret = password) {
		await this.fill_log_in(code ?? await this.app.code(), secret);
		await this.page.waitForURL((url) => url.pathname !== "/login");
	}

	// Which letters a phone's keypad shows is the field's to say.
	async log_in_without_phone(code) {
		const { page } = this;

		await page.goto("/login");
		await page.getByRole("link", { name: "Lost your phone?" }).click();
		await page.waitForURL("**/login/recovery");
		await page.getByLabel("Name").fill(this.name);
		await page.getByLabel("Password").fill(password);
		const field = page.getByLabel("Recovery code");
		assert.equal(await field.getAttribute("inputmode"), null, "a keypad of digits");
		await field.fill(code);
		await button(page, "Log in").click();
	}

	async log_out() {
		await this.menu();
		await button(this.page, "Log out").locator("visible=true").click();
		await this.page.waitForURL("**/login");
	}

	// On a phone the places are behind a button.
	async menu() {
		const menu = this.page.locator("details.menu > summary");

		if (await menu.isVisible() && !await menu.evaluate((e) => e.parentElement.open))
			await menu.click();
	}

	async go(place, path) {
		await this.menu();
		await this.page.getByRole("navigation", { name: "Client Account" })
		    .getByRole("link", { name: place }).locator("visible=true").first().click();
		await this.page.waitForURL(`**/${path}`);
	}

	async generate(account) {
		await this.page.goto(`/a/${account}/codes`);
		await button(this.page, "Generate").click();
		return this.digits();
	}

	async digits() {
		return (await this.page.locator("#code").textContent()).replace(/\D/g, "");
	}
}

// Somebody who has accepted the invitation to an account of its own.
export async function new_person(account, name = account, options = undefined) {
	const person = new Person(await open_window(options), `${account}-dana`);

	await person.accept(await new_account(account, person.name, name));
	return person;
}
