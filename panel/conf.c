/* SPDX-License-Identifier: ISC
 *
 * From a file to a configuration.  The text is scanned first, because
 * libconfuse takes the last of two equal options and fills in the environment.
 */
#include "conf.h"

#include "conf_option.h"

#include "../daemon/conf_text.h"
#include "../lib/log.h"
#include "../lib/wire.h"

#include <arpa/inet.h>
#include <event2/util.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define OPTION(name, kind, member, least, most, fallback, help) \
	{ name, kind, least, most, offsetof(struct conf, member), fallback, help }
const struct conf_option conf_options[] = {
	OPTION("listen", KIND_TEXT, listen, 3, 60, "127.0.0.1:8790",
	    "address and port on loopback, where the proxy connects to"),
	OPTION("socket", KIND_TEXT, socket, 1, 106, "/run/countersign/panel",
	    "the daemon's panel socket"),
	OPTION("origin", KIND_TEXT, origin, 0, 250, "",
	    "what browsers have before the first slash: https://panel.example"),
	OPTION("name", KIND_TEXT, name, 1, 60, "Countersign", "of the provider, on every page"),
	OPTION("colour", KIND_TEXT, colour, 7, 7, "#1f4e79", "of the provider, as #rrggbb"),
	OPTION("support", KIND_TEXT, support, 0, 200, "",
	    "how to reach support, for the pages' end"),
	OPTION("directions", KIND_TEXT, directions, 0, 300, "", "a sentence for the log-in page"),
	OPTION("connections", KIND_NUMBER, connections, 16, 65536, "4096", "at the same time"),
	OPTION("per-address", KIND_NUMBER, per_address, 4, 65536, "256",
	    "connections of one client at the same time"),
};
#undef OPTION
const size_t conf_noptions = sizeof(conf_options) / sizeof(conf_options[0]);

static const struct conf_option *find_option(struct cs_str name)
{
	for (size_t i = 0; i < conf_noptions; i++)
		if (cs_str_is(name, conf_options[i].name))
			return &conf_options[i];
	return NULL;
}

static bool check_place(const struct source *src, const struct place *p)
{
	if (p->shape == SHAPE_VALUE && find_option(p->name) != NULL)
		return true;
	conf_fault(src->path, p->line, "\"%.*s\" is no option here: see countersign-panel.conf(5)",
	    (int)p->name.len, p->name.p);
	return false;
}

static enum cs_err parse_tree(struct source *src)
{
	cfg_opt_t rows[sizeof(conf_options) / sizeof(conf_options[0]) + 1];

	for (size_t i = 0; i < conf_noptions; i++)
		rows[i] = (cfg_opt_t)CFG_STR(conf_options[i].name, NULL, CFGF_NODEFAULT);
	rows[conf_noptions] = (cfg_opt_t)CFG_END();
	return conf_text_parse(src, rows);
}

static enum cs_err read_source(struct source *src, const char *path)
{
	enum cs_err e = conf_text_read(src, path);

	for (int i = 0; e == CS_OK && i < src->scan.n; i++)
		if (!check_place(src, &src->scan.at[i]))
			e = CS_ERR_CONFIG;
	return e == CS_OK ? parse_tree(src) : e;
}

static bool put_value(struct conf *conf, const struct conf_option *o, const char *text)
{
	void *member = (char *)conf + o->at;

	if (o->kind == KIND_TEXT) {
		size_t len = strlen(text);

		if (len < o->least || len > o->most)
			return false;
		free(*(char **)member);
		*(char **)member = strdup(text);
		return *(char **)member != NULL;
	}
	char *end;
	unsigned long n = strtoul(text, &end, 10);

	if (*text < '0' || *text > '9' || *end != '\0' || n < o->least || n > o->most)
		return false;
	*(unsigned *)member = (unsigned)n;
	return true;
}

static enum cs_err fault(const struct source *src, const char *name, const char *what)
{
	int at = conf_scan_find(&src->scan, -1, cs_str(name), (struct cs_str){ NULL, 0 });

	conf_fault(src->path, at >= 0 ? src->scan.at[at].line : 0, "%s: %s", name, what);
	return CS_ERR_CONFIG;
}

static enum cs_err put_values(struct conf *conf, const struct source *src)
{
	const struct cs_str untitled = { NULL, 0 };
	enum cs_err e = CS_OK;

	for (size_t i = 0; i < conf_noptions; i++) {
		const struct conf_option *o = &conf_options[i];
		int at = conf_scan_find(&src->scan, -1, cs_str(o->name), untitled);
		const char *text = at >= 0 ? cfg_getstr(src->tree, o->name) : o->fallback;

		if (text != NULL && put_value(conf, o, text))
			continue;
		conf_fault(src->path, at >= 0 ? src->scan.at[at].line : 0,
		    "%s: write %s of %u to %u (%s)", o->name,
		    o->kind == KIND_TEXT ? "a text with a length" : "a number", o->least, o->most,
		    o->help);
		e = CS_ERR_CONFIG;
	}
	return e;
}

/* As browsers write it in an origin: no zero in front. */
static bool is_port(const char *text)
{
	return text[0] != '0' && text[0] != '\0' && text[strspn(text, "0123456789")] == '\0';
}

/* Anything else would be the open network without TLS. */
static bool read_listen(struct conf *conf)
{
	int len = sizeof(conf->address);
	struct sockaddr *sa = (struct sockaddr *)&conf->address;
	const struct sockaddr_in *in = (const struct sockaddr_in *)sa;
	const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)sa;
	const char *port = strrchr(conf->listen, ':');

	if (port == NULL || !is_port(port + 1) ||
	    evutil_parse_sockaddr_port(conf->listen, sa, &len) != 0)
		return false;
	conf->address_len = (socklen_t)len;
	if (sa->sa_family == AF_INET)
		return ntohl(in->sin_addr.s_addr) >> 24 == 127;
	return sa->sa_family == AF_INET6 && IN6_IS_ADDR_LOOPBACK(&in6->sin6_addr);
}

/* The host before its port; empty when it is none, or what follows it is no port. */
static struct cs_str cut_host(const char *text)
{
	const char *bracket = text[0] == '[' ? strchr(text, ']') : NULL;
	size_t len = bracket != NULL ? (size_t)(bracket + 1 - text) : strcspn(text, ":");
	const char *port = text + len;
	bool fits = port[0] == '\0' || (port[0] == ':' && is_port(port + 1));

	return (struct cs_str){ text, fits ? len : 0 };
}

static bool is_loopback(struct cs_str host)
{
	char text[INET_ADDRSTRLEN] = "";
	struct in_addr in;

	if (cs_str_is(host, "localhost") || cs_str_is(host, "[::1]"))
		return true;
	if (host.len < sizeof(text))
		memcpy(text, host.p, host.len);
	return inet_pton(AF_INET, text, &in) == 1 && ntohl(in.s_addr) >> 24 == 127;
}

static bool ends_with(const char *text, const char *end)
{
	size_t len = strlen(text), end_len = strlen(end);

	return len >= end_len && strcmp(text + len - end_len, end) == 0;
}

/* As browsers write it, to be compared byte for byte. */
static bool read_origin(struct conf *conf)
{
	struct cs_str host;

	if (conf->origin[0] == '\0') {
		size_t len = strlen(conf->listen) - (ends_with(conf->listen, ":80") ? 3 : 0);

		free(conf->origin);
		if (asprintf(&conf->origin, "http://%.*s", (int)len, conf->listen) < 0) {
			conf->origin = NULL;
			return false;
		}
	}
	conf->secure = strncmp(conf->origin, "https://", 8) == 0;
	if (!conf->secure && strncmp(conf->origin, "http://", 7) != 0)
		return false;
	conf->host = conf->origin + (conf->secure ? 8 : 7);
	host = cut_host(conf->host);
	if (host.len == 0 ||
	    conf->host[strspn(conf->host, "abcdefghijklmnopqrstuvwxyz0123456789.-:[]")] != '\0')
		return false;
	if (ends_with(conf->host, conf->secure ? ":443" : ":80"))
		return false;
	return conf->secure || is_loopback(host);
}

/* A channel's share of the relative luminance (WCAG 2.2): the cubic that is
 * commonly used for that curve, near enough to choose between two inks. */
static double luminance_of(unsigned value)
{
	double x = value / 255.0;

	return x * (x * (x * 0.305306011 + 0.682171111) + 0.012522878);
}

static bool read_colour(struct conf *conf)
{
	unsigned r, g, b;
	double luminance;

	if (conf->colour[0] != '#' || strspn(conf->colour + 1, "0123456789abcdefABCDEF") != 6 ||
	    sscanf(conf->colour + 1, "%2x%2x%2x", &r, &g, &b) != 3)
		return false;
	luminance = 0.2126 * luminance_of(r) + 0.7152 * luminance_of(g) + 0.0722 * luminance_of(b);
	/* Where white and black are equally far: sqrt(1.05 * 0.05) - 0.05. */
	conf->ink = luminance < 0.179 ? "#ffffff" : "#000000";
	return true;
}

static enum cs_err check(struct conf *conf, const struct source *src)
{
	enum cs_err e = CS_OK;

	if (!read_listen(conf))
		e = fault(src, "listen", "write an address of loopback and a port, like "
		    "127.0.0.1:8790; a proxy in front speaks HTTPS to the world");
	/* What is made of a wrong listen is no second fault. */
	if ((e == CS_OK || conf->origin[0] != '\0') && !read_origin(conf))
		e = fault(src, "origin", "write https:// and the host in lower case, without the "
		    "usual port and without a slash at the end; http:// only for loopback");
	if (!read_colour(conf))
		e = fault(src, "colour", "write # and six hexadecimal digits");
	if (conf->socket[0] != '/')
		e = fault(src, "socket", "write a path that begins with /");
	return e;
}

enum cs_err conf_load(const char *path, struct conf **out)
{
	struct source src = { .path = path != NULL ? path : "configuration" };
	struct conf *conf = calloc(1, sizeof(*conf));
	enum cs_err e = conf != NULL ? CS_OK : CS_ERR_NOMEM;

	if (e == CS_OK && path != NULL)
		e = read_source(&src, path);
	if (e == CS_OK)
		e = put_values(conf, &src);
	if (e == CS_OK)
		e = check(conf, &src);
	conf_text_clear(&src);
	if (e != CS_OK)
		conf_free(&conf);
	else
		*out = conf;
	return e;
}

void conf_free(struct conf **out)
{
	struct conf *conf = *out;

	if (conf == NULL)
		return;
	for (size_t i = 0; i < conf_noptions; i++)
		if (conf_options[i].kind == KIND_TEXT)
			free(*(char **)((char *)conf + conf_options[i].at));
	free(conf);
	*out = NULL;
}
