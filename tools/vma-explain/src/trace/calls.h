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
/* The most ranges of addresses that may have compiled code. */
#define MOST_RANGES 8
/* The words at the top of a stack among which addresses in compiled code are searched for. */
#define SEARCHED 512
/* Stands in a stack before the addresses that were found by a search. */
#define FOUND_BELOW 1
/* The most kinds of calls that are told apart. */
#define MOST_KINDS 8192
/* The most additional kinds that are told apart without their stacks. */
#define MOST_OTHERS 512

/* A range of addresses, which may be empty. */
struct range {
	unsigned long long start;
	unsigned long long size;
};

struct settings {
	/* The traced address space. */
	unsigned long long mm;
	/* The code that a just-in-time compiler has made. Empty ranges follow the last one. */
	struct range compiled[MOST_RANGES];
	/* The places of the arguments that are kept of each call; 6 stands for none. */
	unsigned char told[MOST_CALLS][TOLD_ARGUMENTS];
};

struct kind {
	/* The number of the call. */
	unsigned long long call;
	unsigned long long arguments[TOLD_ARGUMENTS];
	/* The address to which the function that makes the call may return. */
	unsigned long long caller;
	/*
	 * The address of the call, then those of its callers; zeros follow the last one. If no
	 * caller is compiled code, FOUND_BELOW follows the callers, and then the addresses in
	 * compiled code that lie on the stack.
	 */
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
