/* SPDX-License-Identifier: ISC
 *
 * A file more in panel/static is a name more in the Makefile; the end of its
 * name says its type.
 */
#include "asset.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#define ASSETS_MAX 16

static struct place {
	struct asset asset;
	char path[80];
} places[ASSETS_MAX];
static size_t nplaces;
static char theme[160];

static const char *type_of(const char *name)
{
	static const struct {
		const char *end, *type;
	} types[] = {
		{ ".css", "text/css; charset=utf-8" },
		{ ".js", "text/javascript; charset=utf-8" },
		{ ".svg", "image/svg+xml" },
	};
	const char *dot = strrchr(name, '.');

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (dot != NULL && strcmp(dot, types[i].end) == 0)
			return types[i].type;
	return "text/plain; charset=utf-8";
}

static enum cs_err add(const char *name, const char *text)
{
	struct place *p = &places[nplaces];
	unsigned char hash[crypto_generichash_BYTES_MIN];
	char hex[17];

	if (nplaces == ASSETS_MAX)
		return CS_ERR_LIMIT;
	crypto_generichash(hash, sizeof(hash), (const unsigned char *)text, strlen(text), NULL, 0);
	sodium_bin2hex(hex, sizeof(hex), hash, 8);
	p->asset = (struct asset){ .name = name, .type = type_of(name), .text = text };
	snprintf(p->asset.etag, sizeof(p->asset.etag), "\"%s\"", hex);
	snprintf(p->path, sizeof(p->path), "/static/%s/%s", hex, name);
	nplaces++;
	return CS_OK;
}

enum cs_err asset_init(const struct conf *conf)
{
	enum cs_err e;

	nplaces = 0;
	snprintf(theme, sizeof(theme), ":root { --brand: %s; --brand-ink: %s; }\n", conf->colour,
	    conf->ink);
	e = add("theme.css", theme);
	for (size_t i = 0; i < asset_nfiles && e == CS_OK; i++)
		e = add(asset_files[i].name, asset_files[i].text);
	return e;
}

const char *asset_path(const char *name)
{
	for (size_t i = 0; i < nplaces; i++)
		if (strcmp(places[i].asset.name, name) == 0)
			return places[i].path;
	return "";
}

const struct asset *asset_find(const char *path)
{
	for (size_t i = 0; i < nplaces; i++)
		if (strcmp(places[i].path, path) == 0)
			return &places[i].asset;
	return NULL;
}
