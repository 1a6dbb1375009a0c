/* SPDX-License-Identifier: Apache-2.0 */
/* flac_cat FILE [SEAM]: decodes a FLAC file to standard output, little-endian
 * as `flac -d --force-raw-format` writes it. */
#include "flac_file.h"

#include <stdio.h>
#include <stdlib.h>

static int32_t scratch[2 * 65536];

static void put(void *user, const struct jg_format *f, const int32_t *samples, size_t stride, int n)
{
	(void)user;
	for (int i = 0; i < n; i++) {
		for (size_t c = 0; c < f->channels; c++) {
			const uint32_t v = (uint32_t)samples[c * stride + (size_t)i];
			for (unsigned k = 0; k < f->bits; k += 8) {
				putchar((int)(v >> k & 0xFF));
			}
		}
	}
}

int main(int argc, char **argv)
{
	FILE *const f = argc > 1 ? fopen(argv[1], "rb") : NULL;
	if (f == NULL || fseek(f, 0, SEEK_END) != 0) {
		fprintf(stderr, "usage: flac_cat FILE [SEAM]\n");
		return 2;
	}
	const long size = ftell(f);
	uint8_t *const data = size > 0 ? malloc((size_t)size) : NULL;
	rewind(f);
	if (data == NULL || fread(data, 1, (size_t)size, f) != (size_t)size) {
		return 2;
	}
	(void)fclose(f);
	const size_t seam = argc > 2 ? (size_t)strtoul(argv[2], NULL, 10) : (size_t)size;
	const int r = flac_file(data, (size_t)size, seam, scratch, 65536, put, NULL);
	if (r < 0) {
		fprintf(stderr, "%s: %s\n", argv[1], jg_strerror(r));
	}
	free(data);
	return r < 0 ? 1 : 0;
}
