// SPDX-License-Identifier: ISC
//
// What the stories share: TAP, the browser, an authenticator app, the command,
// and a technician who waits for a code.

import { createHmac } from "node:crypto";
import { execFile, spawn } from "node:child_process";
import { promisify } from "node:util";
import assert from "node:assert/strict";
import { AxeBuilder } from "@axe-core/playwright";
import { chromium } from "playwright-core";

export { assert };
export const origin = process.env.ORIGIN;
export const shots = process.env.SHOTS;
export const command = process.env.COUNTERSIGN;
export const password = "four words that nobody else";

// ---- TAP ----------------------------------------------------------------------

const tests = [];
const patience = 150000;

function in_time(work) {
	let timer;
	const late = new Promise((_, fail) => {
		timer = setTimeout(() => fail(new Error(`not done after ${patience} ms`)), patience);
	});

	return Promise.race([work(), late]).finally(() => clearTimeout(timer));
}

export function test(name, work) {
	tests.push({ name, work });
}

export async function run() {
	const only = process.env.BROWSER_ONLY ?? "";
	const wanted = tests.filter((each) => each.name.includes(only));
	let failed = 0;

	console.log(`1..${wanted.length}`);
	for (const [i, each] of wanted.entries()) {
		try {
			await in_time(each.work);
			console.log(`ok ${i + 1} - ${each.name}`);
		} catch (fault) {
			failed++;
			console.log(`not ok ${i + 1} - ${each.name}`);
			console.log(String(fault.stack ?? fault).replace(/^/gm, "# "));
			await show_failure(`failed-${i + 1}`);
		}
	}
	await close_browser();
	process.exitCode = failed > 0 ? 1 : 0;
}

// ---- the browser -----------------------------------------------------------------

let browser = null;

// What was on the screen goes beside the other pictures.
async function show_failure(name) {
	for (const context of browser?.contexts() ?? []) {
		for (const page of context.pages()) {
			console.log(`# ${page.url()} ${page.complaints?.join(" ") ?? ""}`);
			await picture(page, name).catch(() => {});
		}
		await context.close();
	}
}

export const desk = { viewport: { width: 1280, height: 900 } };
export const phone = { viewport: { width: 375, height: 667 }, deviceScaleFactor: 2, hasTouch: true, isMobile: true };

async function close_browser() {
	if (browser)
		await browser.close();
}

// A window whose complaints are failures: scripts' errors, what the content
// security policy stopped, dialogs that no page of ours opens.
export async function open_window(options = desk) {
	browser ??= await chromium.launch({
		executablePath: process.env.CHROMIUM,
		args: process.getuid() === 0 ? ["--no-sandbox"] : [],
	});
	const context = await browser.newContext({ baseURL: origin, ...options });
	const page = await context.newPage();
	const complaints = [];

	page.setDefaultTimeout(20000);
	page.on("pageerror", (e) => complaints.push(String(e)));
	page.on("dialog", (dialog) => {
		complaints.push(`dialog: ${dialog.message()}`);
		dialog.dismiss();
	});
	page.on("console", (message) => {
		if (message.type() === "error" && !/status of (4\d\d|503)/.test(message.text()))
			complaints.push(message.text());
	});
	page.complaints = complaints;
	return page;
}

export async function close_window(page) {
	const complaints = page.complaints;

	await page.context().close();
	assert.deepEqual(complaints, []);
}

// Nothing that a customer would stumble over: WCAG 2.2 AA, and no sideways
// scrolling.
export async function check_page(page, name) {
	const found = await new AxeBuilder({ page })
	    .withTags(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"])
	    .analyze();
	const faults = found.violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.html).join(" ")}`);
	const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);

	assert.deepEqual(faults, [], `axe on ${name}`);
	assert.ok(over <= 0, `${name} is ${over} pixels too wide`);
}

export function picture(page, name) {
	return page.screenshot({ path: `${shots}/${name}.png`, fullPage: true, animations: "disabled" });
}

export function button(page, name) {
	return page.getByRole("button", { name });
}

export function heading(page) {
	return page.getByRole("heading", { level: 1 });
}

export async function until(what, expected, ms) {
	const end = Date.now() + ms;
	let got = await what();

	while (!String(got).includes(expected) && Date.now() < end) {
		await new Promise((r) => setTimeout(r, 25));
		got = await what();
	}
	assert.ok(String(got).includes(expected), `"${expected}" within ${ms} ms, but: ${got}`);
}

// ---- an authenticator app -----------------------------------------------------------

function base32(text) {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
	const bits = [...text].map((c) => alphabet.indexOf(c).toString(2).padStart(5, "0")).join("");

	return Buffer.from((bits.match(/.{8}/g) ?? []).map((b) => parseInt(b, 2)));
}

export class App {
	constructor(secret) {
		this.key = base32(secret.replace(/[^A-Z2-7]/g, ""));
		this.step = 0;
	}

	at(step) {
		const counter = Buffer.alloc(8);

		counter.writeBigUInt64BE(BigInt(step));
		const mac = createHmac("sha1", this.key).update(counter).digest();
		const from = mac[19] & 15;

		return String((mac.readUInt32BE(from) & 0x7fffffff) % 1e6).padStart(6, "0");
	}

	// One that was not used yet.  The daemon takes the step before and the one
	// after too, so that three in a row need no waiting.
	async code() {
		const step = () => Math.floor(Date.now() / 30000);
		const next = Math.max(this.step + 1, step() - (Date.now() % 30000 < 15000 ? 1 : 0));

		while (next > step() + 1)
			await new Promise((r) => setTimeout(r, 500));
		this.step = next;
		return this.at(next);
	}
}

// ---- the command ---------------------------------------------------------------------

export async function countersign(...words) {
	const { stdout } = await promisify(execFile)(command, words);

	return stdout;
}

// An account with one administrator, who has an invitation.
export async function new_account(account, administrator, name) {
	await countersign("account", "add", account, "--name", name);
	await countersign("admin", "add", account, administrator, "--name", "Dana Reyes", "--all");
	const text = await countersign("--json", "admin", "invite", administrator);

	return JSON.parse(text.split("\n")[0]).invitation;
}

// `countersign verify`, which opens the call and then waits for the code.
export class Technician {
	constructor(account, ...words) {
		this.child = spawn(command, ["verify", account, ...words], { stdio: "pipe" });
		this.said = "";
		this.child.stdout.on("data", (d) => { this.said += d; });
		this.child.stderr.on("data", (d) => { this.said += d; });
		this.ended = new Promise((done) => this.child.on("close", done));
	}

	async enter(code) {
		this.child.stdin.end(`${code}\n`);
		return this.ended;
	}
}
