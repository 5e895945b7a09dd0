/* SPDX-License-Identifier: ISC
 *
 * The interface files of this folder as strings, for introspection
 * (org.varlink.service.GetInterfaceDescription).  interfaces.c is generated
 * from the *.varlink files by the Makefile.
 */
#pragma once

#include <stddef.h>

struct interface {
	const char *name;		/* "io.countersign.staff" */
	const char *description;	/* the whole file */
};

/* In the order of enum door's bits, then org.varlink.service. */
extern const struct interface interfaces[];
extern const size_t ninterfaces;
