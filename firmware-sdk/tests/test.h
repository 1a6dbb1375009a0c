/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The tests run with cmocka on a host, and with what is below on the emulated
 * Cortex-M4, for which nobody packages cmocka.
 */
#ifndef TEST_H
#define TEST_H

#include "jumpgate/jumpgate.h"

#include <stdio.h>
#include <string.h>

typedef void (*test_function)(void);
struct test {
	const char *name;
	test_function run;
};
#define TEST(f) {#f, f}
extern const struct test tests_frames[], tests_json[], tests_clock[], tests_ring[], tests_decode[], tests_client[], tests_hello[], tests_picture[], tests_playout[], tests_secure[];

#ifdef TEST_ON_TARGET
extern int test_failures;
#define check(ok)                                                             \
	do {                                                                      \
		if (!(ok)) {                                                          \
			printf("%s:%d: not so: %s\n", __FILE__, __LINE__, #ok);           \
			test_failures++;                                                  \
			return;                                                           \
		}                                                                     \
	} while (0)
#define check_int(a, b)                                                                                        \
	do {                                                                                                       \
		const long long a_ = (long long)(a), b_ = (long long)(b);                                              \
		if (a_ != b_) {                                                                                        \
			printf("%s:%d: %s is %ld, not %ld\n", __FILE__, __LINE__, #a, (long)a_, (long)b_);                 \
			test_failures++;                                                                                   \
			return;                                                                                            \
		}                                                                                                      \
	} while (0)
#define check_string(a, b) check((a) != NULL && strcmp((a), (b)) == 0)
#else
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* after those that it needs */
#include <cmocka.h>
#define check(ok) assert_true(ok)
#define check_int(a, b) assert_int_equal((long long)(a), (long long)(b))
#define check_string(a, b) assert_string_equal((a), (b))
#endif

#endif
