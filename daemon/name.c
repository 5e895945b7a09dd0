/* SPDX-License-Identifier: ISC
 *
 * Decides by byte, never by locale.  It distrusts what was typed and what a
 * screen would make of it; it looks nothing up.
 */
#include "name.h"

#include <arpa/inet.h>
#include <string.h>

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static bool is_lower_or_digit(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static struct cs_str trim(struct cs_str s)
{
	while (s.len > 0 && is_blank(s.p[0]))
		s = (struct cs_str){ s.p + 1, s.len - 1 };
	while (s.len > 0 && is_blank(s.p[s.len - 1]))
		s.len--;
	return s;
}

/* The final dot is the root of the domain name; taking all of them makes the
 * form its own canonical form. */
static struct cs_str trim_dots(struct cs_str s)
{
	s = trim(s);
	while (s.len > 0 && (s.p[s.len - 1] == '.' || is_blank(s.p[s.len - 1])))
		s.len--;
	return s;
}

bool name_valid(struct cs_str s)
{
	if (s.len < 1 || s.len > NAME_MAX_LEN || !is_lower_or_digit(s.p[0]))
		return false;
	for (size_t i = 1; i < s.len; i++)
		if (!is_lower_or_digit(s.p[i]) && s.p[i] != '.' && s.p[i] != '_' && s.p[i] != '-')
			return false;
	return true;
}

bool name_parse(struct cs_str typed, char *out)
{
	char name[NAME_MAX_LEN + 1];
	struct cs_str s = trim(typed);
	if (s.len > NAME_MAX_LEN)
		return false;
	for (size_t i = 0; i < s.len; i++)
		name[i] = lower(s.p[i]);
	name[s.len] = '\0';
	if (!name_valid((struct cs_str){ name, s.len }))
		return false;
	memcpy(out, name, s.len + 1);
	return true;
}

bool number_parse(char letter, struct cs_str text, uint64_t *number)
{
	uint64_t n = 0;

	/* 18 digits cannot overflow, and nothing counts further. */
	if (text.len < 2 || text.len > 19 || text.p[0] != letter || text.p[1] == '0')
		return false;
	for (size_t i = 1; i < text.len; i++) {
		if (text.p[i] < '0' || text.p[i] > '9')
			return false;
		n = n * 10 + (uint64_t)(text.p[i] - '0');
	}
	*number = n;
	return true;
}

uint64_t number_of_token(char letter, struct cs_str presented)
{
	struct cs_str before = { presented.p, 0 };
	uint64_t n = 0;

	while (before.len < presented.len && presented.p[before.len] != '-')
		before.len++;
	if (before.len < presented.len)
		number_parse(letter, before, &n);
	return n;
}

char *number_format(char letter, uint64_t number, char out[NUMBER_TEXT])
{
	char digits[20];
	size_t at = sizeof(digits);

	do {
		digits[--at] = (char)('0' + number % 10);
		number /= 10;
	} while (number > 0);
	out[0] = letter;
	memcpy(out + (letter != '\0'), digits + at, sizeof(digits) - at);
	out[sizeof(digits) - at + (letter != '\0')] = '\0';
	return out;
}

size_t text_join(char *out, size_t cap, const struct cs_str *parts, size_t n)
{
	size_t len = 0;

	for (size_t i = 0; i < n; i++) {
		size_t more = parts[i].len < cap - 1 - len ? parts[i].len : cap - 1 - len;

		if (more > 0)
			memcpy(out + len, parts[i].p, more);
		len += more;
	}
	out[len] = '\0';
	return len;
}

struct cs_str text_cut(struct cs_str s, size_t n)
{
	if (s.len > n)
		for (s.len = n; s.len > 0 && ((unsigned char)s.p[s.len] & 0xc0) == 0x80;)
			s.len--;
	return s;
}

/* One character of valid UTF-8, and how many bytes it has. */
static unsigned read_char(const char *p, size_t *bytes)
{
	unsigned c = (unsigned char)p[0];
	*bytes = 1;
	if (c < 0x80)
		return c;
	while (c & (0x80u >> *bytes))	/* the first byte's leading ones */
		++*bytes;
	c &= 0x7fu >> *bytes;
	for (size_t i = 1; i < *bytes; i++)
		c = c << 6 | ((unsigned char)p[i] & 0x3f);
	return c;
}

/* Would it move the cursor, or turn the text that follows around? */
static bool misleads(unsigned c)
{
	static const struct {
		unsigned from, to;
	} bad[] = {
		{ 0x00, 0x1f }, { 0x7f, 0x9f },		/* controls */
		{ 0x61c, 0x61c }, { 0x200e, 0x200f },	/* direction marks */
		{ 0x2028, 0x2029 },			/* line, paragraph */
		{ 0x202a, 0x202e }, { 0x2066, 0x2069 },	/* embeddings, isolates */
	};
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (c >= bad[i].from && c <= bad[i].to)
			return true;
	return false;
}

bool text_plain(struct cs_str s)
{
	if (!cs_utf8_valid(s.p, s.len))
		return false;
	for (size_t i = 0, bytes; i < s.len; i += bytes)
		if (misleads(read_char(s.p + i, &bytes)))
			return false;
	return true;
}

bool text_lines(struct cs_str s)
{
	while (s.len > 0) {
		const char *end = memchr(s.p, '\n', s.len);
		struct cs_str line = { s.p, end != NULL ? (size_t)(end - s.p) : s.len };

		if (!text_plain(line))
			return false;
		line.len += end != NULL;
		s = (struct cs_str){ s.p + line.len, s.len - line.len };
	}
	return true;
}

bool text_valid(struct cs_str s)
{
	return s.len >= 1 && s.len <= TEXT_MAX_LEN && text_plain(s);
}

bool ref_valid(struct cs_str s)
{
	if (s.len < 1 || s.len > NAME_MAX_LEN)
		return false;
	for (size_t i = 0; i < s.len; i++)
		if (s.p[i] <= ' ' || s.p[i] > '~' || s.p[i] == '/')
			return false;
	return true;
}

/* Letters, digits and hyphens (RFC 1123 2.1) in labels of 1 to 63. */
static bool host_valid(struct cs_str s)
{
	size_t label = 0;
	if (s.len < 1 || s.len > 253)
		return false;
	for (size_t i = 0; i < s.len; i++) {
		if (s.p[i] == '.') {
			if (label == 0 || s.p[i - 1] == '-')
				return false;
			label = 0;
			continue;
		}
		if (!is_lower_or_digit(s.p[i]) && (s.p[i] != '-' || label == 0))
			return false;
		if (++label > 63)
			return false;
	}
	return label > 0 && s.p[s.len - 1] != '-';
}

/* "host=address" in canonical form; target is lower case and NUL-terminated. */
static bool parse_host_ip(const char *target, char *out)
{
	unsigned char address[sizeof(struct in6_addr)];
	char text[INET6_ADDRSTRLEN];
	const char *equals = strchr(target, '=');
	if (equals == NULL)
		return false;
	struct cs_str host = trim_dots((struct cs_str){ target, (size_t)(equals - target) });
	const char *typed = equals + 1;
	while (is_blank(*typed))
		typed++;

	int family = strchr(typed, ':') != NULL ? AF_INET6 : AF_INET;
	if (!host_valid(host) || inet_pton(family, typed, address) != 1 ||
	    inet_ntop(family, address, text, sizeof(text)) == NULL)
		return false;
	size_t len = strlen(text);
	if (host.len + 1 + len > TARGET_MAX_LEN)
		return false;
	memcpy(out, host.p, host.len);
	out[host.len] = '=';
	memcpy(out + host.len + 1, text, len + 1);
	return true;
}

bool target_parse(enum target_form form, struct cs_str typed, char *out)
{
	char target[TARGET_MAX_LEN + 1];
	struct cs_str s = trim_dots(typed);
	if (s.len < 1 || s.len > TARGET_MAX_LEN)
		return false;
	for (size_t i = 0; i < s.len; i++) {
		if (s.p[i] < ' ' || s.p[i] > '~')
			return false;
		target[i] = lower(s.p[i]);
	}
	target[s.len] = '\0';

	switch (form) {
	case TARGET_FREE:
		memcpy(out, target, s.len + 1);
		return true;
	case TARGET_HOST_IP:
		return parse_host_ip(target, out);
	}
	return false;
}

#define ARROW " \xe2\x86\x92 "
#define ELLIPSIS "\xe2\x80\xa6"

/* A line under construction; nothing is added after the first piece that does
 * not fit below "limit", so that what is cut is the end. */
struct line {
	char *out;
	size_t len, limit;
	bool cut;
};

static void add(struct line *line, const char *p, size_t len)
{
	if (line->cut || len > line->limit - line->len) {
		line->cut = true;
		return;
	}
	memcpy(line->out + line->len, p, len);
	line->len += len;
}

static size_t count_text(const struct targets *targets)
{
	size_t len = 0;
	for (size_t i = 0; i < targets->n; i++) {
		struct cs_str t = targets->at[i];
		len += t.len + (i > 0 ? 2 : 0);
		if (t.len > 0 && memchr(t.p, '=', t.len) != NULL)
			len += sizeof(ARROW) - 2;
	}
	return len;
}

char *targets_text(const struct targets *targets, char *out, size_t cap)
{
	bool fits = count_text(targets) < cap;
	struct line line = { .out = out };
	if (cap == 0)
		return out;
	if (fits)
		line.limit = cap - 1;
	else
		line.limit = cap > sizeof(ELLIPSIS) ? cap - sizeof(ELLIPSIS) : 0;

	for (size_t i = 0; i < targets->n; i++) {
		struct cs_str t = targets->at[i];
		const char *equals = t.len > 0 ? memchr(t.p, '=', t.len) : NULL;
		if (i > 0)
			add(&line, ", ", 2);
		for (size_t j = 0; j < t.len; j++) {
			if (&t.p[j] == equals)
				add(&line, ARROW, sizeof(ARROW) - 1);
			else
				add(&line, &t.p[j], 1);	/* targets are ASCII */
		}
	}
	if (!fits && cap >= sizeof(ELLIPSIS)) {
		memcpy(out + line.len, ELLIPSIS, sizeof(ELLIPSIS) - 1);
		line.len += sizeof(ELLIPSIS) - 1;
	}
	out[line.len] = '\0';
	return out;
}

static bool among(struct cs_str target, const struct targets *those)
{
	for (size_t i = 0; i < those->n; i++)
		if (cs_str_same(those->at[i], target))
			return true;
	return false;
}

bool targets_within(const struct targets *these, const struct targets *those)
{
	for (size_t i = 0; i < these->n; i++)
		if (!among(these->at[i], those))
			return false;
	return true;
}

bool targets_equal(const struct targets *these, const struct targets *those)
{
	return targets_within(these, those) && targets_within(those, these);
}
