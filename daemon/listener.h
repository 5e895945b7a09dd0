/* SPDX-License-Identifier: ISC
 *
 * The three listening sockets: made here or handed over by the service manager
 * (LISTEN_FDS), with the modes of design §7.  At the descriptor limit it turns
 * itself off for 100 ms instead of spinning.
 */
#pragma once

#include "request.h"

struct daemon;
struct listener;

/* CS_ERR_SYSTEM, CS_ERR_CONFIG, CS_ERR_NOMEM; logged. */
enum cs_err listener_open(struct daemon *, enum door);
/* Gives the socket file the mode and group that the configuration asks for. */
enum cs_err listener_set_mode(const struct listener *);
/* Stops accepting; unlinks the socket unless it was handed over. */
void listener_close(struct listener **);

/* When all else is open: has each socket room for a caller, or would whoever comes
 * be turned away?  CS_ERR_CONFIG; logged. */
enum cs_err listener_check_room(void);

/* "staff", "panel", "control" */
const char *door_name(enum door);
