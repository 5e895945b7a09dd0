/* SPDX-License-Identifier: ISC
 *
 * The codec's judge in tests and under the fuzzer: jansson, strict, reads the
 * same bytes.  What the codec takes, jansson must take with the same values;
 * what jansson takes, the codec must take too unless one of the restrictions
 * that wire.h documents forbids it.
 */
#pragma once

#include "../lib/wire.h"

enum judgement {
	BOTH_TAKE,
	BOTH_REFUSE,
	RESTRICTED,		/* JSON, but not what wire.h allows */
	DISAGREE,
};

/* *why is a sentence for DISAGREE.  Also writes what was decoded and decodes
 * that again. */
enum judgement judge(const char *bytes, size_t len, const char **why);
