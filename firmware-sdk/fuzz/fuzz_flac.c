/* SPDX-License-Identifier: Apache-2.0 */
/* FLAC: one frame, in two pieces. Damage is found by checksums only behind the
 * frame, so all of the decoder runs on what the fuzzer makes. */
#include "decode.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	enum { STRIDE = 2048 };
	static int32_t out[2 * STRIDE];
	if (size < 3) {
		return 0;
	}
	const struct jg_format format = {48000, JG_FLAC, (uint8_t)(1 + (data[0] & 1)), (data[0] & 2) != 0 ? 24 : 16};
	const size_t seam = data[1];
	struct jg_flac f;
	(void)jg_flac_start(&f, &format, data + 2, size - 2);
	(void)jg_flac_start(&f, &format, NULL, 0);
	data += 2;
	size -= 2;
	/* each piece in memory of its own, so that a step over its end is seen */
	const size_t first = seam < size ? seam : size;
	uint8_t *const a = malloc(first + 1), *const b = malloc(size - first + 1);
	if (a != NULL && b != NULL) {
		uint8_t *const pa = a + 1, *const pb = b + 1;
		memcpy(pa, data, first);
		memcpy(pb, data + first, size - first);
		const struct jg_span in = {{pa, pb}, {first, size - first}};
		size_t used = 0;
		const int r = jg_flac_decode(&f, &in, &used, out, STRIDE);
		if (used > size || r > STRIDE || (r < 0 && used != 0)) {
			abort();
		}
	}
	free(a);
	free(b);
	return 0;
}
