/* SPDX-License-Identifier: ISC
 *
 * See when.h.  A day that is not in the calendar is refused, not rolled over.
 */
#include "when.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

static const struct {
	char letter;
	int64_t seconds;
} units[] = {
	{ 'w', 7 * 86400 }, { 'd', 86400 }, { 'h', 3600 }, { 'm', 60 }, { 's', 1 },
};

bool when_span(const char *text, int64_t *seconds)
{
	size_t digits = strspn(text, "0123456789");
	int64_t n = 0;

	if (digits == 0 || digits > 6 || !text[digits] || text[digits + 1])
		return false;
	for (size_t i = 0; i < digits; i++)
		n = n * 10 + (text[i] - '0');
	for (size_t i = 0; i < sizeof(units) / sizeof(*units); i++)
		if (units[i].letter == text[digits]) {
			*seconds = n * units[i].seconds;
			return true;
		}
	return false;
}

char *when_format_span(int64_t seconds, char *out, size_t cap)
{
	size_t i = 0;

	while (units[i].seconds > 1 && (seconds < units[i].seconds || seconds % units[i].seconds))
		i++;
	snprintf(out, cap, "%lld%c", (long long)(seconds / units[i].seconds), units[i].letter);
	return out;
}

static bool parse_calendar(const char *text, struct tm *tm, bool *utc)
{
	static const char *const forms[] = {
		"%Y-%m-%d", "%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S",
		"%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S",
	};

	if (strspn(text, "0123456789") != 4)
		return false;
	for (size_t i = 0; i < sizeof(forms) / sizeof(*forms); i++) {
		const char *end;

		memset(tm, 0, sizeof(*tm));
		end = strptime(text, forms[i], tm);
		*utc = end && strcmp(end, "Z") == 0;
		if (end && (*utc || !*end))
			return true;
	}
	return false;
}

bool when_parse(const char *text, int64_t now, int64_t *when)
{
	struct tm tm;
	bool utc;
	int64_t ago;
	int day;

	if (when_span(text, &ago)) {
		*when = now - ago;
		return true;
	}
	if (!parse_calendar(text, &tm, &utc))
		return false;
	day = tm.tm_mday;
	tm.tm_isdst = -1;
	*when = utc ? timegm(&tm) : mktime(&tm);
	return tm.tm_mday == day;
}

char *when_format(int64_t when, char *out, size_t cap)
{
	time_t t = when;
	struct tm tm;

	if (!localtime_r(&t, &tm) || strftime(out, cap, "%Y-%m-%d %H:%M:%S", &tm) == 0)
		snprintf(out, cap, "%lld", (long long)when);
	return out;
}

char *when_format_short(int64_t when, int64_t now, char *out, size_t cap)
{
	time_t t = when, n = now;
	struct tm tm, today;

	if (!localtime_r(&t, &tm) || !localtime_r(&n, &today) ||
	    tm.tm_year != today.tm_year || tm.tm_yday != today.tm_yday)
		return when_format(when, out, cap);
	strftime(out, cap, "%H:%M:%S", &tm);
	return out;
}
