/* SPDX-License-Identifier: ISC
 *
 * libFuzzer: any bytes at all, judged by jansson (tests/wire_jansson.c).
 */
#include "../wire_jansson.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *why;

	if (judge((const char *)data, size, &why) == DISAGREE) {
		fprintf(stderr, "fuzz_wire: %s\n", why);
		abort();
	}
	return 0;
}
