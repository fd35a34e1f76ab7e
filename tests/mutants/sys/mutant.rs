// SPDX-License-Identifier: GPL-2.0

//! The mutant that is on. Only in the module that `scripts/mutants --guest` builds.

extern "C" {
    fn rust_vma_mutant(number: u32) -> bool;
}

/// Whether this mutant is on.
pub(crate) fn is_on(number: u32) -> bool {
    // SAFETY: The callee reads and writes its own variables, whoever calls it.
    unsafe { rust_vma_mutant(number) }
}
