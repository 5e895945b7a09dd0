/* SPDX-License-Identifier: ISC
 *
 * Draws text as a QR code; the one file that calls libqrencode and libpng.
 */
#pragma once

#include "../lib/err.h"

#include <stdio.h>

/* Blocks of the terminal's own; colours fixes black on white by escape
 * sequences, as a dark terminal needs. */
enum cs_err qr_utf8(const char *text, bool colours, FILE *);
enum cs_err qr_ascii(const char *text, FILE *);
enum cs_err qr_svg(const char *text, FILE *);
enum cs_err qr_png(const char *text, FILE *);
