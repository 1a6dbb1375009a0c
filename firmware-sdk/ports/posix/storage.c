/* SPDX-License-Identifier: Apache-2.0 */
#include "device.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

void device_random(void *user, uint8_t *data, size_t size)
{
	(void)user;
	FILE *const f = fopen("/dev/urandom", "rb");
	if (f == NULL || fread(data, 1, size, f) != size) {
		perror("/dev/urandom");
		abort(); /* keys must not be guessable */
	}
	(void)fclose(f);
}

static void key_file(const struct device *d, enum jg_key key, char *name, size_t size)
{
	(void)snprintf(name, size, "%s.%d", d->state_file, (int)key);
}

size_t device_load(void *user, enum jg_key key, void *data, size_t size)
{
	const struct device *const d = user;
	char name[512];
	if (d->state_file == NULL) {
		return 0;
	}
	key_file(d, key, name, sizeof name);
	FILE *const f = fopen(name, "rb");
	if (f == NULL) {
		return 0;
	}
	const size_t n = fread(data, 1, size, f);
	(void)fclose(f);
	return n;
}

#if JG_ROLE_ARTWORK
void device_artwork(void *user, uint8_t channel, const uint8_t *data, size_t size)
{
	struct device *const d = user;
	char fresh[520];
	(void)snprintf(fresh, sizeof fresh, "%s.new", d->picture_file);
	if (channel != 0) {
		return;
	}
	if (data != NULL) {
		d->picture = d->picture != NULL ? d->picture : fopen(fresh, "wb");
		if (d->picture == NULL || fwrite(data, 1, size, d->picture) != size) {
			perror(fresh);
		}
		return;
	}
	const bool came = d->picture != NULL, whole = came && fclose(d->picture) == 0 && size != JG_PICTURE_VOID;
	d->picture = NULL;
	if (whole) {
		(void)rename(fresh, d->picture_file);
	} else if (came) {
		(void)remove(fresh);
	}
	if (!came && size == 0) {
		(void)remove(d->picture_file);
	}
	device_say(d, whole ? "picture" : came ? "picture_void" : "picture_gone", (char *)0);
}
#endif

/* Written beside and renamed, so that a power cut leaves the old or the new. */
void device_save(void *user, enum jg_key key, const void *data, size_t size)
{
	struct device *const d = user;
	char name[512], fresh[520];
	if (d->state_file == NULL) {
		return;
	}
	key_file(d, key, name, sizeof name);
	(void)snprintf(fresh, sizeof fresh, "%s.new", name);
	const int fd = open(fresh, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	if (fd < 0) {
		perror(fresh);
		return;
	}
	const bool whole = write(fd, data, size) == (ssize_t)size && fsync(fd) == 0;
	if (close(fd) == 0 && whole) {
		(void)rename(fresh, name);
		device_say(d, "saved", "name", name, (char *)0);
	}
}
