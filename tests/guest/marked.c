// SPDX-License-Identifier: GPL-2.0
/*
 * Marks code with known numbers of instructions, for scripts/bench-profile-test: none; a
 * thousand; and four, of which three are in a loop of seven rounds. The marks are those
 * of kunit/fixture/sys/bench.c.
 */
#include <stdio.h>

#ifdef __x86_64__
#define BEGIN	".byte 0x0f, 0x1f, 0x84, 0x00; .long 0x616d7642;"
#define END	".byte 0x0f, 0x1f, 0x84, 0x00; .long 0x616d7645;"
#define LOOP	"mov $7, %%ecx; 1: nop; dec %%ecx; jnz 1b;"
#define COUNTER	"ecx"
#else
#define BEGIN	"movz xzr, #0x7642;"
#define END	"movz xzr, #0x7645;"
#define LOOP	"mov w9, #7; 1: nop; subs w9, w9, #1; b.ne 1b;"
#define COUNTER	"w9"
#endif

int main(void)
{
	puts("region check none c");
	asm volatile(BEGIN END);
	puts("region check thousand c");
	asm volatile(BEGIN ".rept 1000; nop; .endr;" END);
	puts("region check loop c");
	asm volatile(BEGIN LOOP END ::: COUNTER, "cc");
	return 0;
}
