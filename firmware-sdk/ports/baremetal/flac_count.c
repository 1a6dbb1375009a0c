/* SPDX-License-Identifier: Apache-2.0 */
/* Instructions that the FLAC decoder takes for a sample. Run with -icount
 * shift=0, where a nanosecond of the emulated clock is one instruction; the
 * SysTick timer counts at 25 MHz, so 40 instructions a tick. */
#include "flac_file.h"

#include <stdio.h>

static uint8_t data[200000];
static int32_t scratch[2 * 4608];

#define SYST_CSR (*(volatile uint32_t *)0xE000E010u)
#define SYST_RVR (*(volatile uint32_t *)0xE000E014u)
#define SYST_CVR (*(volatile uint32_t *)0xE000E018u)

static void nothing(void *user, const struct jg_format *f, const int32_t *samples, size_t stride, int n)
{
	(void)user;
	(void)f;
	(void)samples;
	(void)stride;
	(void)n;
}

int main(void)
{
	static const char *const names[] = {"stereo16.flac", "fixed16.flac", "ffmpeg16.flac", "stereo24.flac", "high24.flac"};
	for (unsigned i = 0; i < sizeof names / sizeof names[0]; i++) {
		char path[256];
		(void)snprintf(path, sizeof path, "%s/%s", TEST_DATA, names[i]);
		FILE *const f = fopen(path, "rb");
		if (f == NULL) {
			return 1;
		}
		const size_t size = fread(data, 1, sizeof data, f);
		(void)fclose(f);
		SYST_RVR = 0xFFFFFF;
		SYST_CVR = 0;
		SYST_CSR = 5; /* the processor's clock */
		const uint32_t start = SYST_CVR;
		const int frames = flac_file(data, size, size, scratch, 4608, nothing, NULL);
		const uint32_t ticks = (start - SYST_CVR) & 0xFFFFFF;
		if (frames <= 0) {
			printf("%s: %s\n", names[i], jg_strerror(frames));
			return 1;
		}
		printf("%-14s %lu instructions a sample\n", names[i], (unsigned long)(ticks * 40u / (2u * (unsigned)frames)));
	}
	return 0;
}
