/* SPDX-License-Identifier: ISC
 *
 * With the prefix __Host- a browser takes them over HTTPS from this host alone
 * and for all of it; over plain http on loopback, in a trial, it would refuse.
 */
#include "cookie.h"

#include <stdio.h>
#include <string.h>

static const struct {
	const char *secure, *plain;
	long age;		/* seconds; 0: until the browser ends */
} cookies[COOKIES] = {
	[COOKIE_SESSION] = { "__Host-countersign", "countersign", 0 },
	[COOKIE_DEVICE] = { "__Host-device", "device", 365 * 86400L },
	[COOKIE_FORM] = { "__Host-form", "form", 0 },
};

static const char *name_of(enum cookie which, bool secure)
{
	return secure ? cookies[which].secure : cookies[which].plain;
}

bool cookie_value_fine(struct cs_str value)
{
	if (value.len != COOKIE_VALUE)
		return false;
	for (size_t i = 0; i < value.len; i++)
		if (!((value.p[i] >= '0' && value.p[i] <= '9') ||
		    (value.p[i] >= 'a' && value.p[i] <= 'f')))
			return false;
	return true;
}

bool cookie_read(const char *header, enum cookie which, bool secure, char out[COOKIE_VALUE + 1])
{
	const char *name = name_of(which, secure), *p = header;
	size_t name_len = strlen(name);
	struct cs_str value = { NULL, 0 };

	while (p != NULL && *p != '\0') {
		size_t len;

		p += strspn(p, " \t;");
		len = strcspn(p, ";");
		if (len > name_len && strncmp(p, name, name_len) == 0 && p[name_len] == '=') {
			if (value.p != NULL)
				return false;
			value = (struct cs_str){ p + name_len + 1, len - name_len - 1 };
		}
		p += len;
	}
	if (value.p == NULL || !cookie_value_fine(value))
		return false;
	memcpy(out, value.p, value.len);
	out[value.len] = '\0';
	return true;
}

void cookie_write(char out[COOKIE_HEADER], enum cookie which, bool secure, struct cs_str value)
{
	long age = value.len == 0 ? 0 : cookies[which].age;
	char max_age[40] = "";

	if (value.len == 0 || age > 0)
		snprintf(max_age, sizeof(max_age), "; Max-Age=%ld", age);
	snprintf(out, COOKIE_HEADER, "%s=%.*s; Path=/; HttpOnly; SameSite=Lax%s%s",
	    name_of(which, secure), (int)value.len, value.p, secure ? "; Secure" : "", max_age);
}
