// SPDX-License-Identifier: GPL-2.0
/*
 * How many instructions have been executed. The processor's counter says so in a guest of which
 * scripts/vm counts the instructions: it goes on by one with each of them.
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

/* Elsewhere it does not, and the figures would mean nothing. */
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
