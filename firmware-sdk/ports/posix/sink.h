/* SPDX-License-Identifier: Apache-2.0 */
/* Where jumpgate-device's sound goes: a sound card, a WAV file, or a pipe. */
#ifndef SINK_H
#define SINK_H

#include "jumpgate/jumpgate.h"

struct sink_config {
	const char *wav;  /* a file, or NULL */
	const char *alsa; /* a device, or NULL */
	bool pipe;        /* raw samples on standard output */
	double ppm;       /* of a file's and a pipe's clock against ours */
	bool trims;       /* that clock can be trimmed */
	unsigned buffer_ms;
};

struct sink;

struct sink *sink_open(const struct sink_config *config);
/* What the callbacks of the core come to. */
int sink_configure(struct sink *s, const struct jg_format *format);
size_t sink_write(struct sink *s, const int32_t *samples, size_t frames);
void sink_trim(struct sink *s, int32_t ppm);
/* Plays what is due, and tells c. Returns the us to the next time. */
int64_t sink_run(struct sink *s, struct jg_client *c, int64_t now);
void sink_close(struct sink *s);

#endif
