// SPDX-License-Identifier: GPL-2.0

//! Files to map.

use super::{
    facts::{
        Facts,
        What, //
    },
    flaw::while_false, //
};
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

    /// Takes another reference to it.
    pub(crate) fn again(&self) -> Self {
        // SAFETY: The file is valid by the type invariant.
        unsafe { bindings::rust_vma_kunit_get_file(self.as_raw()) };
        // INVARIANT: It was taken just above.
        Self {
            ptr: self.ptr,
            is_driver: self.is_driver,
        }
    }

    /// Notes what can be seen of it, as that of file `number`; while one thing is false, if so wanted.
    pub(crate) fn note(&self, number: usize, facts: &mut Facts, flaw: Option<What>) -> Result {
        let file = self.as_raw();
        let mut note = || {
            // SAFETY: The file is valid by the type invariant.
            let (references, writers) = unsafe {
                (
                    bindings::rust_vma_kunit_file_count(file),
                    bindings::rust_vma_kunit_file_writers(file),
                )
            };
            facts.note(What::FileReferences, number, references)?;
            facts.note(What::FileWriters, number, writers as usize)?;
            if self.is_driver {
                // SAFETY: As above, and it is our driver's.
                let (opened, closed) = unsafe {
                    (
                        bindings::rust_vma_kunit_driver_opened(file),
                        bindings::rust_vma_kunit_driver_closed(file),
                    )
                };
                facts.note(What::FileOpened, number, opened as usize)?;
                facts.note(What::FileClosed, number, closed as usize)?;
            }
            Ok(())
        };
        match flaw {
            // SAFETY: As above; tests say nothing of drivers but of our driver's file.
            Some(what) => unsafe { while_false(what, file.cast(), note) },
            None => note(),
        }
    }
}

impl Drop for TestFile {
    fn drop(&mut self) {
        // SAFETY: By the type invariant the reference is ours.
        unsafe { bindings::rust_vma_kunit_fput(self.as_raw()) };
    }
}
