#include "config.h"
#include "trpc/qr.h"

#include "base/hash.h"
#include "base/str.h"

#include <errno.h>
#include <qrencode.h>

enum { SVG_MAX = 512 * 1024, WIDE = 240 };

/* One rectangle per run of dark squares. */
static void draw(const QRcode *code, weir_str *out)
{
	int side = code->width + 2;

	weir_str_addf(out, "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" viewBox=\"0 0 %d %d\" shape-rendering=\"crispEdges\">"
		"<path fill=\"#fff\" d=\"M0 0h%dv%dH0z\"/><path d=\"", WIDE, WIDE, side, side, side, side);
	for (int y = 0; y < code->width; y++)
		for (int x = 0, run; x < code->width; x += run) {
			const unsigned char *row = code->data + y * code->width;

			for (run = 1; x + run < code->width && (row[x + run] & 1) == (row[x] & 1); run++)
				;
			if (row[x] & 1)
				weir_str_addf(out, "M%d %dh%dv1h-%dz", x + 1, y + 1, run, run);
		}
	weir_str_puts(out, "\"/></svg>");
}

weir_err weir_qr_data_url(weir_arena *mem, weir_text text, weir_text *url)
{
	static const char head[] = "data:image/svg+xml;base64,";
	QRcode *code = QRcode_encodeData((int)text.n, (const unsigned char *)text.p, 0, QR_ECLEVEL_M);
	weir_str svg;
	weir_err err;
	char *out;

	if (!code)
		return errno == ENOMEM ? WEIR_ENOMEM : WEIR_ELIMIT;
	weir_str_init(&svg, SVG_MAX);
	draw(code, &svg);
	QRcode_free(code);
	err = weir_str_err(&svg);
	out = err ? NULL : weir_alloc(mem, sizeof(head) + 4 * ((svg.len + 2) / 3) + 1);
	if (out) {
		memcpy(out, head, sizeof(head));
		url->n = sizeof(head) - 1 + weir_base64((const uint8_t *)svg.buf, svg.len, out + sizeof(head) - 1);
		url->p = out;
	}
	weir_str_free(&svg);
	return err ? err : out ? WEIR_OK : WEIR_ENOMEM;
}
