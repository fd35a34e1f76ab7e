// SPDX-License-Identifier: GPL-2.0

//! The limits of a process, and counts of the memory that it has mapped.

use super::is_data;
use crate::vma::{
    flags::{
        self,
        VmaFlags, //
    },
    host::PAGE_SHIFT,
    sys::{
        bindings,
        Vma, //
    },
};
use core::cell::Cell;
use kernel::{
    error::to_result,
    mm::MmWithUser,
    prelude::*,
    task::Task, //
};

/// The limits of a process, in pages.
#[derive(Clone, Copy)]
pub(crate) struct Limits {
    /// `RLIMIT_AS`.
    total: usize,
    /// `RLIMIT_DATA`.
    data: usize,
    /// The hard limit behind `data`, used only if `data` is zero, because a program may raise its soft limit again.
    instead_of_no_data: Option<usize>,
    /// `RLIMIT_MEMLOCK`.
    locked: usize,
}

impl Limits {
    /// Returns the limits of a process.
    pub(crate) fn of(task: &Task) -> Self {
        let task = task.as_ptr();
        // SAFETY: The task is valid.
        let (total, data, highest_data, locked) = unsafe {
            (
                bindings::rust_vma_limit(task, bindings::RLIMIT_AS),
                bindings::rust_vma_limit(task, bindings::RLIMIT_DATA),
                bindings::rust_vma_highest_limit(task, bindings::RLIMIT_DATA),
                bindings::rust_vma_limit(task, bindings::RLIMIT_MEMLOCK),
            )
        };
        Self {
            total: total >> PAGE_SHIFT,
            data: data >> PAGE_SHIFT,
            instead_of_no_data: (data == 0).then_some(highest_data >> PAGE_SHIFT),
            locked: locked >> PAGE_SHIFT,
        }
    }

    /// Returns whether a process that has `mapped` these pages may map `pages` more with these flags. Answers to
    /// `may_expand_vm()`, which checks the calling process.
    pub(crate) fn allow(&self, mapped: &Mapped, flags: VmaFlags, pages: usize) -> bool {
        let data = self.instead_of_no_data.unwrap_or(self.data);
        mapped.total.saturating_add(pages) <= self.total
            && (!is_data(flags) || mapped.data.get().saturating_add(pages) <= data)
    }

    /// Returns whether a process that has `mapped` these pages may lock `pages` more: within its limit, or beyond it
    /// if the caller may lock any amount. Answers to `mlock_future_ok()`, which checks the calling process.
    pub(crate) fn allow_locked(&self, mapped: &Mapped, pages: usize) -> bool {
        mapped.locked.saturating_add(pages) <= self.locked
            // SAFETY: The call only checks the caller's capabilities.
            || unsafe { bindings::capable(bindings::CAP_IPC_LOCK as i32) }
    }
}

/// The number of pages that a process has mapped, kept up to date during one command.
#[derive(Clone)]
pub(crate) struct Mapped {
    total: usize,
    data: Cell<usize>,
    locked: usize,
}

impl Mapped {
    /// Reads the numbers from an address space.
    pub(crate) fn of(mm: &MmWithUser) -> Self {
        let mm = mm.as_raw();
        // SAFETY: The mm is valid. munmap() updates the counts while it holds the mmap lock for read, so the counts may
        // change concurrently. Each count is read in one access.
        let (total, data, locked) = unsafe {
            (
                (&raw const (*mm).__bindgen_anon_1.total_vm).read_volatile(),
                (&raw const (*mm).__bindgen_anon_1.data_vm).read_volatile(),
                (&raw const (*mm).__bindgen_anon_1.locked_vm).read_volatile(),
            )
        };
        Self {
            total,
            data: Cell::new(data),
            locked,
        }
    }

    /// Adds `pages` pages that are mapped with these flags.
    pub(crate) fn add(&mut self, pages: usize, flags: VmaFlags) {
        self.total = self.total.saturating_add(pages);
        if flags.contains(flags::LOCK) {
            self.locked = self.locked.saturating_add(pages);
        }
        self.count(pages, VmaFlags::EMPTY, flags);
    }

    /// Subtracts `pages` pages that were mapped with these flags.
    pub(crate) fn take(&mut self, pages: usize, flags: VmaFlags) {
        self.total = self.total.saturating_sub(pages);
        if flags.contains(flags::LOCK) {
            self.locked = self.locked.saturating_sub(pages);
        }
        self.count(pages, flags, VmaFlags::EMPTY);
    }

    /// Updates the count for `pages` pages whose flags change from `before` to `after`.
    pub(crate) fn count(&self, pages: usize, before: VmaFlags, after: VmaFlags) {
        let mut data = self.data.get();
        if is_data(before) {
            data = data.saturating_sub(pages);
        }
        if is_data(after) {
            data = data.saturating_add(pages);
        }
        self.data.set(data);
    }
}

/// A charge for pages against the limit on committed memory. Dropping it gives the charge back.
///
/// # Invariants
///
/// `pages` pages are charged.
#[must_use = "the charge is given back at once"]
pub(crate) struct Charge {
    pages: usize,
}

impl Charge {
    /// Charges pages to a process.
    ///
    /// Fails with `ENOMEM` if the overcommit limit forbids it. Answers to
    /// `security_vm_enough_memory_mm()`.
    pub(crate) fn new(mm: &MmWithUser, pages: usize) -> Result<Self> {
        if pages == 0 {
            // INVARIANT: No page is charged.
            return Ok(Self { pages });
        }
        // SAFETY: The mm is valid.
        to_result(unsafe { bindings::rust_vma_charge(mm.as_raw(), pages) })?;
        // INVARIANT: The pages were charged just above.
        Ok(Self { pages })
    }

    /// Charges pages with these flags, if the flags contain `VM_ACCOUNT`. Fails as [`new`](Self::new) does.
    pub(crate) fn if_accounted(mm: &MmWithUser, flags: VmaFlags, pages: usize) -> Result<Self> {
        Self::new(
            mm,
            if flags.contains(flags::ACCOUNT) {
                pages
            } else {
                0
            },
        )
    }

    /// Leaves the charge to the VMA, which gives it back on unmap.
    pub(crate) fn keep(self) {
        core::mem::forget(self);
    }
}

impl Drop for Charge {
    fn drop(&mut self) {
        if self.pages > 0 {
            uncharge(self.pages);
        }
    }
}

/// Gives back the charge for pages of a VMA. Answers to `vm_unacct_memory()`.
pub(crate) fn uncharge(pages: usize) {
    // SAFETY: The call only changes counters.
    unsafe { bindings::rust_vma_uncharge(pages) };
}

/// Updates the counts of a process for `pages` pages whose flags change from `before` to `after`. Answers to
/// `vm_stat_account()`.
pub(crate) fn recount(vma: &mut Vma<'_, '_>, before: VmaFlags, after: VmaFlags, pages: usize) {
    let pages = pages as isize;
    let mm = vma.mm_raw();
    // SAFETY: The mm of a valid VMA is valid.
    unsafe {
        bindings::rust_vma_count_mapped(mm, &before.into_raw(), pages.wrapping_neg());
        bindings::rust_vma_count_mapped(mm, &after.into_raw(), pages);
    }
}

/// Counts `pages` pages that were mapped with these flags. Answers to `vm_stat_account()`.
pub(crate) fn count(vma: &mut Vma<'_, '_>, flags: VmaFlags, pages: usize) {
    // SAFETY: The mm of a valid VMA is valid.
    unsafe {
        bindings::rust_vma_count_mapped(vma.mm_raw(), &flags.into_raw(), pages as isize);
    }
}

/// Counts `pages` pages that were locked in memory. Answers to `locked_vm`.
pub(crate) fn count_locked(vma: &mut Vma<'_, '_>, pages: usize) {
    // SAFETY: The mm of a valid VMA is valid, and its mmap lock is held for write.
    let locked = unsafe { &mut (*vma.mm_raw()).__bindgen_anon_1.locked_vm };
    *locked = locked.wrapping_add(pages);
}
