// SPDX-License-Identifier: GPL-2.0
/*
 * How each call of the engine has ended, and what has kept VMAs from merging:
 * counted for each processor by itself, and never set back. rust/sys/stats.rs
 * checks that there is room for all that Rust counts.
 */
#include <linux/percpu.h>

#include "bindings_helper.h"

enum {
	RUST_VMA_HELPERS = 13,
	RUST_VMA_ENDINGS = 16,
	RUST_VMA_REASONS = 19,
	RUST_VMA_SIDES = 2,
};

struct rust_vma_counts {
	u64 endings[RUST_VMA_HELPERS][RUST_VMA_ENDINGS];
	u64 blocked[RUST_VMA_REASONS][RUST_VMA_SIDES];
};

static DEFINE_PER_CPU(struct rust_vma_counts, rust_vma_counts);

void rust_vma_count_ending(unsigned int helper, unsigned int ending)
{
	this_cpu_inc(rust_vma_counts.endings[helper][ending]);
}

void rust_vma_count_blocked(unsigned int reason, unsigned int side)
{
	this_cpu_inc(rust_vma_counts.blocked[reason][side]);
}

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
