/* SPDX-License-Identifier: ISC
 *
 * A process that plays the daemon, well or badly, on a socket in a temporary
 * folder, and the client that asks it.  One of each at a time.
 */
#pragma once

#include "../lib/client.h"

/* What the process does with the one connection that it takes; then it ends. */
typedef void (*peer_act)(int fd);

extern char peer_folder[], peer_path[];	/* the socket is in the folder */
extern struct cs_client *client;

/* Fixtures of cmocka: a new folder; client closed, process and folder gone. */
int peer_set_up(void **state);
int peer_tear_down(void **state);

/* A listening socket, or abort. */
int peer_listen(const char *path, int backlog);

/* Returns when the process listens at peer_path, as that uid. */
void peer_start(uid_t uid, peer_act act);
/* Returns when it has ended by itself. */
void peer_wait(void);

/* Sends a call that brings the text, to a peer that is connected already. */
enum cs_err ask(const char *text, const struct cs_msg **reply);
/* Starts a peer of our own uid, connects, asks. */
enum cs_err ask_peer(peer_act act, int timeout_ms, const struct cs_msg **reply);

void assert_text(const struct cs_msg *reply, const char *expected);
int64_t now_ms(void);

/* Acts, and what acts are made of. */

void echo(int fd);		/* answers each call with the text that it brought */
void say(int fd);		/* answers with peer_words, and stays */
void say_and_close(int fd);
void say_nothing(int fd);
void close_at_once(int fd);

extern struct cs_str peer_words;

void peer_nap(int ms);
void peer_read_call(int fd);
void peer_write(int fd, const char *bytes, size_t len);
#define PEER_WRITE(fd, literal) peer_write((fd), (literal), sizeof(literal) - 1)

#define ROW(n) "{\"parameters\":{\"row\":" #n "},\"continues\":true}\0"
#define DONE "{\"parameters\":{}}\0"
