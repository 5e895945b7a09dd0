#!/bin/sh
# SPDX-License-Identifier: ISC
#
# Promise 8: hostile bytes on any socket close that connection and cost nobody
# else anything; and a daemon that is told to stop answers what it has in hand.

. "${0%/*}/tap.sh"
command -v python3 >/dev/null || skip_all "python3 is missing"
sandbox

peer() { python3 "$srcdir/tests/conn.py" "$sandbox/run" "$@"; }

daemon_conf 'limit { connections = 1100 }'
daemon_start
succeeds "each socket describes its own interface" peer introspection
succeeds "what cannot be asked gets a typed error and keeps the connection" peer typed_errors
succeeds "a frame may come a byte at a time" peer byte_at_a_time
succeeds "frames may be cut anywhere" peer cut_anywhere
succeeds "garbage closes only the connection it came on" peer garbage
lacks "and at once" "$(cat "$sandbox/log")" "unfinished message"
succeeds "a frame of the limit is read, a byte more is not" peer largest_frame
succeeds "a peer that shuts its side down still gets its replies" peer half_closed "$daemon_pid"
succeeds "a oneway call is not answered" peer oneway
succeeds "a peer that never reads fills nobody's memory" peer unread_replies "$daemon_pid"
succeeds "a follower is told of each new event" peer follower
succeeds "an unfinished frame ends its connection, an idle one stays" peer unfinished_frame
succeeds "a thousand silent connections disturb nobody" peer silence 1000

for round in 1 2 3; do
	rm -f "$sandbox/added"
	peer add_until_closed "round-$round" >"$sandbox/added" 2>"$sandbox/errors" &
	adder=$!
	wait_for 20 test -s "$sandbox/added"
	daemon_stop
	is "it ends cleanly while it is busy" "$status" 0
	wait "$adder"
	is "a busy peer sees whole replies, then the end" "$?:$(cat "$sandbox/errors")" "0:"
	daemon_start
	succeeds "what was acknowledged before the stop is there" peer accounts "$sandbox/added"
done
succeeds "who sends a thousand calls at once holds nobody up" peer flood "$daemon_pid"
succeeds "what is in hand when it is told to stop is answered" peer in_hand "$daemon_pid"
daemon_stop
is "and then it ends" "$status" 0

daemon_conf 'limit { connections = 20 }'
daemon_start
succeeds "one uid has so many connections and no more" peer too_many 20
daemon_stop

daemon_conf 'limit { connections = 1000 }'
daemon_start sh -c 'ulimit -n 60; exec "$@"' sh
succeeds "at the descriptor limit it rests and goes on" peer at_the_descriptor_limit "$daemon_pid"

finish
