/* SPDX-License-Identifier: Apache-2.0 */
/* Messages: any bytes are read or refused; what is read is within the text. */
#include "message.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *const text = malloc(size + 1);
	struct jg_message m;
	if (text == NULL) {
		return 0;
	}
	memcpy(text, data, size);
	if (jg_message_read(&m, text, size) == JG_OK) {
		const char *const all[] = {m.metadata.title, m.metadata.artist, m.metadata.album_artist, m.metadata.album, m.metadata.artwork_url, m.server_id, m.server_name, m.header};
		for (unsigned i = 0; i < sizeof all / sizeof all[0]; i++) {
			if (all[i] != NULL && (all[i] < text || all[i] + strlen(all[i]) >= text + size)) {
				abort();
			}
		}
	}
	free(text);
	return 0;
}
