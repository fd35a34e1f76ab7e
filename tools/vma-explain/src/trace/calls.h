/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Calls that left more VMAs than they found. The programs in the kernel (calls.bpf.c) count them,
 * and the program outside (sys.rs) reads them.
 */
#ifndef VMA_EXPLAIN_CALLS_H
#define VMA_EXPLAIN_CALLS_H

/* All system calls of 64-bit programs that make VMAs have lower numbers. */
#define MOST_CALLS 512
/* The most arguments that tell the purpose of a call. */
#define TOLD_ARGUMENTS 2
/* The most addresses of a stack that are kept, from its top. */
#define STACK_DEPTH 32
/* The most kinds of calls that are told apart. */
#define MOST_KINDS 8192
/* The most additional kinds that are told apart without their stacks. */
#define MOST_OTHERS 512

struct settings {
	/* The traced address space. */
	unsigned long long mm;
	/* The places of the arguments that are kept of each call; 6 stands for none. */
	unsigned char told[MOST_CALLS][TOLD_ARGUMENTS];
};

struct kind {
	/* The number of the call. */
	unsigned long long call;
	unsigned long long arguments[TOLD_ARGUMENTS];
	/* The address to which the function that makes the call may return. */
	unsigned long long caller;
	/* The address of the call, then those of its callers; zeros follow the last one. */
	unsigned long long stack[STACK_DEPTH];
};

struct made {
	unsigned long long calls;
	unsigned long long vmas;
};

struct totals {
	/* How often a thread held the lock. */
	unsigned long long looked_at;
	/* How often a lock was missed, because there was no memory to remember the thread. */
	unsigned long long missed;
	/* VMAs that were not counted by their calls, because there were too many kinds of calls. */
	unsigned long long uncounted;
	/* Calls whose stack could not be read. */
	unsigned long long without_stack;
	/* VMAs that were not made by a known system call. */
	unsigned long long elsewhere;
};

#endif
