// SPDX-License-Identifier: ISC
//
// Run by tests/browser.py, which says what is needed.

import { run } from "./kit.mjs";
import "./story.mjs";
import "./pages.mjs";
import "./away.mjs";

await run();
