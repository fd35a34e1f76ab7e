// SPDX-License-Identifier: GPL-2.0
/*
 * The counters of what the engine does: their home, and their sums. What counts
 * is in count.c.
 */
#include "counts.h"

DEFINE_PER_CPU(struct rust_vma_counts, rust_vma_counts);

u64 rust_vma_endings(unsigned int helper, unsigned int ending)
{
	u64 sum = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		sum += per_cpu(rust_vma_counts, cpu).endings[helper][ending];
	return sum;
}

u64 rust_vma_blocked(unsigned int reason, unsigned int side)
{
	u64 sum = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		sum += per_cpu(rust_vma_counts, cpu).blocked[reason][side];
	return sum;
}

u64 rust_vma_served(unsigned int engine, unsigned int entry)
{
	u64 sum = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		sum += per_cpu(rust_vma_counts, cpu).served[engine][entry];
	return sum;
}
