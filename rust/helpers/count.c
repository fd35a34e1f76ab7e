// SPDX-License-Identifier: GPL-2.0
/* Counts the engine's calls. Every call runs this code. */
#include "counts.h"

void rust_vma_count_shadowed(unsigned int helper)
{
	this_cpu_inc(rust_vma_counts.shadowed[helper]);
}

/*
 * Counts a call by its ending, and the reasons why the VMAs on both sides did not merge.
 * RUST_VMA_REASONS means that there is no reason. Disabling preemption costs more than an
 * increment, so preemption is disabled once for all increments.
 */
void rust_vma_count_call(unsigned int call, unsigned int ending,
			 unsigned int prev, unsigned int next)
{
	preempt_disable();
	__this_cpu_inc(rust_vma_counts.endings[call][ending]);
	if (prev != RUST_VMA_REASONS)
		__this_cpu_inc(rust_vma_counts.blocked[prev][0]);
	if (next != RUST_VMA_REASONS)
		__this_cpu_inc(rust_vma_counts.blocked[next][1]);
	preempt_enable();
}
