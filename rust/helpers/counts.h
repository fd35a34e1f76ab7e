/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The counters: how each call has ended that the engine in Rust has decided, and why
 * VMAs have not merged. Each processor has its own counters, and none is reset.
 * rust/report/sys/counters.rs checks that there is room for each member of the
 * vocabularies in Rust.
 */
#ifndef RUST_VMA_COUNTS_H
#define RUST_VMA_COUNTS_H

#include <linux/percpu.h>

#include "bindings_helper.h"

enum {
	/* Those that are hooked, and the one that Linux 7.3 has split. */
	RUST_VMA_HELPERS = NR_VMA_HOOK_HELPERS + 1,
	/* Those of the kernel that Rust has served, and all others. */
	RUST_VMA_KINDS_OF_CALLS = RUST_VMA_HELPERS * 2,
	RUST_VMA_ENDINGS = 16,
	/* As many rules as Rust has room for in its sets of them, and close hooks. */
	RUST_VMA_REASONS = 33,
	RUST_VMA_SIDES = 2,
};

struct rust_vma_counts {
	u64 endings[RUST_VMA_KINDS_OF_CALLS][RUST_VMA_ENDINGS];
	u64 blocked[RUST_VMA_REASONS][RUST_VMA_SIDES];
	/* The calls of the kernel that C has served beside the shadow. */
	u64 shadowed[RUST_VMA_HELPERS];
};

DECLARE_PER_CPU(struct rust_vma_counts, rust_vma_counts);

#endif /* RUST_VMA_COUNTS_H */
