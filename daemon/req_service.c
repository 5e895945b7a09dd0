/* SPDX-License-Identifier: ISC
 *
 * Varlink's introspection.  A socket tells only of the interface it serves.
 */
#include "handlers.h"
#include "interfaces.h"
#include "listener.h"

#include <stdio.h>
#include <string.h>

#define SERVICE "org.varlink.service"

static bool serves(enum door door, const char *interface)
{
	char own[64];

	snprintf(own, sizeof(own), "io.countersign.%s", door_name(door));
	return strcmp(interface, SERVICE) == 0 || strcmp(interface, own) == 0;
}

enum cs_err handle_get_info(struct request *r)
{
	struct cs_writer *w = reply_begin(r, false);
	struct cs_str names[DOORS + 1];
	size_t n = 0;

	for (size_t i = 0; i < ninterfaces && n < DOORS + 1; i++)
		if (serves(r->door, interfaces[i].name))
			names[n++] = cs_str(interfaces[i].name);
	cs_put_string(w, "vendor", CS_STR("Countersign"));
	cs_put_string(w, "product", CS_STR("countersignd"));
	cs_put_string(w, "version", CS_STR(PACKAGE_VERSION));
	cs_put_string(w, "url", CS_STR(PACKAGE_URL));
	cs_put_strings(w, "interfaces", names, n);
	return reply_end(r);
}

enum cs_err handle_get_interface_description(struct request *r)
{
	struct cs_str name;
	enum cs_err e = want_string(r, "interface", &name);

	if (e != CS_OK)
		return e;
	for (size_t i = 0; i < ninterfaces; i++) {
		struct cs_writer *w;

		if (!cs_str_is(name, interfaces[i].name) || !serves(r->door, interfaces[i].name))
			continue;
		w = reply_begin(r, false);
		cs_put_string(w, "description", cs_str(interfaces[i].description));
		return reply_end(r);
	}
	return refuse_named(r, SERVICE ".InterfaceNotFound", "interface", name, NULL);
}
