/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The counters of the calls that the Rust engine decided, by ending, and of the reasons why VMAs
 * have not merged. The counters are per CPU, and are never reset. rust/report/sys/counters.rs
 * checks that there is room for each member of the Rust vocabularies.
 */
#ifndef RUST_VMA_COUNTS_H
#define RUST_VMA_COUNTS_H

#include <linux/percpu.h>

#include "bindings_helper.h"

enum {
	/* The hooked helpers, and the helper that Linux 7.3 has split. */
	RUST_VMA_HELPERS = NR_VMA_HOOK_HELPERS + 1,
	/* The kernel's calls that Rust has executed, and all other calls. */
	RUST_VMA_KINDS_OF_CALLS = RUST_VMA_HELPERS * 2,
	RUST_VMA_ENDINGS = 16,
	/* The number of rules that fit into Rust's sets of rules, plus one for close hooks. */
	RUST_VMA_REASONS = 33,
	RUST_VMA_SIDES = 2,
};

struct rust_vma_counts {
	u64 endings[RUST_VMA_KINDS_OF_CALLS][RUST_VMA_ENDINGS];
	u64 blocked[RUST_VMA_REASONS][RUST_VMA_SIDES];
	/* The kernel's calls that C has executed with Rust as its shadow. */
	u64 shadowed[RUST_VMA_HELPERS];
};

DECLARE_PER_CPU(struct rust_vma_counts, rust_vma_counts);

#endif /* RUST_VMA_COUNTS_H */
