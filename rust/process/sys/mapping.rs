// SPDX-License-Identifier: GPL-2.0

//! The duties of `mmap()` and `mremap()`, for private anonymous memory.

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
/// Fails with `EOPNOTSUPP` if it takes a protection key that only the process itself can make.
pub(crate) fn flags_mapped(mm: &MmWithUser, protection: Protection) -> Result<VmaFlags> {
    let mut flags = VmaFlags::EMPTY.into_raw();
    // SAFETY: The mm is valid.
    to_result(unsafe {
        bindings::rust_vma_flags_mapped(mm.as_raw(), protection.into_raw(), &mut flags)
    })?;
    Ok(VmaFlags::from_raw(flags))
}

/// Asks the security module about memory with this protection at `addr` (bytes). Fails with its errno. Answers
/// to `security_mmap_file()` and `security_mmap_addr()`.
pub(crate) fn security_allows(addr: usize, protection: Protection) -> Result {
    // SAFETY: There is nothing to hold.
    to_result(unsafe {
        bindings::rust_vma_security_allows_mapping(addr, protection.into_raw())
        //
    })
}

/// Asks the security module whether a process may map memory at `addr` (bytes), whatever that is. Fails with its errno.
/// Answers to `security_mmap_addr()`, called by the process itself.
pub(crate) fn security_allows_address(task: &Task, addr: usize) -> Result {
    // SAFETY: The task is valid.
    to_result(unsafe { bindings::rust_vma_security_allows_address(task.as_ptr(), addr) })
}

/// Whether one `mremap()` may move a VMA together with others, if no userfaultfd is told of it. Answers to
/// `vma_multi_allowed()`.
pub(crate) fn moves_with_others(vma: &VmaRef) -> bool {
    // SAFETY: The VMA is valid, and holds a reference to its file.
    unsafe { bindings::rust_vma_moves_with_others(vma.as_ptr()) }
}

/// Maps private anonymous memory in a free range, as a separate VMA, and charges for it.
///
/// Sleeps. Fails with `ENOMEM`, also if the range is not free or lies beyond the end of the address space.
/// Answers to `insert_vm_struct()`.
pub(crate) fn insert_anonymous<'i, 'g>(
    iter: &'i mut VmaIter<'g>,
    range: Range,
    flags: VmaFlags,
) -> Result<Vma<'i, 'g>> {
    // It is private anonymous memory, whatever the flags say.
    let flags = flags.without(SPECIAL.union(KIND));
    let mm = iter.mm();
    if range.end() > address_space_end(&mm) {
        return Err(ENOMEM);
    }
    // SAFETY: The mm is valid, its lock held for write, and the range part of the address space.
    let vma = NonNull::new(unsafe {
        bindings::rust_vma_insert_anonymous(
            mm.as_raw(),
            range.start(),
            range.end(),
            &flags.into_raw(),
        )
    });
    // The tree was changed behind the back of this iterator.
    iter.set(range.start());
    // SAFETY: The VMA was just put into the tree, and the borrow of the iterator keeps others away.
    vma.map(|vma| unsafe { Vma::from_raw(vma) }).ok_or(ENOMEM)
}

/// Marks a VMA that has gained memory as written to. Answers to the last steps of `__mmap_complete()`.
pub(crate) fn mark_new(vma: &mut Vma<'_, '_>) {
    vma.start_write();
    // SAFETY: The VMA is valid and write-locked.
    unsafe {
        bindings::rust_vma_mark_new(vma.as_raw());
        bindings::rust_vma_set_page_prot(vma.as_raw());
    }
}
