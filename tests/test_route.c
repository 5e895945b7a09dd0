/* SPDX-License-Identifier: ISC
 *
 * The table of addresses: whole in itself, and what it makes of paths.
 */
#include "../panel/route.h"

#include "../panel/location.h"
#include "../panel/method.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static const struct route *find(enum verb verb, const char *path, struct places *places)
{
	static char copy[1024];
	bool other;

	snprintf(copy, sizeof(copy), "%s", path);
	return route_find(verb, copy, places, &other);
}

static void every_row_is_whole(void **state)
{
	(void)state;
	for (size_t i = 0; i < nroutes; i++) {
		const struct route *r = &routes[i];

		for (size_t j = 0; j < ROUTE_ASKS && r->asks[j] != NULL; j++)
			if (method_find(r->asks[j]) == NULL)
				fail_msg("%s asks %s", r->path, r->asks[j]);
		if (r->render == NULL && r->then == NULL)
			fail_msg("%s neither shows nor leads anywhere", r->path);
		if (r->verb == POST && (r->shows == NULL || route_page(r->shows) == NULL))
			fail_msg("a refusal of %s has no page", r->path);
		if (r->render != NULL && (r->flags & (ROUTE_BARE | ROUTE_LIVE)) == 0 &&
		    r->title == NULL)
			fail_msg("%s has no title", r->path);
	}
}

/* Asked of nobody in particular, it could tell nobody's. */
static void what_asks_with_a_session_is_not_public(void **state)
{
	(void)state;
	for (size_t i = 0; i < nroutes; i++) {
		const struct route *r = &routes[i];

		if ((r->flags & ROUTE_PUBLIC) == 0)
			continue;
		for (size_t j = 0; j < ROUTE_ASKS && r->asks[j] != NULL; j++)
			if (strstr(method_find(r->asks[j])->parameters, "session") != NULL)
				fail_msg("%s is public and asks %s", r->path, r->asks[j]);
	}
}

/* What makes something is sent as a form, which has a token. */
static void reading_a_page_changes_nothing(void **state)
{
	static const char *const reads[] = { "Account", "Sessions", "Tickets", "Ticket",
		"Actions", "Calls", "Code", "Codes", "Activity", "People", "Authenticators" };

	(void)state;
	for (size_t i = 0; i < nroutes; i++) {
		for (size_t j = 0; j < ROUTE_ASKS && routes[i].asks[j] != NULL; j++) {
			bool read = routes[i].verb == POST;

			for (size_t k = 0; k < sizeof(reads) / sizeof(reads[0]); k++)
				read = read || strcmp(routes[i].asks[j], reads[k]) == 0;
			if (!read)
				fail_msg("GET %s asks %s", routes[i].path, routes[i].asks[j]);
		}
	}
}

/* Addresses are in the logs of proxies and the history of browsers. */
static void no_address_has_room_for_a_secret(void **state)
{
	static const char *const fine[] = { "account", "issue", "ticket", "administrator" };

	(void)state;
	for (size_t i = 0; i < nroutes; i++) {
		const char *p = routes[i].path;

		while ((p = strchr(p, ':')) != NULL) {
			size_t len = strcspn(++p, "/");
			bool known = false;

			for (size_t j = 0; j < sizeof(fine) / sizeof(fine[0]); j++)
				known = known || cs_str_is((struct cs_str){ p, len }, fine[j]);
			if (!known)
				fail_msg("%s", routes[i].path);
		}
	}
}

static void forms_lead_to_pages_of_ours(void **state)
{
	(void)state;
	for (size_t i = 0; i < nroutes; i++)
		if (routes[i].then != NULL && route_page(routes[i].then) == NULL)
			fail_msg("%s leads to %s", routes[i].path, routes[i].then);
}

static void placeholders_take_one_segment_each(void **state)
{
	struct places places;
	const struct route *r = find(GET, "/a/acme/codes/I42", &places);

	(void)state;
	assert_non_null(r);
	assert_string_equal(r->path, "/a/:account/codes/:issue");
	assert_int_equal(places.n, 2);
	assert_true(cs_str_is(places.at[0].name, "account"));
	assert_true(cs_str_is(places.at[0].value, "acme"));
	assert_true(cs_str_is(places.at[1].value, "I42"));
	assert_null(find(GET, "/a/acme/codes/I42/x", &places));
	assert_null(find(GET, "/a/acme/codes/", &places));
	assert_null(find(GET, "/a//codes", &places));
	assert_null(find(GET, "/a/acme/codes/I42/cancel", &places));
	assert_non_null(find(POST, "/a/acme/codes/I42/cancel", &places));
}

static void names_of_pages_come_before_placeholders(void **state)
{
	struct places places;

	(void)state;
	assert_string_equal(find(GET, "/a/acme/tickets/new", &places)->path,
	    "/a/:account/tickets/new");
	assert_string_equal(find(GET, "/a/acme/codes/live", &places)->path,
	    "/a/:account/codes/live");
}

/* It is left in the browser by a refusal, and asked for again. */
static void the_address_of_a_form_is_no_other_page(void **state)
{
	struct places places;

	(void)state;
	for (size_t i = 0; i < nroutes; i++) {
		const struct route *page = find(GET, routes[i].path, &places);

		if (routes[i].verb == POST && page != NULL &&
		    strcmp(page->path, routes[i].path) != 0)
			fail_msg("%s leads to the page %s", routes[i].path, page->path);
	}
}

/* Could an account or an administrator be called that, or a code, a ticket? */
static bool could_be(const char *place, const char *word)
{
	if (strncmp(place, ":issue", 6) == 0 || strncmp(place, ":ticket", 7) == 0 ||
	    strncmp(place, ":invitation", 11) == 0)
		return strchr("ITN", word[0]) != NULL;
	return (word[0] >= 'a' && word[0] <= 'z') || (word[0] >= '0' && word[0] <= '9');
}

/* Two rows that fit one path: of which a word takes the place of a name. */
static bool clash(const char *words, const char *places)
{
	bool found = false;

	while (*words == '/' && *places == '/') {
		size_t n = strcspn(++words, "/"), m = strcspn(++places, "/");

		if (*places == ':' && *words != ':')
			found = could_be(places, words);
		else if (n != m || memcmp(words, places, n) != 0)
			return false;
		if (*places == ':' && *words != ':' && !found)
			return false;
		words += n;
		places += m;
	}
	return found && *words == '\0' && *places == '\0';
}

static void nobodys_name_is_the_word_of_another_page(void **state)
{
	(void)state;
	assert_true(clash("/a/:account/people/new", "/a/:account/people/:administrator"));
	for (size_t i = 0; i < nroutes; i++)
		for (size_t j = 0; j < nroutes; j++)
			if (routes[i].verb == routes[j].verb &&
			    clash(routes[i].path, routes[j].path))
				fail_msg("%s hides one of %s", routes[i].path, routes[j].path);
}

static void escapes_are_read_once_and_hide_nothing(void **state)
{
	static const char *const wrong[] = { "/a/%00", "/a/%2e", "/a/..", "/a/x%2Fy", "/a/%0a",
		"/a/%ff", "/a/%", "/a/%4", "/%61/acme", "/a/%c0%af" };
	struct places places;

	(void)state;
	assert_non_null(find(GET, "/a/%61cme", &places));
	assert_true(cs_str_is(places.at[0].value, "acme"));
	assert_non_null(find(GET, "/a/%2561", &places));
	assert_true(cs_str_is(places.at[0].value, "%61"));
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		if (find(GET, wrong[i], &places) != NULL)
			fail_msg("%s was found", wrong[i]);
}

static void a_place_is_written_as_it_is_read(void **state)
{
	static const char raw[] = "az-._~AZ09/%?\0\xc3\xa9";
	char out[LOCATION_MAX];
	size_t len = 0;

	(void)state;
	assert_true(location_add(out, &len, (struct cs_str){ raw, sizeof(raw) - 1 }));
	assert_string_equal(out, "az-._~AZ09%2F%25%3F%00%C3%A9");
	assert_int_equal(len, strlen(out));
	while (location_add(out, &len, CS_STR("/")))
		assert_true(len < LOCATION_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_row_is_whole),
		cmocka_unit_test(what_asks_with_a_session_is_not_public),
		cmocka_unit_test(reading_a_page_changes_nothing),
		cmocka_unit_test(no_address_has_room_for_a_secret),
		cmocka_unit_test(forms_lead_to_pages_of_ours),
		cmocka_unit_test(placeholders_take_one_segment_each),
		cmocka_unit_test(names_of_pages_come_before_placeholders),
		cmocka_unit_test(the_address_of_a_form_is_no_other_page),
		cmocka_unit_test(nobodys_name_is_the_word_of_another_page),
		cmocka_unit_test(escapes_are_read_once_and_hide_nothing),
		cmocka_unit_test(a_place_is_written_as_it_is_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
