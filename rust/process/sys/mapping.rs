// SPDX-License-Identifier: GPL-2.0

//! The parts of `mmap()` and `mremap()` besides merging and splitting, for private anonymous memory.

use super::protection::Protection;
use crate::vma::{
    extent::Range,
    flags::{
        VmaFlags,
        KIND,
        SPECIAL, //
    },
    sys::{
        address_space_end,
        bindings,
        Vma,
        VmaIter,
        VmaRef, //
    },
};
use core::ptr::NonNull;
use kernel::{
    error::to_result,
    mm::MmWithUser,
    prelude::*,
    task::Task, //
};

/// Returns the flags that private anonymous memory is mapped with.
///
/// Fails with `EOPNOTSUPP` if that needs a protection key that only the process itself can create.
pub(crate) fn flags_mapped(mm: &MmWithUser, protection: Protection) -> Result<VmaFlags> {
    let mut flags = VmaFlags::EMPTY.into_raw();
    // SAFETY: The mm is valid.
    to_result(unsafe {
        bindings::rust_vma_flags_mapped(mm.as_raw(), protection.into_raw(), &mut flags)
    })?;
    Ok(VmaFlags::from_raw(flags))
}

/// Checks that the security modules allow memory with this protection at `addr` (bytes). Fails with their errno.
/// Answers to `security_mmap_file()` and `security_mmap_addr()`.
pub(crate) fn security_allows(addr: usize, protection: Protection) -> Result {
    // SAFETY: The call has no requirements.
    to_result(unsafe {
        bindings::rust_vma_security_allows_mapping(addr, protection.into_raw())
        //
    })
}

/// Checks that the security modules allow a process to map memory at `addr` (bytes). Fails with their errno. Answers to
/// `security_mmap_addr()`, called by the process itself.
pub(crate) fn security_allows_address(task: &Task, addr: usize) -> Result {
    // SAFETY: The task is valid.
    to_result(unsafe { bindings::rust_vma_security_allows_address(task.as_ptr(), addr) })
}

/// Returns whether one `mremap()` may move a VMA together with others, if no userfaultfd is notified of the move.
/// Answers to `vma_multi_allowed()`.
pub(crate) fn moves_with_others(vma: &VmaRef) -> bool {
    // SAFETY: The VMA is valid, and holds a reference to its file.
    unsafe { bindings::rust_vma_moves_with_others(vma.as_ptr()) }
}

/// Maps private anonymous memory in a free range as a separate VMA, and charges for it.
///
/// Sleeps. Fails with `ENOMEM`, also if the range is not free or lies beyond the end of the address space. Answers to
/// `insert_vm_struct()`.
pub(crate) fn insert_anonymous<'i, 'g>(
    iter: &'i mut VmaIter<'g>,
    range: Range,
    flags: VmaFlags,
) -> Result<Vma<'i, 'g>> {
    // The memory is private and anonymous even if the flags say otherwise.
    let flags = flags.without(SPECIAL.union(KIND));
    let mm = iter.mm();
    if range.end() > address_space_end(&mm) {
        return Err(ENOMEM);
    }
    // SAFETY: The mm is valid, its mmap lock is held for write, and the range is part of the address space.
    let vma = NonNull::new(unsafe {
        bindings::rust_vma_insert_anonymous(
            mm.as_raw(),
            range.start(),
            range.end(),
            &flags.into_raw(),
        )
    });
    // The callee changed the tree with another iterator, so the position of this one is stale.
    iter.set(range.start());
    // SAFETY: The VMA was just put into the tree, and the borrow of the iterator prevents other handles to it.
    vma.map(|vma| unsafe { Vma::from_raw(vma) }).ok_or(ENOMEM)
}

/// Marks a VMA that has gained memory as soft-dirty, and updates its page protection. Answers to the last steps of
/// `__mmap_complete()`.
pub(crate) fn mark_new(vma: &mut Vma<'_, '_>) {
    vma.start_write();
    // SAFETY: The VMA is valid and write-locked.
    unsafe {
        bindings::rust_vma_mark_new(vma.as_raw());
        bindings::rust_vma_set_page_prot(vma.as_raw());
    }
}
