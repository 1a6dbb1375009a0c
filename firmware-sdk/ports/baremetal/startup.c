/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The start of a Cortex-M4F without an operating system: vectors, memory, the
 * floating-point unit. Input and output go to the host by semihosting (newlib's
 * rdimon), which an emulator or a debug probe answers.
 */
#include <stdint.h>
#include <stdlib.h>

extern uint32_t stack_top[], data_load[], data_start[], data_end[], bss_start[], bss_end[];
extern int main(void);
extern void initialise_monitor_handles(void);

static void fault(void)
{
	for (;;) {
	}
}

void reset(void);
void reset(void)
{
	volatile uint32_t *const cpacr = (volatile uint32_t *)0xE000ED88u;
	*cpacr |= 0xFu << 20; /* full access to the FPU */
	__asm volatile("dsb\nisb");
	const uint32_t words = (uint32_t)((uintptr_t)data_end - (uintptr_t)data_start) / 4;
	for (uint32_t i = 0; i < words; i++) {
		data_start[i] = data_load[i];
	}
	const uint32_t zeros = (uint32_t)((uintptr_t)bss_end - (uintptr_t)bss_start) / 4;
	for (uint32_t i = 0; i < zeros; i++) {
		bss_start[i] = 0;
	}
	initialise_monitor_handles();
	exit(main());
}

/* What newlib's exit() runs; there are no constructors. */
void _init(void);
void _init(void)
{
}
void _fini(void);
void _fini(void)
{
}

typedef void (*vector)(void);
__attribute__((section(".vectors"), used)) static const vector vectors[16] = {
	(vector)(uintptr_t)stack_top, reset, fault, fault, fault, fault, fault, 0, 0, 0, 0, fault, fault, 0, fault, fault};
