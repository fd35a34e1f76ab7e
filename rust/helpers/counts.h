/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The counters: how each call of the engine in Rust has ended, what has kept VMAs
 * from merging, and how many calls of each helper the shadow has watched. Each
 * processor counts by itself, and no counter is set back.
 * rust/report/sys/counters.rs and rust/hook/sys/shadow.rs check that there is room
 * for all that Rust counts.
 */
#ifndef RUST_VMA_COUNTS_H
#define RUST_VMA_COUNTS_H

#include <linux/percpu.h>

#include "bindings_helper.h"

enum {
	/* Of twelve helpers, by two callers. */
	RUST_VMA_KINDS_OF_CALLS = 24,
	RUST_VMA_HOOKED = 11,
	RUST_VMA_ENDINGS = 16,
	RUST_VMA_REASONS = 18,
	RUST_VMA_SIDES = 2,
};

struct rust_vma_counts {
	u64 endings[RUST_VMA_KINDS_OF_CALLS][RUST_VMA_ENDINGS];
	u64 blocked[RUST_VMA_REASONS][RUST_VMA_SIDES];
	u64 watched[RUST_VMA_HOOKED];
};

DECLARE_PER_CPU(struct rust_vma_counts, rust_vma_counts);

#endif /* RUST_VMA_COUNTS_H */
