/* SPDX-License-Identifier: Apache-2.0 */
/* The decoders inside. Both follow the contract of struct jg_decoder. */
#ifndef JG_DECODE_H
#define JG_DECODE_H

#include "jumpgate/jumpgate.h"

int jg_pcm_decode(const struct jg_format *format, const struct jg_span *in, size_t *used, int32_t *out, size_t stride);

/* header: "fLaC" and STREAMINFO, or none: frames then say what they are. */
int jg_flac_start(struct jg_flac *f, const struct jg_format *format, const uint8_t *header, size_t size);
/* One frame. JG_ERR_BLOCK where it is larger than stride, JG_ERR_CHECKSUM where
 * it was damaged, JG_ERR_MORE where it is not whole; of these *used is 0. */
int jg_flac_decode(const struct jg_flac *f, const struct jg_span *in, size_t *used, int32_t *out, size_t stride);

#endif
