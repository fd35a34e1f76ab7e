// SPDX-License-Identifier: GPL-2.0
/*
 * Counting what the engine does, in the way of every call.
 */
#include "counts.h"

void rust_vma_count_served(unsigned int engine, unsigned int entry)
{
	this_cpu_inc(rust_vma_counts.served[engine][entry]);
}

void rust_vma_count_ending(unsigned int helper, unsigned int ending)
{
	this_cpu_inc(rust_vma_counts.endings[helper][ending]);
}

void rust_vma_count_blocked(unsigned int reason, unsigned int side)
{
	this_cpu_inc(rust_vma_counts.blocked[reason][side]);
}
