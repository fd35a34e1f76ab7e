// SPDX-License-Identifier: GPL-2.0

//! The parts of `UFFDIO_REGISTER` and `UFFDIO_UNREGISTER` besides merging and splitting.

use super::within;
use crate::{
    refusal::refusals,
    vma::{
        extent::Range,
        flags::VmaFlags,
        sys::{
            bindings,
            Site,
            UserfaultfdContext,
            Vma,
            VmaRef, //
        },
    },
};
use core::ptr::{
    null_mut,
    NonNull, //
};
use kernel::{
    mm::MmWithUser,
    prelude::*,
    task::Task, //
};

/// A set of faults that a userfaultfd is notified of.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Modes(u32);

impl Modes {
    /// No fault.
    pub(crate) const NONE: Self = Self(0);
    /// Accesses to missing pages.
    pub(crate) const MISSING: Self = Self(bindings::RUST_VMA_MODE_MISSING);
    /// Writes to pages that the userfaultfd has protected.
    pub(crate) const WRITE_PROTECT: Self = Self(bindings::RUST_VMA_MODE_WRITE_PROTECT);
    /// Accesses to pages that are in the page cache and not mapped.
    pub(crate) const MINOR: Self = Self(bindings::RUST_VMA_MODE_MINOR);

    /// Accesses to pages that the userfaultfd has protected. No command requests this mode, but other programs may
    /// have requested it.
    const ACCESS_PROTECT: Self = Self(bindings::RUST_VMA_MODE_ACCESS_PROTECT);

    /// The modes that protect pages.
    pub(crate) const PROTECTING: Self = Self::WRITE_PROTECT.and(Self::ACCESS_PROTECT);

    /// Returns the union of both sets.
    pub(crate) const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Returns whether every fault of `other` is in this set.
    pub(crate) const fn has(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// Returns the flags of a VMA that is registered for these faults.
    pub(crate) fn flags(self) -> VmaFlags {
        let mut flags = VmaFlags::EMPTY.into_raw();
        // SAFETY: The call only writes the flags.
        unsafe { bindings::rust_vma_flags_of_modes(self.0, &mut flags) };
        VmaFlags::from_raw(flags)
    }
}

/// Returns every flag that a registered VMA may have.
pub(crate) fn all_flags() -> VmaFlags {
    let mut flags = VmaFlags::EMPTY.into_raw();
    // SAFETY: The call only writes the flags.
    unsafe { bindings::rust_vma_all_userfaultfd_flags(&mut flags) };
    VmaFlags::from_raw(flags)
}

/// A userfaultfd that a process holds.
///
/// # Invariants
///
/// `file` is a userfaultfd to which we own a reference, and `ctx` is its context.
pub(crate) struct Userfaultfd {
    file: NonNull<bindings::file>,
    ctx: NonNull<bindings::userfaultfd_ctx>,
}

refusals! {
    /// The reason why a descriptor cannot be used.
    pub(crate) enum BadDescriptor {
        NotOpen(number: u32) => EBADF, ("the process has no descriptor {number}"),
        NotReady(number: u32) => EINVAL, (
            "its descriptor {number} is not a userfaultfd on which UFFDIO_API was called"
        ),
        OtherAddressSpace(number: u32) => EINVAL, (
            "its descriptor {number} is a userfaultfd for another address space; \
             a child has to open its own userfaultfd"
        ),
        NoSuchModes(number: u32) => EINVAL, (
            "the kernel, or the userfaultfd of descriptor {number}, does not support that"
        ),
    }
}

impl Userfaultfd {
    /// Finds the userfaultfd behind a descriptor of a process. Answers to `fget_task_next()`.
    pub(crate) fn of(task: &Task, descriptor: u32) -> Result<Self, BadDescriptor> {
        // SAFETY: The task is valid.
        let file = unsafe { bindings::rust_vma_file_of(task.as_ptr(), descriptor) };
        let file = NonNull::new(file).ok_or(BadDescriptor::NotOpen(descriptor))?;
        // SAFETY: The file is valid, because the callee took a reference for us.
        let ctx = NonNull::new(unsafe { bindings::rust_vma_context_of(file.as_ptr()) });
        let Some(ctx) = ctx else {
            // SAFETY: The reference is ours.
            unsafe { bindings::fput(file.as_ptr()) };
            return Err(BadDescriptor::NotReady(descriptor));
        };
        // INVARIANT: The reference is ours, and `ctx` is the context of the file.
        Ok(Self { file, ctx })
    }

    /// Returns whether the userfaultfd belongs to this address space. A userfaultfd that was inherited by fork does
    /// not.
    pub(crate) fn is_for(&self, mm: &MmWithUser) -> bool {
        // SAFETY: The context is valid as long as the file is.
        let ours = unsafe { bindings::rust_vma_context_mm(self.ctx.as_ptr()) };
        core::ptr::eq(ours, mm.as_raw())
    }

    /// Returns the context of the userfaultfd as the engine's type.
    pub(crate) fn context(&self) -> UserfaultfdContext {
        UserfaultfdContext::from_raw(self.ctx.as_ptr().cast())
    }

    /// Returns whether this kernel and this userfaultfd support the modes.
    pub(crate) fn has_modes(&self, modes: Modes) -> bool {
        // SAFETY: The context is valid as long as the file is.
        unsafe { bindings::rust_vma_modes_exist(self.ctx.as_ptr(), modes.0) }
    }

    /// Returns whether a VMA can be registered with these flags. `vma` is `None` for private anonymous memory that is
    /// not mapped yet. Answers to `vma_can_userfault()`.
    pub(crate) fn suits(&self, vma: Option<&VmaRef>, flags: VmaFlags) -> bool {
        let vma = vma.map_or(null_mut(), VmaRef::as_ptr);
        // SAFETY: The context is valid as long as the file is, and the VMA is valid or null.
        unsafe { bindings::rust_vma_can_userfault(vma, self.ctx.as_ptr(), &flags.into_raw()) }
    }

    /// Returns whether memory that is moved stays registered with the userfaultfd. Answers to
    /// `UFFD_FEATURE_EVENT_REMAP`.
    pub(crate) fn follows_moves(&self) -> bool {
        // SAFETY: The context is valid as long as the file is.
        unsafe { bindings::rust_vma_follows_moves(self.ctx.as_ptr()) }
    }

    /// Registers a VMA for these faults. Answers to `userfaultfd_set_ctx()`.
    ///
    /// Fails with `EINVAL` if the userfaultfd belongs to another address space, or the VMA cannot be registered for
    /// these faults.
    pub(crate) fn take(&self, vma: &mut Vma<'_, '_>, modes: Modes) -> Result {
        let flags = modes.flags();
        if !self.is_for(vma.mm()) || !self.has_modes(modes) || !self.suits(Some(vma), flags) {
            return Err(EINVAL);
        }
        // SAFETY: The VMA and the context are valid and belong to one mm, whose mmap lock is held for write. When the
        // context is released, it looks for its VMAs in that mm.
        unsafe {
            bindings::rust_vma_set_context(vma.as_raw(), self.ctx.as_ptr(), &flags.into_raw())
        };
        Ok(())
    }

    /// Wakes the tasks that wait for a page in this range. Answers to `wake_userfault()`.
    pub(crate) fn wake(&self, range: Range) {
        // SAFETY: The context is valid as long as the file is.
        unsafe { bindings::rust_vma_wake_range(self.ctx.as_ptr(), range.start(), range.end()) };
    }
}

impl Drop for Userfaultfd {
    fn drop(&mut self) {
        // SAFETY: By the type invariant the reference is ours.
        unsafe { bindings::fput(self.file.as_ptr()) };
    }
}

/// Removes the protection that a userfaultfd has put on pages in this part of a VMA. Sleeps. Answers to
/// `change_protection()` in `userfaultfd_clear_vma()`.
pub(crate) fn unprotect(site: &mut Site<'_, '_>, part: Range) {
    let vma = site.middle();
    if within(vma, part).is_ok() {
        // SAFETY: The VMA is valid and covers the part, and its mmap lock is held for write.
        unsafe { bindings::rust_vma_unprotect_pages(vma.as_ptr(), part.start(), part.end()) };
    }
}

/// Unregisters a VMA. Answers to `userfaultfd_reset_ctx()`.
pub(crate) fn release(vma: &mut Vma<'_, '_>) {
    let none = VmaFlags::EMPTY.into_raw();
    // SAFETY: The VMA is valid, and its mmap lock is held for write.
    unsafe { bindings::rust_vma_set_context(vma.as_raw(), null_mut(), &none) };
}
