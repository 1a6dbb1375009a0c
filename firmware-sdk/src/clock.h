/* SPDX-License-Identifier: Apache-2.0 */
/* The server's clock, estimated from client/time exchanges. */
#ifndef JG_CLOCK_H
#define JG_CLOCK_H

#include "jumpgate/jumpgate.h"

void jg_clock_start(struct jg_clock *c);
/* One exchange: sent and received by our clock, the others by the server's, us.
 * Returns true where the estimate moved. */
bool jg_clock_exchange(struct jg_clock *c, int64_t sent, int64_t server_received, int64_t server_sent, int64_t received);
static inline bool jg_clock_known(const struct jg_clock *c)
{
	return c->updates > 0;
}
int64_t jg_clock_local(const struct jg_clock *c, int64_t server);
int64_t jg_clock_server(const struct jg_clock *c, int64_t local);

#endif
