// SPDX-License-Identifier: GPL-2.0

//! What something costs.

use crate::vma::sys::bindings;

/// How long it takes to do this so often, in ticks of the processor's counter.
pub(crate) fn ticks(act: extern "C" fn(), times: u32) -> u64 {
    // SAFETY: Calls what may be called by anybody.
    unsafe { bindings::rust_vma_kunit_ticks(Some(act), times) }
}

/// Nothing, and what it takes to get there and back.
pub(crate) extern "C" fn no_instructions() {
    // SAFETY: They do nothing.
    unsafe { bindings::rust_vma_kunit_no_instructions() }
}

/// As many, and a thousand more.
pub(crate) extern "C" fn thousand_instructions() {
    // SAFETY: They do nothing.
    unsafe { bindings::rust_vma_kunit_thousand_instructions() }
}
