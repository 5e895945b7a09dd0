/* SPDX-License-Identifier: ISC
 *
 * The module's data on a PAM handle, wiped when the handle ends.
 */
#include "handle.h"

#include "../lib/secret.h"

#include <stddef.h>
#include <stdlib.h>

static const char key[] = "countersign";

static void free_handle(pam_handle_t *pamh, void *data, int status)
{
	(void)pamh;
	(void)status;
	if (data != NULL)
		cs_wipe(data, sizeof(struct handle));
	free(data);
}

struct handle *handle_find(pam_handle_t *pamh)
{
	const void *data = NULL;

	if (pam_get_data(pamh, key, &data) != PAM_SUCCESS)
		return NULL;
	return (struct handle *)(uintptr_t)data;	/* ours; PAM hands it back as const */
}

struct handle *handle_get(pam_handle_t *pamh)
{
	struct handle *handle = handle_find(pamh);

	if (handle != NULL)
		return handle;
	handle = calloc(1, sizeof(*handle));
	if (handle == NULL || pam_set_data(pamh, key, handle, free_handle) == PAM_SUCCESS)
		return handle;
	free(handle);
	return NULL;
}

void handle_restart(struct handle *handle)
{
	cs_wipe(handle, offsetof(struct handle, answer));
}
