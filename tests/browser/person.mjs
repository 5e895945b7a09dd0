// SPDX-License-Identifier: ISC
//
// What an administrator does on the pages, as a person: by labels and names of
// buttons, never by what the markup is like.

import { App, assert, button, check_page, heading, password, picture, until } from "./kit.mjs";

export class Person {
	constructor(page, name, { script = true } = {}) {
		Object.assign(this, { page, name, script });
	}

	// With a script the address alone will do; without one it is typed.
	async accept(invitation) {
		const { page } = this;

		if (this.script) {
			await page.goto(`/invitation#${invitation}`);
		} else {
			await page.goto("/invitation");
			await page.getByLabel("Invitation").fill(invitation);
			await button(page, "Continue").click();
		}
		await page.waitForSelector(".secret");
		assert.equal(await heading(page).textContent(), "Welcome, Dana Reyes");
		assert.ok(!page.url().includes(invitation), "the invitation stays out of the address");
		this.app = new App(await page.locator(".secret").textContent());
		await page.getByLabel("New password").fill(password);
		await page.getByLabel("Code from the app").fill(await this.app.code());
	}

	async finish() {
		const { page } = this;

		await button(page, "Finish").click();
		await page.waitForSelector(".recovery");
		assert.equal(await page.locator(".recovery li").count(), 10);
		this.recovery = await page.locator(".recovery li").allTextContents();
		await page.getByRole("link", { name: "I have kept them" }).click();
	}

	async log_in() {
		const { page } = this;

		await page.goto("/login");
		await page.getByLabel("Name").fill(this.name);
		await page.getByLabel("Password").fill(password);
		await page.getByLabel("Code from your authenticator app").fill(await this.app.code());
		await button(page, "Log in").click();
		await page.waitForURL((url) => url.pathname !== "/login");
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

	async go(place) {
		await this.menu();
		await this.page.getByRole("navigation", { name: "Client Account" })
		    .getByRole("link", { name: place }).locator("visible=true").first().click();
		await this.page.waitForLoadState();
	}

	// The text of the page, once what is expected is there: told by the page
	// itself, or by loading it again as its noscript part says.
	async sees(text, ms) {
		await until(() => this.page.locator("main").innerText().catch(() => ""), text, ms);
	}

	async digits() {
		return (await this.page.locator("#code").textContent()).replace(/\D/g, "");
	}

	// axe-core needs a page's timers, which are off with its scripts.
	async keep(name) {
		if (this.script)
			await check_page(this.page, name);
		await picture(this.page, name);
	}
}
