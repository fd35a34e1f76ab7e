// SPDX-License-Identifier: GPL-2.0
/*
 * The number of executed instructions. The processor's counter tells it in a guest whose
 * instructions scripts/vm counts: each instruction advances the counter by one.
 */
#include "syscall_cost.h"

#if defined(__x86_64__)

unsigned long instructions(void)
{
	unsigned int low, high;

	asm volatile("rdtsc" : "=a"(low), "=d"(high) : : "memory");
	return (unsigned long)high << 32 | low;
}

#elif defined(__aarch64__)

unsigned long instructions(void)
{
	unsigned long value;

	asm volatile("mrs %0, cntvct_el0" : "=r"(value) : : "memory");
	return value;
}

#endif

/* Checks that the counter counts instructions. Otherwise the figures would mean nothing. */
void check_clock(void)
{
	unsigned long start = instructions(), nothing, thousand;

	nothing = instructions() - start;
	start = instructions();
	asm volatile(".rept 1000; nop; .endr");
	thousand = instructions() - start;
	if (thousand - nothing == 1000)
		return;
	fprintf(stderr,
		"syscall_cost: the counter makes %ld of 1000 instructions; it counts them with\n"
		"scripts/vm --count-instructions --cpus 1\n", (long)(thousand - nothing));
	exit(2);
}
