// SPDX-License-Identifier: GPL-2.0

//! The parts of `prctl(PR_SET_VMA)` besides merging and splitting.

use crate::vma::sys::{
    bindings,
    Name,
    Vma,
    VmaRef, //
};
use core::ptr::{
    null_mut,
    NonNull, //
};
use kernel::prelude::*;

/// A name to give to VMAs.
///
/// # Invariants
///
/// `ptr` is a name to which we own a reference.
pub(crate) struct OwnedName {
    ptr: NonNull<bindings::anon_vma_name>,
}

impl OwnedName {
    /// Creates a name. Fails with `ENOMEM`, or with `EINVAL` on a kernel without CONFIG_ANON_VMA_NAME. Answers to
    /// `anon_vma_name_alloc()`.
    pub(crate) fn new(text: &CStr) -> Result<Self> {
        if !cfg!(CONFIG_ANON_VMA_NAME) {
            return Err(EINVAL);
        }
        // SAFETY: The text is a C string, which the callee copies.
        let name = unsafe { bindings::rust_vma_name_new(text.as_char_ptr()) };
        // INVARIANT: The callee returned a reference that is ours.
        Ok(Self {
            ptr: NonNull::new(name).ok_or(ENOMEM)?,
        })
    }

    fn raw(name: Option<&Self>) -> *mut bindings::anon_vma_name {
        name.map_or(null_mut(), |name| name.ptr.as_ptr())
    }

    /// Returns an optional name as the engine's type.
    pub(crate) fn of(name: Option<&Self>) -> Name<'_> {
        // SAFETY: The name is borrowed, and valid by the type invariant.
        unsafe { Name::from_raw(Self::raw(name)) }
    }
}

impl Drop for OwnedName {
    fn drop(&mut self) {
        // SAFETY: By the type invariant the reference is ours.
        unsafe { bindings::rust_vma_name_put(self.ptr.as_ptr()) };
    }
}

/// Returns whether a VMA may have a name. A VMA that maps a file may not, because the path already names it.
pub(crate) fn may_have_name(vma: &VmaRef) -> bool {
    // SAFETY: The VMA is valid.
    unsafe { bindings::rust_vma_may_have_name(vma.as_ptr()) }
}

/// Gives a VMA this name, or removes its name. Answers to `replace_anon_vma_name()`.
pub(crate) fn replace_name(vma: &mut Vma<'_, '_>, name: Option<&OwnedName>) {
    vma.start_write();
    // SAFETY: The VMA is valid and write-locked. The callee takes its own reference to the name.
    unsafe { bindings::rust_vma_replace_name(vma.as_raw(), OwnedName::raw(name)) };
}
