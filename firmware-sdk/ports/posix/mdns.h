/* SPDX-License-Identifier: Apache-2.0 */
/* Announces one service by multicast DNS (RFC 6762, RFC 6763), IPv4. Answers
 * what is asked about it; for a device without a responder of its own. */
#ifndef MDNS_H
#define MDNS_H

#include <stddef.h>
#include <stdint.h>

struct mdns {
	int socket; /* to poll for reading; -1 without a network */
	char instance[64], host[64];
	const char *path, *name;
	uint16_t port;
};

/* instance and host are DNS labels; path and name go into the TXT record. */
int mdns_open(struct mdns *m, const char *instance, const char *path, const char *name, uint16_t port);
/* Something can be read. */
void mdns_read(struct mdns *m);
/* Announces once; call it after opening, and a second later again. */
void mdns_announce(const struct mdns *m);
/* Takes the service back and closes. */
void mdns_close(struct mdns *m);

#endif
