#!/bin/sh
# SPDX-License-Identifier: ISC
# Makes configure and Makefile.in; needs autoconf, automake, libtool, pkg-config.

cd "${0%/*}" || exit 1
for tool in autoreconf automake libtoolize pkg-config; do
	command -v "$tool" >/dev/null || {
		echo "autogen.sh: $tool is missing; run tools/install-deps.sh" >&2
		exit 1
	}
done
exec autoreconf --install "$@"
