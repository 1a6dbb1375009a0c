/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

static const struct test *const suites[] = {tests_frames, tests_json, tests_clock, tests_ring, tests_decode, tests_client, tests_hello, tests_picture, tests_playout, tests_secure};
enum { SUITES = sizeof suites / sizeof suites[0] };

#ifdef TEST_ON_TARGET
int test_failures;

int main(void)
{
	int failed = 0, ran = 0;
	for (int s = 0; s < SUITES; s++) {
		for (const struct test *t = suites[s]; t->run != NULL; t++, ran++) {
			const int before = test_failures;
			t->run();
			if (test_failures != before) {
				printf("failed: %s\n", t->name);
				failed++;
			}
		}
	}
	printf("%d tests, %d failed\n", ran, failed);
	return failed == 0 ? 0 : 1;
}
#else
static void run(void **state)
{
	(*(const struct test *const *)state)->run();
}

int main(void)
{
	static struct CMUnitTest all[256];
	size_t n = 0;
	for (int s = 0; s < SUITES; s++) {
		for (const struct test *t = suites[s]; t->run != NULL; t++) {
			all[n++] = (struct CMUnitTest){t->name, run, NULL, NULL, (void *)(uintptr_t)t};
		}
	}
	return _cmocka_run_group_tests("core", all, n, NULL, NULL);
}
#endif
