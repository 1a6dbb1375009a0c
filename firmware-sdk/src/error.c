/* SPDX-License-Identifier: Apache-2.0 */
#include "jumpgate/jumpgate.h"

const char *jg_strerror(int error)
{
	static const char *const text[] = {
		"no error",
		"a parameter that cannot be right",
		"the input ends too early",
		"not possible in this state",
		"a buffer is too small",
		"not a WebSocket upgrade",
		"a WebSocket frame against RFC 6455",
		"not JSON, too deep, or a value of the wrong type",
		"a message that may not come now",
		"an audio format that was not offered",
		"a FLAC block larger than the scratch memory",
		"coded audio that does not follow its format",
		"coded audio that was damaged",
		"the server does not answer or does not read",
		"a message that was not sealed with our key",
		"another server is being listened to",
	};
	const unsigned last = sizeof text / sizeof text[0] - 1;
	const unsigned n = error > 0 ? last + 1 : 0u - (unsigned)error;
	return n > last ? "an unknown error" : text[n];
}
