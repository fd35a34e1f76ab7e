// SPDX-License-Identifier: GPL-2.0

//! Huge pages.

use super::TestMm;
use crate::vma::sys::{
    bindings,
    MmapWriteGuard, //
};
use kernel::{
    error::to_result,
    prelude::*, //
};

/// Pages for hugetlbfs, there while this exists.
pub(crate) struct HugePages {
    before: isize,
}

impl HugePages {
    /// Makes sure that hugetlbfs has that many pages more than it has now.
    ///
    /// Only a user's thread can: those of the kernel do not see /proc.
    pub(crate) fn reserve(number: isize) -> Result<Self> {
        // SAFETY: There is nothing to hold.
        let before = unsafe { bindings::rust_vma_kunit_nr_hugepages() };
        if before < 0 {
            return Err(Error::from_errno(before as i32));
        }
        // SAFETY: As above.
        let now = unsafe {
            to_result(bindings::rust_vma_kunit_set_nr_hugepages(before + number))?;
            bindings::rust_vma_kunit_nr_hugepages()
        };
        let this = Self { before };
        if now < before + number {
            return Err(ENOMEM);
        }
        Ok(this)
    }
}

impl Drop for HugePages {
    fn drop(&mut self) {
        // SAFETY: As above.
        unsafe { bindings::rust_vma_kunit_set_nr_hugepages(self.before) };
    }
}

impl TestMm {
    /// Whether one transparent huge page is mapped at `addr` (bytes).
    pub(crate) fn is_huge(&self, addr: usize) -> Result<bool> {
        let _guard = MmapWriteGuard::lock_killable(self.mm())?;
        // SAFETY: The lock is held, so the page tables stay.
        Ok(unsafe { bindings::rust_vma_kunit_is_huge(self.mm().as_raw(), addr) })
    }
}
