// SPDX-License-Identifier: GPL-2.0
/*
 * Counting the engine's calls, on the way of every one of them.
 */
#include "counts.h"

void rust_vma_count_watched(unsigned int helper)
{
	this_cpu_inc(rust_vma_counts.watched[helper]);
}

/*
 * A call has ended; these reasons, or RUST_VMA_REASONS for none, have kept the VMAs
 * on either side from joining. To stay on a processor takes longer than to count
 * there, so it is done once for all.
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
