// SPDX-License-Identifier: GPL-2.0

//! Files to map.

use crate::vma::sys::bindings;
use core::ptr::NonNull;
use kernel::{
    error::from_err_ptr,
    prelude::*, //
};

/// A file that can be mapped.
///
/// # Invariants
///
/// `ptr` is a file of which we own a reference; it is our driver's if `is_driver` says so.
pub(crate) struct TestFile {
    ptr: NonNull<bindings::file>,
    is_driver: bool,
}

/// What can be seen of a file.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct SeenFile {
    /// The references to it: ours, and one for each VMA that maps it.
    pub(crate) references: usize,
    /// How many of its mappings may write to it.
    writers: i32,
    /// How many mappings its driver has seen opened and closed, if it is ours.
    driver: Option<(i32, i32)>,
}

impl TestFile {
    /// An empty file in memory, of that many bytes.
    pub(crate) fn new(size: usize) -> Result<Self> {
        // SAFETY: There is nothing to hold.
        Self::own(unsafe { bindings::rust_vma_kunit_file(size as i64) }, false)
    }

    /// A file whose driver wants to see mappings closed, if they start at its eighth page or later.
    pub(crate) fn closing() -> Result<Self> {
        // SAFETY: There is nothing to hold.
        Self::own(unsafe { bindings::rust_vma_kunit_driver_file() }, true)
    }

    /// A file of hugetlbfs, of that many bytes.
    pub(crate) fn huge(size: usize) -> Result<Self> {
        // SAFETY: There is nothing to hold.
        Self::own(
            unsafe { bindings::rust_vma_kunit_hugetlb_file(size) },
            false,
        )
    }

    /// Takes over a file that was just made.
    fn own(file: *mut bindings::file, is_driver: bool) -> Result<Self> {
        let file = from_err_ptr(file)?;
        // INVARIANT: The callee made it for us.
        Ok(Self {
            ptr: NonNull::new(file).ok_or(ENOMEM)?,
            is_driver,
        })
    }

    pub(super) fn as_raw(&self) -> *mut bindings::file {
        self.ptr.as_ptr()
    }

    /// Looks at it.
    pub(crate) fn look(&self) -> SeenFile {
        let file = self.as_raw();
        // SAFETY: The file is valid, and our driver's if we say so, by the type invariant.
        unsafe {
            SeenFile {
                references: bindings::rust_vma_kunit_file_count(file),
                writers: bindings::rust_vma_kunit_file_writers(file),
                driver: self.is_driver.then(|| {
                    (
                        bindings::rust_vma_kunit_driver_opened(file),
                        bindings::rust_vma_kunit_driver_closed(file),
                    )
                }),
            }
        }
    }
}

impl Drop for TestFile {
    fn drop(&mut self) {
        // SAFETY: By the type invariant the reference is ours.
        unsafe { bindings::rust_vma_kunit_fput(self.as_raw()) };
    }
}
