/* SPDX-License-Identifier: ISC
 *
 * A live page that is made anew while memory runs out, wherever it does: who
 * waits is told once, and nothing is left over.
 */
#include "../panel/link.h"
#include "../panel/visit_inside.h"

#include <event2/event.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* How many more allocations go well. */
static unsigned memory = ~0u;

void *__real_calloc(size_t, size_t);
void *__real_malloc(size_t);
void *__wrap_calloc(size_t, size_t);
void *__wrap_malloc(size_t);

static bool take(void)
{
	if (memory == 0)
		return false;
	memory--;
	return true;
}

void *__wrap_calloc(size_t n, size_t size)
{
	return take() ? __real_calloc(n, size) : NULL;
}

void *__wrap_malloc(size_t size)
{
	return take() ? __real_malloc(size) : NULL;
}

static unsigned told;

static void done_cb(struct visit *v, const char *error, struct html *h, void *arg)
{
	(void)v;
	(void)arg;
	told++;
	assert_string_equal(error, "Unavailable");
	assert_null(h);
}

static void a_live_page_without_memory_is_told_so_once(void **state)
{
	struct panel panel = { .visits = TAILQ_HEAD_INITIALIZER(panel.visits) };
	unsigned refused = 0, failed = 0, waits = 0;

	(void)state;
	panel.base = event_base_new();
	assert_int_equal(link_new(panel.base, "/nonexistent/panel", &panel.link), CS_OK);
	for (unsigned n = 0; waits == 0; n++) {
		struct visit *v = NULL;
		bool began;

		told = 0;
		memory = n;
		began = visit_live(&panel, route_page("/a/:account/codes"), "/a/acme/codes", "x",
		    &v, done_cb, NULL);
		memory = ~0u;
		refused += !began;
		failed += told;
		waits = began && told == 0;
		assert_true(told + waits == began);
		assert_true(TAILQ_EMPTY(&panel.visits) == !waits);
		if (waits)
			visit_free(v);
	}
	assert_int_equal(refused, 1);
	assert_int_equal(failed, 2);
	link_free(&panel.link);
	event_base_free(panel.base);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_live_page_without_memory_is_told_so_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
