/* SPDX-License-Identifier: Apache-2.0 */
#include "ws.h"

#include <string.h>

void jg_ws_start(struct jg_ws *ws, bool peer_masks)
{
	memset(ws, 0, sizeof *ws);
	ws->masked = peer_masks;
	ws->need = 2;
}

/* The head's length is known after two bytes, what it says after all of them. */
static int measure(struct jg_ws *ws)
{
	const uint8_t a = ws->head[0], b = ws->head[1];
	const uint8_t opcode = a & 0x0F, size = b & 0x7F;
	if ((a & 0x70) != 0 || ((b & 0x80) != 0) != ws->masked) {
		return JG_ERR_FRAME; /* extensions were not agreed; masking is not a choice */
	}
	if (opcode >= JG_WS_CLOSE) {
		if (opcode > JG_WS_PONG || (a & 0x80) == 0 || size > 125) {
			return JG_ERR_FRAME;
		}
	} else if (opcode > JG_WS_BINARY || (opcode == JG_WS_CONTINUE) != (ws->message != 0)) {
		return JG_ERR_FRAME;
	}
	ws->need = (uint8_t)(2 + (size == 126 ? 2 : size == 127 ? 8 : 0) + (ws->masked ? 4 : 0));
	return JG_OK;
}

static int understand(struct jg_ws *ws)
{
	const uint8_t short_size = ws->head[1] & 0x7F;
	const size_t bytes = short_size == 126 ? 2 : short_size == 127 ? 8 : 0;
	uint32_t left = bytes == 0 ? short_size : 0;
	for (size_t i = 0; i < bytes; i++) {
		if (left >= JG_WS_LIMIT) {
			return JG_ERR_FRAME;
		}
		left = left << 8 | ws->head[2 + i];
	}
	if (left > JG_WS_LIMIT) {
		return JG_ERR_FRAME;
	}
	ws->left = left;
	ws->fin = (ws->head[0] & 0x80) != 0;
	ws->opcode = ws->head[0] & 0x0F;
	ws->mask_at = 0;
	if (ws->opcode != JG_WS_CONTINUE && ws->opcode < JG_WS_CLOSE) {
		ws->message = ws->opcode;
	}
	return 1;
}

int jg_ws_head(struct jg_ws *ws, const uint8_t *data, size_t size, size_t *used)
{
	*used = 0;
	while (*used < size) {
		ws->head[ws->have++] = data[(*used)++];
		if (ws->have == 2) {
			const int r = measure(ws);
			if (r < 0) {
				return r;
			}
		}
		if (ws->have == ws->need) {
			return understand(ws);
		}
	}
	return 0;
}

void jg_ws_payload(struct jg_ws *ws, uint8_t *to, const uint8_t *from, size_t size)
{
	if (to != NULL && !ws->masked) {
		memcpy(to, from, size);
	} else if (to != NULL) {
		const uint8_t *mask = ws->head + ws->need - 4;
		for (size_t i = 0; i < size; i++) {
			to[i] = from[i] ^ mask[(ws->mask_at + i) & 3];
		}
	}
	ws->mask_at = (uint8_t)((ws->mask_at + size) & 3);
	ws->left -= (uint32_t)size;
}

void jg_ws_done(struct jg_ws *ws)
{
	if (ws->fin && ws->opcode < JG_WS_CLOSE) {
		ws->message = 0;
	}
	ws->have = 0;
	ws->need = 2;
}

size_t jg_ws_frame(uint8_t *payload, size_t size, uint8_t opcode, const uint8_t *mask)
{
	const size_t head = 2 + (size > 125 ? 2u : 0u) + (mask != NULL ? 4u : 0u);
	uint8_t *p = payload - head;
	*p++ = (uint8_t)(0x80 ^ opcode);
	*p++ = (uint8_t)((mask != NULL ? 0x80u : 0u) | (size > 125 ? 126u : size));
	if (size > 125) {
		*p++ = (uint8_t)(size >> 8);
		*p++ = (uint8_t)size;
	}
	if (mask != NULL) {
		memcpy(p, mask, 4);
		for (size_t i = 0; i < size; i++) {
			payload[i] ^= mask[i & 3];
		}
	}
	return head;
}
