// SPDX-License-Identifier: GPL-2.0

//! The interface to C: finds a process, reads its VMAs, and performs the parts of the system calls besides merging and
//! splitting.
//!
//! ```text
//!   find.rs          a process and its address space
//!   asker.rs         the thread that asked a question about it
//!   look.rs          names, policies and paths, for people
//!   account.rs       limits, mapped pages, committed memory
//!   mapping.rs       mmap() and mremap()
//!   protection.rs    mprotect()
//!   name.rs          prctl(PR_SET_VMA)
//!   policy.rs        mbind()
//!   userfaultfd.rs   UFFDIO_REGISTER and UFFDIO_UNREGISTER
//! ```
//!
//! A process is changed while its mmap lock is held for write, which the [`Vma`] proves.

pub(crate) mod account;
pub(super) mod asker;
pub(crate) mod find;
pub(super) mod look;
pub(crate) mod mapping;
pub(super) mod name;
pub(super) mod policy;
pub(crate) mod protection;
pub(super) mod userfaultfd;

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

/// Returns whether a VMA with these flags maps data: private, writable memory that is not a stack. Answers to
/// `is_data_mapping()`.
fn is_data(flags: VmaFlags) -> bool {
    // SAFETY: The call only reads the flags.
    unsafe { bindings::rust_vma_is_data(&flags.into_raw()) }
}

/// Returns whether a VMA maps private memory without a file. Answers to `vma_is_anonymous()`.
pub(crate) fn is_anonymous(vma: &VmaRef) -> bool {
    // SAFETY: The VMA is valid.
    unsafe { bindings::rust_vma_is_anonymous(vma.as_ptr()) }
}

/// Returns the size of the pages of a VMA in bytes. For hugetlb, that is the size of a huge page.
pub(crate) fn page_size_of(vma: &VmaRef) -> usize {
    // SAFETY: The VMA is valid.
    unsafe { bindings::rust_vma_huge_page_size(vma.as_ptr()) }
}

/// Reports a VMA to perf, if it belongs to the calling process. Answers to `perf_event_mmap()`.
pub(crate) fn tell_perf(vma: &mut Vma<'_, '_>) {
    // SAFETY: The VMA is valid.
    unsafe { bindings::rust_vma_tell_perf(vma.as_raw()) };
}

/// Returns whether the caller is being killed. Answers to `fatal_signal_pending()`.
pub(crate) fn is_killed() -> bool {
    // SAFETY: The call only reads the state of the caller.
    unsafe { bindings::rust_vma_is_killed() }
}

/// Populates the locked memory in a range of a process, if possible.
///
/// Sleeps. The caller does not hold the mmap lock, which is taken for read and released repeatedly. Answers to
/// `mm_populate()`, which works on the calling process.
pub(crate) fn populate(process: &Process, range: Range) {
    // SAFETY: The mm and the task are valid.
    unsafe {
        bindings::rust_vma_populate(
            process.mm.as_raw(),
            process.task.as_ptr(),
            range.start(),
            range.end(),
        );
    }
}

/// Checks that `part` lies within the VMA. Fails with `EINVAL` otherwise.
fn within(vma: &VmaRef, part: Range) -> Result {
    if vma.extent().range.contains(part) {
        Ok(())
    } else {
        Err(EINVAL)
    }
}
