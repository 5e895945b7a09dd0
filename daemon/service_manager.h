/* SPDX-License-Identifier: ISC
 *
 * What the service manager and the daemon tell each other: sockets handed over
 * (sd_listen_fds(3)) and states (sd_notify(3)), without its library.
 */
#pragma once

/* The listening socket of that name, -1 when none was handed over.  A socket
 * is known by its name in $LISTEN_FDNAMES or by its file's name. */
int service_manager_socket(const char *name);

/* Forgets the variables, so that no child believes them. */
void service_manager_forget_sockets(void);

/* "READY=1"; silent where nobody listens. */
void service_manager_notify(const char *state);
