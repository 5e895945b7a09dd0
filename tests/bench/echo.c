/* SPDX-License-Identifier: ISC
 *
 * The least that a server of libevent's can do: a bufferevent for each
 * connection, and the same reply to each frame.  What a verification is
 * measured against.
 *
 *	echo SOCKET REPLY
 */
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/listener.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static const char *reply;
static size_t reply_len;

static void read_cb(struct bufferevent *b, void *arg)
{
	struct evbuffer *in = bufferevent_get_input(b);
	struct evbuffer_ptr nul;
	size_t len;

	(void)arg;
	while (nul = evbuffer_search_eol(in, NULL, &len, EVBUFFER_EOL_NUL), nul.pos != -1) {
		evbuffer_drain(in, (size_t)nul.pos + 1);
		bufferevent_write(b, reply, reply_len);
	}
}

static void event_cb(struct bufferevent *b, short what, void *arg)
{
	(void)arg;
	if ((what & (BEV_EVENT_EOF | BEV_EVENT_ERROR)) != 0)
		bufferevent_free(b);
}

static void accept_cb(struct evconnlistener *listener, evutil_socket_t fd, struct sockaddr *sa,
    int len, void *arg)
{
	struct bufferevent *b =
	    bufferevent_socket_new(evconnlistener_get_base(listener), fd, BEV_OPT_CLOSE_ON_FREE);

	(void)sa;
	(void)len;
	(void)arg;
	bufferevent_setcb(b, read_cb, NULL, event_cb, NULL);
	bufferevent_enable(b, EV_READ | EV_WRITE);
}

int main(int argc, char **argv)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	struct event_base *base = event_base_new();

	if (argc != 3 || strlen(argv[1]) >= sizeof(sa.sun_path)) {
		fputs("usage: echo SOCKET REPLY\n", stderr);
		return 2;
	}
	reply = argv[2];
	reply_len = strlen(reply) + 1;
	strcpy(sa.sun_path, argv[1]);
	if (evconnlistener_new_bind(base, accept_cb, NULL, LEV_OPT_CLOSE_ON_FREE, -1,
		(struct sockaddr *)&sa, sizeof(sa)) == NULL) {
		perror(argv[1]);
		return 1;
	}
	event_base_dispatch(base);
	return 0;
}
