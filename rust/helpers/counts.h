/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How many calls C and its shadow have served, how each call of the engine in Rust
 * has ended, and what has kept VMAs from merging: counted for each processor by
 * itself, and never set back. rust/sys/stats.rs and rust/sys/live.rs check that
 * there is room for all that Rust counts.
 */
#ifndef RUST_VMA_COUNTS_H
#define RUST_VMA_COUNTS_H

#include <linux/percpu.h>

#include "bindings_helper.h"

enum {
	RUST_VMA_ENGINES = 3,
	RUST_VMA_ENTRIES = 6,
	RUST_VMA_HELPERS = 13,
	RUST_VMA_ENDINGS = 16,
	RUST_VMA_REASONS = 18,
	RUST_VMA_SIDES = 2,
};

struct rust_vma_counts {
	u64 served[RUST_VMA_ENGINES][RUST_VMA_ENTRIES];
	u64 endings[RUST_VMA_HELPERS][RUST_VMA_ENDINGS];
	u64 blocked[RUST_VMA_REASONS][RUST_VMA_SIDES];
};

DECLARE_PER_CPU(struct rust_vma_counts, rust_vma_counts);

#endif /* RUST_VMA_COUNTS_H */
