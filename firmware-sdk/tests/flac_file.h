/* SPDX-License-Identifier: Apache-2.0 */
/* A FLAC file's frames through the decoder. */
#ifndef FLAC_FILE_H
#define FLAC_FILE_H

#include "decode.h"

/* Decodes a whole file in memory, its bytes given in two pieces that meet at
 * `seam` of each frame's rest. sink gets the samples of each frame, planar.
 * Returns the frames' samples, or an error. */
typedef void (*flac_sink)(void *user, const struct jg_format *f, const int32_t *samples, size_t stride, int n);
int flac_file(const uint8_t *data, size_t size, size_t seam, int32_t *scratch, size_t stride, flac_sink sink, void *user);

#endif
