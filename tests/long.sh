#!/bin/sh
# SPDX-License-Identifier: ISC
#
# What takes minutes and is not part of the ordinary run: the same tests with
# larger numbers.
#
#	builddir=build/gcc tests/long.sh

cd "${0%/*}" || exit 99
LINES=100000 ./import_csv.py
