/* SPDX-License-Identifier: ISC
 *
 * Prints the request table for the tests that check it from outside: method,
 * doors, roles, whether it is a list.
 */
#include "../daemon/request.h"

#include <stdio.h>

int main(void)
{
	for (size_t i = 0; i < request_nrows; i++) {
		const struct row *row = &request_rows[i];

		printf("%s %u %u %s\n", row->method, row->doors, row->roles,
		    (row->flags & ROW_MORE) != 0 ? "more" : "one");
	}
	return 0;
}
