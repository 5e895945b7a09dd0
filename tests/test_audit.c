/* SPDX-License-Identifier: ISC
 *
 * Each event carries the leaf that RFC 6962 would have, salted.
 */
#include "desk.h"

#include "../daemon/audit.h"

#include <setjmp.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static struct desk desk;

static int begin(void **state)
{
	*state = &desk;
	desk_open(&desk, "");
	desk_add(&desk, "acme", "dana");
	return 0;
}

static void every_event_has_its_salted_leaf(void **state)
{
	struct audit_event event;
	struct vault_hash h;
	uint8_t leaf[32], own[32], text[1 + 16 + RECORD_MAX] = { 0 };
	size_t len;

	(void)state;
	desk_fail(&desk, "acme", 2);
	desk_begin(&desk);
	for (uint64_t id = 1; id <= desk_events(&desk); id++) {
		assert_int_equal(store_get_event(desk.store, id, &event, leaf), CS_OK);
		assert_int_equal(event.id, id);
		vault_hash_begin(desk.vault, VAULT_LEAF, &h, 16);
		vault_hash_u64(&h, id);
		vault_hash_end(&h, text + 1, 16);
		assert_int_equal(record_encode_audit_event(&event, text + 17, RECORD_MAX, &len),
		    CS_OK);
		crypto_hash_sha256(own, text, 17 + len);
		assert_memory_equal(leaf, own, sizeof(leaf));
	}
	desk_commit(&desk);
	assert_int_equal(desk_events(&desk), 4);
}

static void the_log_has_no_row_before_its_first(void **state)
{
	(void)state;
	desk_ask(&desk, "control.Events", "'after':-1");
	assert_string_equal(desk_text(&desk, "parameter"), "after");
	assert_int_equal(desk_rows_told(&desk), 0);
	desk_ask(&desk, "control.Events", "'after':0");
	assert_int_equal(desk_int(&desk, "event"), 1);
}

static void every_kind_has_a_name_of_its_own(void **state)
{
	(void)state;
	for (unsigned i = 0; i < EVENT_KINDS; i++) {
		assert_non_null(audit_kind_name(i));
		for (unsigned j = 0; j < i; j++)
			assert_string_not_equal(audit_kind_name(i), audit_kind_name(j));
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, desk_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(every_event_has_its_salted_leaf),
		TEST(the_log_has_no_row_before_its_first),
		cmocka_unit_test(every_kind_has_a_name_of_its_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
