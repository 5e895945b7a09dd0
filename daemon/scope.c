/* SPDX-License-Identifier: ISC
 *
 * Writes an action and its targets.
 */
#include "scope.h"

void scope_put(const struct conf *conf, struct cs_writer *w, struct cs_str name,
    const struct targets *targets)
{
	const struct action *action = name.len > 0 ? conf_action(conf, name) : NULL;

	if (name.len > 0)
		cs_put_string(w, "action", name);
	if (action != NULL)
		cs_put_string(w, "title", cs_str(action->title));
	if (targets->n > 0)
		cs_put_strings(w, "target", targets->at, targets->n);
}
