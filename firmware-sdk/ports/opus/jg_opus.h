/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Opus by libopus (BSD-3-Clause), 48 kHz. A commercial device that plays Opus
 * may owe fees to a patent pool: see README.md.
 */
#ifndef JG_OPUS_H
#define JG_OPUS_H

#include "jumpgate/jumpgate.h"

#include <opus.h>

enum { JG_OPUS_FRAMES = 5760, JG_OPUS_PACKET = 1500 }; /* 120 ms; a packet that wraps in the ring is copied */

struct jg_opus {
	OpusDecoder *decoder; /* memory of yours: opus_decoder_get_size(2) bytes */
	uint8_t channels;
	opus_int16 samples[2 * JG_OPUS_FRAMES];
	uint8_t packet[JG_OPUS_PACKET];
};

/* A decoder for jg_config.decoders; opus must outlive it. */
struct jg_decoder jg_opus_decoder(struct jg_opus *opus);

#endif
