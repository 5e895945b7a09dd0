/* SPDX-License-Identifier: ISC
 *
 * See options.h.
 */
#include "options.h"

#include <stddef.h>
#include <syslog.h>
#include <security/pam_ext.h>

bool options_parse(pam_handle_t *pamh, int argc, const char **argv, struct options *out)
{
	const char *fault;

	options_init(out);
	for (int i = 0; i < argc; i++) {
		if (!options_take(argv[i], out)) {
			pam_syslog(pamh, LOG_ERR, "unknown option or bad value: %s", argv[i]);
			return false;
		}
	}
	fault = options_fault(out);
	if (fault != NULL)
		pam_syslog(pamh, LOG_ERR, "%s", fault);
	return fault == NULL;
}
