// SPDX-License-Identifier: ISC
//
// Run by tests/browser.py, which says what is needed.

import { run } from "./kit.mjs";
import "./story.mjs";
import "./tour.mjs";
import "./acts.mjs";
import "./keys.mjs";
import "./open.mjs";
import "./last.mjs";
import "./cover.mjs";

await run();
