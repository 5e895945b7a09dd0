/* SPDX-License-Identifier: ISC
 *
 * Draws text as a QR code; the one file that calls libqrencode and libpng.
 */
#pragma once

#include "../lib/err.h"

#include <stdio.h>

enum qr_ground {
	QR_LIGHT,	/* what is dark is drawn */
	QR_DARK,	/* what is light is drawn: inverted */
	QR_PAINTED,	/* black on white by escape sequences, for any terminal */
};
/* Blocks in the colour of the terminal's own text. */
enum cs_err qr_utf8(const char *text, enum qr_ground, FILE *);
enum cs_err qr_ascii(const char *text, FILE *);
enum cs_err qr_svg(const char *text, FILE *);
enum cs_err qr_png(const char *text, FILE *);
