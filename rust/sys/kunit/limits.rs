// SPDX-License-Identifier: GPL-2.0

//! Limits that hold for a while.

use crate::vma::sys::bindings;

/// A limit on the number of VMAs that holds while this exists.
pub(crate) struct MaxMapCount {
    before: i32,
}

impl MaxMapCount {
    /// Sets `vm.max_map_count`.
    pub(crate) fn set(count: i32) -> Self {
        let before = crate::vma::sys::max_map_count();
        // SAFETY: Writes an integer. Others may see it: tests run alone.
        unsafe { bindings::rust_vma_kunit_set_max_map_count(count) };
        Self { before }
    }
}

impl Drop for MaxMapCount {
    fn drop(&mut self) {
        // SAFETY: As above.
        unsafe { bindings::rust_vma_kunit_set_max_map_count(self.before) };
    }
}
