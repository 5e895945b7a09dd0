/* SPDX-License-Identifier: ISC
 *
 * Any bytes as the head of a request and as a form: what is taken is within its
 * bounds, and a request that is taken ends where its one length says.
 */
#include "../../panel/form.h"
#include "../../panel/head.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
	if (!holds)
		abort();
}

static void fuzz_head(const char *text, size_t len)
{
	struct head head;
	int status = head_parse(text, len, "panel.example", &head);

	if (status != 0) {
		check(status >= 400 && status <= 501);
		return;
	}
	check(head.body <= BODY_MAX && head.target.len <= TARGET_MAX && head.target.p[0] == '/');
	check(head.values[HEADER_TRANSFER_ENCODING].p == NULL);
	check(head.body == 0 || cs_str_is(head.method, "POST"));
	for (size_t i = 0; i < HEADERS; i++)
		check(memchr(head.values[i].p != NULL ? head.values[i].p : "x", '\0',
		    head.values[i].len) == NULL);
}

static void fuzz_form(const char *text, size_t len)
{
	struct fields fields;

	if (form_parse(&fields, text, len) != CS_OK)
		return;
	check(fields.n <= FIELDS_MAX);
	for (size_t i = 0; i < fields.n; i++) {
		check(cs_utf8_valid(fields.at[i].name.p, fields.at[i].name.len));
		check(cs_utf8_valid(fields.at[i].value.p, fields.at[i].value.len));
	}
	form_clear(&fields);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	fuzz_head((const char *)data, size);
	fuzz_form((const char *)data, size);
	return 0;
}
