/* SPDX-License-Identifier: Apache-2.0 */
/* Runs a fuzzer's corpus without the fuzzer: each file named is one input. */
#include <stdint.h>
#include <stdio.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int main(int argc, char **argv)
{
	static uint8_t data[1 << 20];
	for (int i = 1; i < argc; i++) {
		FILE *const f = fopen(argv[i], "rb");
		if (f == NULL) {
			perror(argv[i]);
			return 1;
		}
		const size_t n = fread(data, 1, sizeof data, f);
		(void)fclose(f);
		(void)LLVMFuzzerTestOneInput(data, n);
	}
	return argc < 2;
}
