/* SPDX-License-Identifier: ISC
 *
 * The panel's configuration, read with libconfuse through one table that also
 * drives the check that countersign-panel.conf(5) names every option.
 */
#pragma once

#include "../lib/err.h"

#include <netinet/in.h>

struct conf {
	char *listen;		/* "127.0.0.1:8790": as written */
	struct sockaddr_storage address;	/* and as parsed: loopback */
	socklen_t address_len;
	char *socket;		/* the daemon's panel socket */
	char *origin;		/* "https://panel.example": no slash at its end */
	const char *host;	/* within it: "panel.example", with its port */
	bool secure;		/* https: __Host- cookies */

	/* What the pages say. */
	char *name;		/* of the provider: "Acme Hosting" */
	char *colour;		/* "#123456" */
	const char *ink;	/* of text on it, "#ffffff" or "#000000", whichever reads better */
	char *support;		/* how to reach support, a sentence; may be empty */
	char *directions;	/* a sentence for the log-in page; may be empty */

	unsigned connections;	/* at the same time */
	unsigned per_address;	/* of one client, as the proxy names it */
};

/* Errors are logged as file:line: sentence; CS_ERR_CONFIG.  The path may be
 * NULL: every default.  *conf is set on CS_OK only. */
enum cs_err conf_load(const char *path, struct conf **conf);
void conf_free(struct conf **);
