/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Calls that left more VMAs than they found, as the programs in the kernel (calls.bpf.c) count them
 * and the program outside (sys.rs) reads them.
 */
#ifndef VMA_EXPLAIN_CALLS_H
#define VMA_EXPLAIN_CALLS_H

/* No system call of a program of 64 bits that makes VMAs has a higher number. */
#define MOST_CALLS 512
/* How many of its arguments say what a call is for. */
#define TOLD_ARGUMENTS 2
/* How much of a stack is told, from its top. */
#define STACK_DEPTH 32
/* The most calls that are told apart. */
#define MOST_KINDS 8192
/* The most that are told apart without a stack, then. */
#define MOST_OTHERS 512

struct settings {
	/* The address space that is looked at. */
	unsigned long long mm;
	/* The arguments that are told of each call; 6 is none. */
	unsigned char told[MOST_CALLS][TOLD_ARGUMENTS];
};

struct kind {
	/* The number of the call. */
	unsigned long long call;
	unsigned long long arguments[TOLD_ARGUMENTS];
	/* What may be the address where the function that makes the call returns to. */
	unsigned long long caller;
	/* Addresses of code, those of the callers behind that; zeroes at the end. */
	unsigned long long stack[STACK_DEPTH];
};

struct made {
	unsigned long long calls;
	unsigned long long vmas;
};

struct totals {
	/* How often a thread had the lock. */
	unsigned long long looked_at;
	/* How often it was not looked at, as there was no memory to remember the thread. */
	unsigned long long missed;
	/* VMAs that were not counted by their calls, as there were too many kinds of them. */
	unsigned long long uncounted;
	/* Calls of which no stack could be read. */
	unsigned long long without_stack;
	/* VMAs that came in no call that is told apart. */
	unsigned long long elsewhere;
};

#endif
