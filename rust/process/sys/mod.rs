// SPDX-License-Identifier: GPL-2.0

//! What `ctl` does to a process besides merging and splitting: the other duties of the system calls
//! that it stands in for.
//!
//! All of it happens under the mmap lock of the process, held for write, as the [`Vma`] shows.

pub(crate) mod account;
pub(crate) mod find;
pub(crate) mod mapping;
pub(crate) mod name;
pub(crate) mod policy;
pub(crate) mod protection;
pub(crate) mod userfaultfd;

use self::find::Process;
use crate::vma::{
    compat::Attributes,
    extent::Range,
    flags::VmaFlags,
    sys::{
        bindings,
        Vma,
        VmaRef, //
    },
};
use kernel::prelude::*;

/// Whether `flags` is what a VMA maps data with: private and writable, and no stack. Answers to
/// `is_data_mapping()`.
fn is_data(flags: VmaFlags) -> bool {
    // SAFETY: Looks at the flags alone.
    unsafe { bindings::rust_vma_is_data(&flags.into_raw()) }
}

/// Whether a VMA maps memory without a file, of its process alone. Answers to `vma_is_anonymous()`.
pub(crate) fn is_anonymous(vma: &VmaRef) -> bool {
    // SAFETY: The VMA is valid.
    unsafe { bindings::rust_vma_is_anonymous(vma.as_ptr()) }
}

/// The size of the pages of a VMA that has huge ones, in bytes; else that of all pages.
pub(crate) fn page_size_of(vma: &VmaRef) -> usize {
    // SAFETY: The VMA is valid.
    unsafe { bindings::rust_vma_huge_page_size(vma.as_ptr()) }
}

/// Tells perf of what a VMA maps now, if it is the calling process's own. Answers to
/// `perf_event_mmap()`.
pub(crate) fn tell_perf(vma: &mut Vma<'_>) {
    // SAFETY: The VMA is valid.
    unsafe { bindings::rust_vma_tell_perf(vma.as_raw()) };
}

/// Makes what is locked in a range of a process present, as far as that can be done; whoever locks memory
/// does not ask how far.
///
/// Sleeps. The caller does not hold the mmap lock: it is taken for read, and released now and then. Answers
/// to `mm_populate()`, which works on the calling process.
pub(crate) fn populate(process: &Process, range: Range) {
    // SAFETY: Mm and task are valid.
    unsafe {
        bindings::rust_vma_populate(
            process.mm.as_raw(),
            process.task.as_ptr(),
            range.start(),
            range.end(),
        );
    }
}

/// Fails with `EINVAL` if that is not a part of the VMA.
fn within(vma: &VmaRef, part: Range) -> Result {
    if vma.extent().range.contains(part) {
        Ok(())
    } else {
        Err(EINVAL)
    }
}
