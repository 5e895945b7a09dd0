/* SPDX-License-Identifier: ISC
 *
 * What is better with a script; without it every page works.  What changes on
 * a page is written by the panel: here it is only put in place.
 */
"use strict";

(() => {
	const $ = (selector, from = document) => from.querySelector(selector);
	const $$ = (selector, from = document) => [...from.querySelectorAll(selector)];
	const live = $("#live");

	/* ---- told: what changed, for screen readers, once ---- */

	let told = "";

	function tell(text) {
		text = text.replace(/\s+/g, " ").trim();
		if (text === told)
			return;
		told = text;
		$("#said").textContent = text;
	}

	function told_by(root) {
		return $$("[data-told]", root).map((e) => e.innerText || e.textContent).join(" ");
	}

	/* ---- times in the reader's own zone ---- */

	function localise(root) {
		const now = new Date();

		for (const e of $$("time[datetime]", root)) {
			const at = new Date(e.dateTime);
			const clock = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
			const day = { day: "numeric", month: "short" };

			if (isNaN(at))
				continue;
			if (at.getFullYear() !== now.getFullYear())
				day.year = "numeric";
			e.textContent = at.toDateString() === now.toDateString()
			    ? at.toLocaleTimeString("en-GB", clock)
			    : at.toLocaleString("en-GB", { ...day, ...clock });
			e.title = at.toString();
		}
	}

	/* ---- the countdown, by the panel's clock ---- */

	let behind = 0;		/* our clock, in seconds */

	function tick() {
		for (const e of $$("[role=timer][data-expires]")) {
			const left = Math.max(0, Math.round(e.dataset.expires - Date.now() / 1000 - behind));
			const text = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;

			if (e.textContent !== text)
				e.textContent = text;
			if (left === 0 && !e.dataset.over) {
				e.dataset.over = "1";
				setTimeout(refetch, 1500);
			}
		}
	}

	/* ---- copy and print ---- */

	function copied(button) {
		const before = button.textContent;

		button.textContent = button.dataset.done;
		tell(button.dataset.done);
		setTimeout(() => {
			button.textContent = before;
			told = "";
		}, 3000);
	}

	function text_of(element) {
		const items = $$("li", element);

		if (items.length > 0)
			return items.map((e) => e.textContent.trim()).join("\n") + "\n";
		return element.textContent.replace(/\s+/g, "");
	}

	function show_buttons(root) {
		for (const button of $$("[data-copy]", root))
			button.hidden = !navigator.clipboard;
		for (const button of $$("[data-print]", root))
			button.hidden = false;
	}

	document.addEventListener("click", (event) => {
		const button = event.target.closest("button");

		if (button && button.dataset.copy)
			navigator.clipboard.writeText(text_of(document.getElementById(button.dataset.copy)))
			    .then(() => copied(button), () => {});
		if (button && "print" in button.dataset)
			window.print();
	});

	/* ---- a double click is one act ---- */

	/* The second one's answer would take the place of the first one's, which
	 * may be shown once.  Who came back to the page may send again. */
	document.addEventListener("submit", (event) => {
		const form = event.target;

		if (form.dataset.sent)
			event.preventDefault();
		form.dataset.sent = "1";
		setTimeout(() => { delete form.dataset.sent; }, 3000);
	});

	/* ---- the screen stays on while a code shows ---- */

	let lock = null;

	async function keep_awake() {
		if (!$("[data-wake]")) {
			if (lock)
				lock.release();
			lock = null;
		} else if (!lock && navigator.wakeLock && document.visibilityState === "visible") {
			try {
				lock = await navigator.wakeLock.request("screen");
				lock.addEventListener("release", () => { lock = null; });
			} catch {
				lock = null;
			}
		}
	}

	/* ---- what changes ---- */

	/* As the browser itself would write it; a form's token and the clock differ each
	 * time and mean nothing. */
	function bare(html) {
		const written = document.createElement("template");

		written.innerHTML = html;
		return written.innerHTML.replace(/ (value|data-now)="[^"]*"/g, "")
		    .replace(/<b role="timer".*?<\/b>/g, "").trim();
	}

	let shown = live && bare(live.innerHTML);

	let changed = -Infinity;

	/* What it does, and about which question: what comes to stand in its place may
	 * be another technician's. */
	function identity(e) {
		const form = e.closest("form");

		return [form?.getAttribute("action"), form?.elements.call?.value,
			e.getAttribute("href"), e.dataset.copy ?? e.textContent].join("\n");
	}

	/* The button that had the focus has it afterwards, or none has. */
	function put(html) {
		const at = document.activeElement;
		const kept = live.contains(at) && identity(at);
		const fresh = bare(html);

		if (fresh === shown)
			return;
		shown = fresh;
		live.innerHTML = html;
		changed = performance.now();
		dress(live);
		tell(told_by(live));
		if (kept)
			($$("a, button", live).find((e) => identity(e) === kept) ?? $("#main")).focus();
	}

	/* The pointer may have been on its way to what was there before.  A key's
	 * click has no count, or in Firefox, on a link, no pointer. */
	function mistaken(event) {
		if (event.detail > 0 && event.pointerType !== "" && performance.now() - changed < 500) {
			event.preventDefault();
			event.stopPropagation();
		}
	}

	let events = 0;		/* that brought a page */

	/* What comes by an event meanwhile is newer than the answer. */
	async function refetch() {
		const before = events;

		if (!live)
			return;
		try {
			const answer = await fetch(location.href, { credentials: "same-origin" });
			const page = new DOMParser().parseFromString(await answer.text(), "text/html");
			const fresh = $("#live", page);

			if (fresh && events === before)
				put(fresh.innerHTML);
			else if (!fresh && (answer.redirected || answer.ok))
				location.reload();
		} catch {
			interrupted(true);
		}
	}

	function interrupted(is) {
		let note = $("#offline");

		if (is && !note) {
			note = document.createElement("p");
			note.id = "offline";
			note.className = "note warn";
			note.textContent = live.dataset.offline;
			live.before(note);
			tell(note.textContent);
		} else if (!is && note) {
			note.remove();
			told = "";
		}
	}

	let source = null;
	let leaving = false;	/* by Log out, which ends the stream, too */

	function listen() {
		if (source)
			source.close();
		source = new EventSource(live.dataset.live);
		source.addEventListener("open", () => interrupted(false));
		source.addEventListener("page", (event) => {
			events++;
			interrupted(false);
			put(event.data);
		});
		source.addEventListener("away", () => interrupted(true));
		source.addEventListener("end", () => {
			source.close();
			if (!leaving)
				location.reload();
		});
		source.addEventListener("error", () => {
			interrupted(true);
			if (source.readyState === EventSource.CLOSED)
				setTimeout(listen, 3000);
		});
	}

	function dress(root) {
		const timer = $("[data-now]", root);

		if (timer)
			behind = timer.dataset.now - Date.now() / 1000;
		localise(root);
		show_buttons(root);
		tick();
		keep_awake();
	}

	/* ---- an invitation comes in the fragment, which nobody logs ---- */

	function take_invitation() {
		const form = $("form[data-invitation]");

		if (!form || !/^#N\d+-[0-9a-f]+$/.test(location.hash))
			return;
		form.elements.invitation.value = location.hash.slice(1);
		history.replaceState(null, "", location.pathname);
		form.requestSubmit();
	}

	dress(document);
	setInterval(tick, 250);
	take_invitation();
	if (live) {
		told = told_by(live).replace(/\s+/g, " ").trim();
		listen();
		live.addEventListener("click", mistaken, true);
		document.addEventListener("visibilitychange", () => {
			if (document.visibilityState !== "visible")
				return;
			keep_awake();
			refetch();
			if (source.readyState === EventSource.CLOSED)
				listen();
		});
		addEventListener("beforeunload", () => { leaving = true; });
		addEventListener("pagehide", () => source.close());
		addEventListener("pageshow", (event) => {
			if (event.persisted) {
				refetch();
				listen();
			}
		});
	}
})();
