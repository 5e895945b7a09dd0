// SPDX-License-Identifier: ISC
//
// No page is forgotten: the panel's own table of routes beside what was opened.

import { readFileSync } from "node:fs";
import { assert, kept, sent, test_alone } from "./kit.mjs";

// PAGE(A "/codes/:issue", ...) and the like, in the table's order: among rows
// that fit a path the first one is taken.
function read_rows() {
	const text = readFileSync(process.env.ROUTES, "utf8");

	return [...text.matchAll(/^\t(PAGE|FORM|ONCE)\((A)?\s*(?:"([^"]*)")?,/gm)].map(([, kind, a, rest]) => {
		const path = (a ? "/a/:account" : "") + (rest ?? "");

		return { kind, path, verb: kind === "PAGE" ? "GET" : "POST",
			fits: new RegExp(`^${path.replace(/:\w+/g, "[^/]+")}$`) };
	});
}

function row_of(rows, verb, path) {
	return rows.find((row) => row.verb === verb && row.fits.test(path));
}

test_alone("every form of the table was sent, and every page kept in every look", async () => {
	const rows = read_rows();
	const missing = new Set(rows);

	assert.ok(rows.length > 30, `the table was read: ${rows.length} rows`);
	for (const asked of sent) {
		const row = row_of(rows, ...asked.split(" "));

		if (row?.kind === "FORM")
			missing.delete(row);
	}
	for (const answered of kept) {
		const [verb, path, status] = answered.split(" ");

		if (status === "200")
			missing.delete(row_of(rows, verb, path));
	}
	assert.deepEqual([...missing].map((row) => `${row.kind} ${row.path}`), []);
	for (const status of [400, 403, 404, 422, 429, 503])
		assert.ok(kept.some((answered) => answered.endsWith(` ${status}`)), `a page of ${status} was kept`);
});
