/* SPDX-License-Identifier: Apache-2.0 */
#include "mdns.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

static const char service[] = "_sendspin._tcp.local";

enum { A = 1, PTR = 12, TXT = 16, SRV = 33, TTL_HOST = 120, TTL_SERVICE = 4500 };

struct packet {
	uint8_t data[1024];
	size_t size;
};

static void u16(struct packet *p, unsigned v)
{
	if (p->size + 2 <= sizeof p->data) {
		p->data[p->size++] = (uint8_t)(v >> 8);
		p->data[p->size++] = (uint8_t)v;
	}
}

static void label(struct packet *p, const char *text, size_t n)
{
	if (n < 64 && p->size + n + 2 <= sizeof p->data) {
		p->data[p->size++] = (uint8_t)n;
		memcpy(p->data + p->size, text, n);
		p->size += n;
	}
}

/* A name of an optional first label, which may hold dots, and dotted ones. */
static void name(struct packet *p, const char *first, const char *rest)
{
	if (first != NULL) {
		label(p, first, strlen(first));
	}
	while (*rest != '\0') {
		const size_t n = strcspn(rest, ".");
		label(p, rest, n);
		rest += n + (rest[n] == '.' ? 1 : 0);
	}
	if (p->size < sizeof p->data) {
		p->data[p->size++] = 0;
	}
}

/* The head of a record; returns where its length goes. */
static size_t record(struct packet *p, const char *first, const char *rest, unsigned type, bool ours, unsigned ttl)
{
	name(p, first, rest);
	u16(p, type);
	u16(p, ours ? 0x8001 : 1); /* cache-flush for what only we may say */
	u16(p, 0);
	u16(p, ttl);
	u16(p, 0);
	return p->size;
}

static void measured(struct packet *p, size_t start)
{
	p->data[start - 2] = (uint8_t)((p->size - start) >> 8);
	p->data[start - 1] = (uint8_t)(p->size - start);
}

static in_addr_t own_address(void)
{
	struct ifaddrs *all = NULL;
	in_addr_t found = htonl(INADDR_LOOPBACK);
	if (getifaddrs(&all) < 0) {
		return found;
	}
	for (const struct ifaddrs *i = all; i != NULL; i = i->ifa_next) {
		if (i->ifa_addr != NULL && i->ifa_addr->sa_family == AF_INET && (i->ifa_flags & IFF_UP) != 0 && (i->ifa_flags & IFF_LOOPBACK) == 0) {
			struct sockaddr_in a;
			memcpy(&a, i->ifa_addr, sizeof a);
			found = a.sin_addr.s_addr;
			break;
		}
	}
	freeifaddrs(all);
	return found;
}

static void answer(const struct mdns *m, bool goodbye)
{
	static const uint8_t head[12] = {0, 0, 0x84, 0, 0, 0, 0, 4, 0, 0, 0, 0};
	const unsigned host_ttl = goodbye ? 0 : TTL_HOST, service_ttl = goodbye ? 0 : TTL_SERVICE;
	struct packet p = {{0}, sizeof head};
	char text[256];
	memcpy(p.data, head, sizeof head);
	size_t at = record(&p, NULL, service, PTR, false, service_ttl);
	name(&p, m->instance, service);
	measured(&p, at);
	at = record(&p, m->instance, service, SRV, true, host_ttl);
	u16(&p, 0);
	u16(&p, 0);
	u16(&p, m->port);
	name(&p, m->host, "local");
	measured(&p, at);
	at = record(&p, m->instance, service, TXT, true, service_ttl);
	int n = snprintf(text, sizeof text, "path=%s", m->path);
	label(&p, text, (size_t)n);
	n = snprintf(text, 64, "name=%s", m->name);
	label(&p, text, n < 64 ? (size_t)n : 63);
	measured(&p, at);
	at = record(&p, m->host, "local", A, true, host_ttl);
	const in_addr_t address = own_address();
	if (p.size + 4 <= sizeof p.data) {
		memcpy(p.data + p.size, &address, 4);
		p.size += 4;
	}
	measured(&p, at);
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(5353)};
	to.sin_addr.s_addr = inet_addr("224.0.0.251");
	(void)sendto(m->socket, p.data, p.size, 0, (struct sockaddr *)&to, sizeof to);
}

void mdns_announce(const struct mdns *m)
{
	if (m->socket >= 0) {
		answer(m, false);
	}
}

int mdns_open(struct mdns *m, const char *instance, const char *path, const char *friendly, uint16_t port)
{
	const int one = 1;
	const unsigned char ttl = 255;
	struct sockaddr_in any = {.sin_family = AF_INET, .sin_port = htons(5353)};
	struct ip_mreq group = {.imr_interface.s_addr = htonl(INADDR_ANY)};
	group.imr_multiaddr.s_addr = inet_addr("224.0.0.251");
	memset(m, 0, sizeof *m);
	(void)snprintf(m->instance, sizeof m->instance, "%s", instance);
	(void)snprintf(m->host, sizeof m->host, "%s", instance);
	for (char *c = m->host; *c != '\0'; c++) {
		if (*c == '.' || *c == ' ') {
			*c = '-';
		}
	}
	m->path = path;
	m->name = friendly;
	m->port = port;
	m->socket = socket(AF_INET, SOCK_DGRAM, 0);
	if (m->socket < 0) {
		return -1;
	}
	(void)setsockopt(m->socket, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
#ifdef SO_REUSEPORT
	(void)setsockopt(m->socket, SOL_SOCKET, SO_REUSEPORT, &one, sizeof one);
#endif
	(void)setsockopt(m->socket, IPPROTO_IP, IP_MULTICAST_TTL, &ttl, sizeof ttl);
	if (bind(m->socket, (struct sockaddr *)&any, sizeof any) < 0 ||
	    setsockopt(m->socket, IPPROTO_IP, IP_ADD_MEMBERSHIP, &group, sizeof group) < 0) {
		close(m->socket);
		m->socket = -1;
		return -1;
	}
	return 0;
}

/* Reads the name at *at as dotted text. Pointers must go back, so that none
 * goes round. */
static bool read_name(const uint8_t *data, size_t size, size_t *at, char *to, size_t room)
{
	size_t p = *at, n = 0, least = p;
	bool jumped = false;
	for (;;) {
		if (p >= size) {
			return false;
		}
		const uint8_t c = data[p++];
		if (c == 0) {
			break;
		}
		if (c >= 0xC0) {
			if (p >= size) {
				return false;
			}
			const size_t target = (size_t)(c & 0x3F) << 8 | data[p++];
			if (!jumped) {
				*at = p;
			}
			if (target >= least) {
				return false;
			}
			jumped = true;
			p = least = target;
			continue;
		}
		if (c > 63 || p + c > size || n + c + 2 > room) {
			return false;
		}
		memcpy(to + n, data + p, c);
		n += c;
		to[n++] = '.';
		p += c;
	}
	if (!jumped) {
		*at = p;
	}
	to[n > 0 ? n - 1 : 0] = '\0';
	return true;
}

void mdns_read(struct mdns *m)
{
	uint8_t data[1500];
	char asked[256], own[192], host[96];
	const ssize_t n = recv(m->socket, data, sizeof data, 0);
	if (n < 12 || (data[2] & 0x80) != 0) {
		return; /* an answer of somebody else */
	}
	(void)snprintf(own, sizeof own, "%s.%s", m->instance, service);
	(void)snprintf(host, sizeof host, "%s.local", m->host);
	size_t at = 12;
	for (unsigned count = (unsigned)data[4] << 8 | data[5]; count > 0; count--) {
		if (!read_name(data, (size_t)n, &at, asked, sizeof asked) || at + 4 > (size_t)n) {
			return;
		}
		at += 4;
		if (strcasecmp(asked, service) == 0 || strcasecmp(asked, own) == 0 || strcasecmp(asked, host) == 0) {
			answer(m, false);
			return;
		}
	}
}

void mdns_close(struct mdns *m)
{
	if (m->socket >= 0) {
		answer(m, true);
		close(m->socket);
	}
}
