// SPDX-License-Identifier: GPL-2.0

//! Properties of a whole address space: the number of its VMAs, the limit on that number, and its end.

use super::{
    bindings,
    host::MmWithUser, //
};

/// Returns the number of VMAs in an address space. Answers to `map_count`.
pub(crate) fn map_count(mm: &MmWithUser) -> i32 {
    // SAFETY: The mm is valid. The call reads one integer.
    unsafe { bindings::rust_vma_map_count(mm.as_raw()) }
}

/// Returns the maximum number of VMAs of a process: `vm.max_map_count`. Answers to
/// `get_sysctl_max_map_count()`.
pub(crate) fn max_map_count() -> i32 {
    // SAFETY: The call reads one integer and needs no lock.
    unsafe { bindings::rust_vma_get_sysctl_max_map_count() }
}

/// Returns the end of an address space, in bytes. Answers to `task_size`.
pub(crate) fn address_space_end(mm: &MmWithUser) -> usize {
    // SAFETY: The mm is valid, and exec() sets the size before anyone else can find the mm.
    unsafe { bindings::rust_vma_address_space_end(mm.as_raw()) }
}
