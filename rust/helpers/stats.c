// SPDX-License-Identifier: GPL-2.0
/* The counters of counts.h, and their sums over all CPUs. count.c increments the counters. */
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

u64 rust_vma_endings(unsigned int call, unsigned int ending)
{
	return rust_vma_sum(&rust_vma_counts.endings[call][ending]);
}

u64 rust_vma_blocked(unsigned int reason, unsigned int side)
{
	return rust_vma_sum(&rust_vma_counts.blocked[reason][side]);
}

u64 rust_vma_shadowed(unsigned int helper)
{
	return rust_vma_sum(&rust_vma_counts.shadowed[helper]);
}
