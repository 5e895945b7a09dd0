/* SPDX-License-Identifier: ISC
 *
 * See qr.h.  The quiet zone is the four modules that ISO/IEC 18004 asks for.
 */
#include "qr.h"

#include "../lib/secret.h"

#include <png.h>
#include <qrencode.h>
#include <stdlib.h>

#define QUIET 4
#define PNG_SCALE 8

static QRcode *encode(const char *text)
{
	return QRcode_encodeString8bit(text, 0, QR_ECLEVEL_M);
}

static void discard(QRcode *q)
{
	cs_wipe(q->data, (size_t)q->width * (size_t)q->width);
	QRcode_free(q);
}

static bool dark(const QRcode *q, int x, int y)
{
	x -= QUIET;
	y -= QUIET;
	return x >= 0 && y >= 0 && x < q->width && y < q->width && (q->data[y * q->width + x] & 1);
}

static enum cs_err finish(QRcode *q, FILE *f)
{
	discard(q);
	return fflush(f) == 0 && !ferror(f) ? CS_OK : CS_ERR_SYSTEM;
}

enum cs_err qr_utf8(const char *text, enum qr_ground ground, FILE *f)
{
	static const char *const blocks[] = { " ", "▄", "▀", "█" };
	QRcode *q = encode(text);
	int flip = ground == QR_DARK ? 3 : 0;

	if (!q)
		return CS_ERR_LIMIT;
	for (int y = 0; y < q->width + 2 * QUIET; y += 2) {
		fputs(ground == QR_PAINTED ? "\033[38;5;16;48;5;231m" : "", f);
		for (int x = 0; x < q->width + 2 * QUIET; x++)
			fputs(blocks[(dark(q, x, y) * 2 + dark(q, x, y + 1)) ^ flip], f);
		fputs(ground == QR_PAINTED ? "\033[0m\n" : "\n", f);
	}
	return finish(q, f);
}

enum cs_err qr_ascii(const char *text, FILE *f)
{
	QRcode *q = encode(text);

	if (!q)
		return CS_ERR_LIMIT;
	for (int y = 0; y < q->width + 2 * QUIET; y++) {
		for (int x = 0; x < q->width + 2 * QUIET; x++)
			fputs(dark(q, x, y) ? "##" : "  ", f);
		fputc('\n', f);
	}
	return finish(q, f);
}

enum cs_err qr_svg(const char *text, FILE *f)
{
	QRcode *q = encode(text);
	int side;

	if (!q)
		return CS_ERR_LIMIT;
	side = q->width + 2 * QUIET;
	fprintf(f, "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" "
	    "shape-rendering=\"crispEdges\">\n"
	    "<path fill=\"#fff\" d=\"M0 0h%dv%dH0z\"/>\n<path d=\"", side, side, side, side);
	for (int y = 0; y < side; y++)
		for (int x = 0; x < side; x++)
			if (dark(q, x, y))
				fprintf(f, "M%d %dh1v1h-1z", x, y);
	fputs("\"/>\n</svg>\n", f);
	return finish(q, f);
}

/* One grey byte a pixel; the caller wipes and frees. */
static png_bytep draw_pixels(const QRcode *q, size_t side)
{
	png_bytep pixels = malloc(side * side);

	for (size_t i = 0; pixels && i < side * side; i++) {
		int x = (int)(i % side / PNG_SCALE), y = (int)(i / side / PNG_SCALE);

		pixels[i] = dark(q, x, y) ? 0 : 255;
	}
	return pixels;
}

enum cs_err qr_png(const char *text, FILE *f)
{
	png_image image = { .version = PNG_IMAGE_VERSION, .format = PNG_FORMAT_GRAY };
	QRcode *q = encode(text);
	png_bytep pixels;
	size_t side;
	bool ok;

	if (!q)
		return CS_ERR_LIMIT;
	side = (size_t)(q->width + 2 * QUIET) * PNG_SCALE;
	pixels = draw_pixels(q, side);
	if (!pixels) {
		discard(q);
		return CS_ERR_NOMEM;
	}
	image.width = image.height = (png_uint_32)side;
	ok = png_image_write_to_stdio(&image, f, 0, pixels, 0, NULL);
	cs_wipe(pixels, side * side);
	free(pixels);
	return finish(q, f) == CS_OK && ok ? CS_OK : CS_ERR_SYSTEM;
}
