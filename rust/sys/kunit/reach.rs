// SPDX-License-Identifier: GPL-2.0

//! Reaching behind the engine's types.

use crate::vma::sys::{
    bindings,
    VmaIter, //
};
use kernel::prelude::*;

/// What C calls an iterator.
pub(super) fn raw_iter(iter: &mut VmaIter<'_>) -> *mut bindings::vma_iterator {
    // `VmaIter` is laid out as a `vma_iterator`.
    core::ptr::from_mut(iter).cast()
}

/// The VMA with this number, counted from zero.
pub(super) fn nth(iter: &mut VmaIter<'_>, number: usize) -> Result<*mut bindings::vm_area_struct> {
    iter.set(0);
    for _ in 0..number {
        iter.find(usize::MAX).ok_or(EINVAL)?;
    }
    Ok(iter.find(usize::MAX).ok_or(EINVAL)?.as_raw())
}
