// SPDX-License-Identifier: GPL-2.0

//! The active mutant. This file is only part of the module that `scripts/mutants --guest` builds.

extern "C" {
    fn rust_vma_mutant(number: u32) -> bool;
}

/// Returns whether this mutant is active.
pub(crate) fn is_on(number: u32) -> bool {
    // SAFETY: The callee only reads and writes its own variables.
    unsafe { rust_vma_mutant(number) }
}
