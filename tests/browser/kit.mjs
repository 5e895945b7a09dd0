// SPDX-License-Identifier: ISC
//
// What the stories share: TAP, the browser, a page in every look, an
// authenticator app, the command, and a technician who waits for a code.

import { AsyncLocalStorage } from "node:async_hooks";
import { createHmac } from "node:crypto";
import { createRequire } from "node:module";
import { execFile, spawn } from "node:child_process";
import { promisify } from "node:util";
import { readFileSync } from "node:fs";
import assert from "node:assert/strict";
import { chromium, firefox } from "playwright-core";

export { assert };
export const origin = process.env.ORIGIN;
export const shots = process.env.SHOTS;
export const command = process.env.COUNTERSIGN;
export const password = "four words that nobody else";

// ---- TAP ----------------------------------------------------------------------

// Nothing here waits for a time to pass, so these are for machines that have
// much else to do.
const patience = 240000;
export const soon = 60000;

const tests = [];
const current = new AsyncLocalStorage();	// the test that runs, and its windows

function in_time(work) {
	let timer;
	const late = new Promise((_, fail) => {
		timer = setTimeout(() => fail(new Error(`not done after ${patience} ms`)), patience);
	});

	return Promise.race([work(), late]).finally(() => clearTimeout(timer));
}

function add(name, work, more = {}) {
	tests.push({ name, work, engine: "chromium", alone: false, windows: [], ...more });
}

export function test(name, work) {
	add(name, work);
}

export function test_in_firefox(name, work) {
	add(`${name}, in Firefox`, work, { engine: "firefox" });
}

// After all others, in the order in which they are written, because it changes
// what they stand on or looks at what they did.
export function test_alone(name, work) {
	add(name, work, { alone: true });
}

let done = 0, failed = 0;

async function run_one(one) {
	if (!browsers[one.engine]) {
		console.log(`ok ${++done} - ${one.name} # SKIP needs ${one.engine}`);
		return;
	}
	try {
		await current.run(one, () => in_time(one.work));
		await close_windows(one);
		console.log(`ok ${++done} - ${one.name}`);
	} catch (fault) {
		failed++;
		console.log(`not ok ${++done} - ${one.name}`);
		console.log(String(fault.stack ?? fault).replace(/^/gm, "# "));
		await show_failure(one, `failed-${done}`);
	}
}

// Two at a time: one is often waiting for its browser, or for the time.
async function run_all(list, at_once) {
	const left = [...list];
	const lane = async () => {
		while (left.length > 0)
			await run_one(left.shift());
	};

	await Promise.all(Array.from({ length: at_once }, lane));
}

export async function run() {
	const only = process.env.BROWSER_ONLY ?? "";
	const wanted = tests.filter((one) => one.name.includes(only));

	console.log(`1..${wanted.length}`);
	for (const engine of new Set(wanted.map((one) => one.engine)))
		browsers[engine] = await engines[engine]();
	await run_all(wanted.filter((one) => !one.alone), 2);
	await run_all(wanted.filter((one) => one.alone), 1);
	for (const browser of Object.values(browsers))
		await browser?.close();
	process.exit(failed > 0 ? 1 : 0);	// though a technician may still wait
}

// ---- the browser -----------------------------------------------------------------

const engines = {
	chromium: () => chromium.launch({
		executablePath: process.env.CHROMIUM,
		args: process.getuid() === 0 ? ["--no-sandbox"] : [],
		timeout: soon,
	}),
	// A real one, by WebDriver BiDi.
	firefox: () => process.env.FIREFOX ? firefox.launch({
		executablePath: process.env.FIREFOX,
		channel: "moz-firefox",
		timeout: soon,
	}) : null,
};

const browsers = {};	// those of the tests that are wanted

export const desk = { viewport: { width: 1280, height: 900 } };
export const phone = { viewport: { width: 375, height: 667 }, deviceScaleFactor: 2, hasTouch: true, isMobile: true };

// "body {}", which the driver adds to a page in Firefox before taking its picture.
const OF_DRIVER = "sha256-YjaKGiklmzC6wjXA513HAMmzus8VE61XCOT+SmwNZWA=";

// A window whose complaints are failures: scripts' errors, what the content
// security policy stopped, dialogs that no page of ours opens.
export async function open_window(options = desk) {
	const one = current.getStore();
	const context = await browsers[one.engine].newContext({ baseURL: origin, reducedMotion: "reduce", ...options });
	const page = await context.newPage();
	const complaints = [];

	page.setDefaultTimeout(soon);
	page.on("pageerror", (e) => {
		if (!String(e).includes(OF_DRIVER))
			complaints.push(String(e));
	});
	page.on("dialog", (dialog) => {
		complaints.push(`dialog: ${dialog.message()}`);
		dialog.dismiss();
	});
	page.on("console", (message) => {
		if (message.type() === "error" && !/status of (4\d\d|503)|net::ERR_FAILED/.test(message.text()))
			complaints.push(message.text());
	});
	page.on("response", (response) => {
		const request = response.request();

		if (request.isNavigationRequest() && request.frame() === page.mainFrame())
			note_answer(page, request, response.status());
	});
	page.complaints = complaints;
	page.script = options.javaScriptEnabled ?? true;
	one.windows.push(page);
	return page;
}

async function close_windows(one) {
	for (const page of one.windows) {
		await page.context().close();
		assert.deepEqual(page.complaints, []);
	}
}

// What was on the screen goes beside the other pictures.
async function show_failure(one, name) {
	for (const [i, page] of one.windows.entries()) {
		console.log(`# ${page.url()} ${page.complaints.join(" ")}`);
		await picture(page, `${name}-${i + 1}`).catch(() => {});
		await page.context().close();
	}
}

// ---- what was opened, for cover.mjs -------------------------------------------------

export const sent = [];		// "POST /a/acme/codes", with any answer
export const kept = [];		// "GET /a/acme/codes 200", seen by check_page
export const pictured = new Set();

function note_answer(page, request, status) {
	const asked = `${request.method()} ${new URL(request.url()).pathname}`;

	sent.push(asked);
	page.answered = `${asked} ${status}`;
}

// ---- a page in every look -------------------------------------------------------------

const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
const COLOURS = ["color-contrast"];	// nothing else differs in the dark

const looks = {
	light: { viewport: desk.viewport, colorScheme: "light", rules: RULES },
	dark: { viewport: desk.viewport, colorScheme: "dark", rules: COLOURS },
	narrow: { viewport: { width: 320, height: 568 }, colorScheme: "light", rules: RULES },
	zoomed: { viewport: { width: 640, height: 450 }, colorScheme: "dark", rules: COLOURS },	// 1280 at 200 %
};

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

// In the page.  Nothing that a customer would stumble over: WCAG 2.2 AA, no
// sideways scrolling, and for fingers 44 pixels; links inside a sentence are
// exempt.
async function find_faults(rules) {
	const found = await window.axe.run({ runOnly: rules, resultTypes: ["violations"] });
	const over = document.documentElement.scrollWidth - innerWidth;
	const small = [...document.querySelectorAll("button, .button, input:not([type=hidden]), select, summary, .nav a")]
	    .filter((e) => e.checkVisibility() && !e.closest(".unseen") && e.type !== "checkbox")
	    .map((e) => [e.textContent.trim() || e.name, e.getBoundingClientRect()])
	    .filter(([, box]) => box.height < 43.9 || box.width < 43.9);

	return [
		...found.violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.html).join(" ")}`),
		...small.map(([text, box]) => `too small: ${text}: ${box.width} x ${box.height}`),
		...over > 0 ? [`${over} pixels too wide`] : [],
	];
}

async function check_page(page, name, rules = RULES) {
	if (!await page.evaluate(() => "axe" in window))
		await page.evaluate(axe);
	assert.deepEqual(await page.evaluate(find_faults, rules), [], name);
}

// Judges and pictures the page that is open, once it is right in every look.
// axe-core needs a page's timers, which are off with its scripts; and a phone
// is no desk.
export async function keep(page, name) {
	const own = page.viewportSize();

	if (!page.script || own.width !== desk.viewport.width) {
		if (page.script)
			await check_page(page, name);
		await picture(page, name);
		return;
	}
	for (const [look, { viewport, colorScheme, rules }] of Object.entries(looks)) {
		await page.emulateMedia({ colorScheme });
		await page.setViewportSize(viewport);
		await check_page(page, `${name}, ${look}`, rules);
		await picture(page, `${name}-${look}`);
	}
	await page.emulateMedia({ colorScheme: "light" });
	await page.setViewportSize(own);
	kept.push(page.answered);
}

export function picture(page, name) {
	assert.ok(!pictured.has(name), `one picture of the name ${name}`);
	pictured.add(name);
	return page.screenshot({ path: `${shots}/${name}.png`, fullPage: true, timeout: soon });
}

// ---- what is on it ---------------------------------------------------------------------

export function button(page, name) {
	return page.getByRole("button", { name });
}

// A button that came just now, by somebody who has read it: a click at once counts as
// meant for what was there before.
export async function choose(page, name) {
	await page.waitForTimeout(600);
	await button(page, name).click();
}

export function heading(page) {
	return page.getByRole("heading", { level: 1 });
}

// The text of the page, once what is expected is there: told by the page
// itself, or by loading it again as its noscript part says.
export function sees(page, text) {
	return until(() => page.locator("main").innerText(), text);
}

export async function until(what, expected) {
	const end = Date.now() + soon;
	let got = await what().catch(String);

	while (!String(got).includes(expected) && Date.now() < end) {
		await new Promise((r) => setTimeout(r, 25));
		got = await what().catch(String);
	}
	assert.ok(String(got).includes(expected), `"${expected}", but: ${got}`);
}

// ---- told while the page is open ----------------------------------------------------------

export const told = {};		// of what: milliseconds that it took to be told

// How long after it happened, as a technician or another window noticed.
export async function is_told(page, what, text) {
	const begun = performance.now();

	await sees(page, text);
	(told[what] ??= []).push(Math.round(performance.now() - begun));
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

// What it reads is one line, where it reads anything.
export async function countersign(...words) {
	const running = promisify(execFile)(command, words);

	running.child.stdin.on("error", () => {});	// most read nothing
	running.child.stdin.end("We look into it.\n");
	return (await running).stdout;
}

// An account with one administrator, who has an invitation.
export async function new_account(account, administrator, name, person = "Dana Reyes") {
	await countersign("account", "add", account, "--name", name);
	await countersign("admin", "add", account, administrator, "--name", person, "--all");
	return new_invitation(administrator);
}

export async function new_invitation(administrator, ...words) {
	const text = await countersign("--json", "admin", "invite", administrator, ...words);

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

// Nine digits whose check digit is right (Damm) and that are another code.
export function another_code(code) {
	const table = ["0317598642", "7092154863", "4206871359", "1750983426", "6123045978", "3674209581",
		"5869720134", "8945362017", "9438617205", "2581436790"];
	const eight = String((Number(code.slice(0, 8)) + 1) % 1e8).padStart(8, "0");

	return eight + [...eight].reduce((row, digit) => Number(table[row][digit]), 0);
}
