// SPDX-License-Identifier: GPL-2.0
/*
 * The counters of what the engine does: their home, and their sums. What counts
 * is in count.c.
 */
#include "counts.h"

DEFINE_PER_CPU(struct rust_vma_counts, rust_vma_counts);

static u64 rust_vma_sum(const u64 __percpu *counter)
{
	u64 sum = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		sum += *per_cpu_ptr(counter, cpu);
	return sum;
}

u64 rust_vma_endings(unsigned int helper, unsigned int ending)
{
	return rust_vma_sum(&rust_vma_counts.endings[helper][ending]);
}

u64 rust_vma_blocked(unsigned int reason, unsigned int side)
{
	return rust_vma_sum(&rust_vma_counts.blocked[reason][side]);
}

u64 rust_vma_served(unsigned int engine, unsigned int entry)
{
	return rust_vma_sum(&rust_vma_counts.served[engine][entry]);
}
