// SPDX-License-Identifier: GPL-2.0

//! A VMA, and what can be read of it and done to it at any time.

use super::{
    bindings,
    host::{
        to_result,
        Result,
        VmaRef, //
    },
};
use crate::vma::{
    compat::Attributes,
    extent::Range,
    flags::{
        VmaFlags,
        ADVICE,
        STICKY, //
    }, //
};
use core::{
    marker::PhantomData,
    ops::Deref,
    ptr::NonNull, //
};

/// A VMA, and the only handle to it.
///
/// # Invariants
///
/// - `ptr` is a `vm_area_struct` of an mm whose mmap lock is held for write throughout `'i`.
/// - There is no other `Vma` for it.
pub(crate) struct Vma<'i> {
    ptr: NonNull<bindings::vm_area_struct>,
    _lock: PhantomData<&'i ()>,
}

impl<'i> Vma<'i> {
    /// The handle to a VMA.
    ///
    /// # Safety
    ///
    /// The VMA is valid, the mmap lock of its mm is held for write throughout `'i`, and there is no
    /// other handle to it in that time.
    pub(crate) unsafe fn from_raw(ptr: NonNull<bindings::vm_area_struct>) -> Self {
        // INVARIANT: What the caller promised.
        Self {
            ptr,
            _lock: PhantomData,
        }
    }

    pub(crate) fn as_raw(&self) -> *mut bindings::vm_area_struct {
        self.ptr.as_ptr()
    }

    /// Where the VMA is, by value: for functions that are not inlined, and for which it would have to lie
    /// in memory otherwise.
    pub(super) fn ptr(&self) -> NonNull<bindings::vm_area_struct> {
        self.ptr
    }

    /// The address space it is part of. Answers to `vm_mm`.
    pub(crate) fn mm_raw(&self) -> *mut bindings::mm_struct {
        self.mm().as_raw()
    }

    /// The addresses it covers. Answers to `vm_start` and `vm_end`.
    pub(crate) fn range(&self) -> Range {
        self.extent().range
    }

    /// The number of VMAs in the address space. Answers to `map_count`.
    pub(crate) fn map_count(&self) -> i32 {
        // SAFETY: The mm of a valid VMA is valid, and its lock is held.
        unsafe { bindings::rust_vma_map_count(self.mm_raw()) }
    }

    /// Keeps readers that hold only this VMA's lock away from it, until the mmap lock is released.
    ///
    /// Sleeps until those that are in have left. Answers to `vma_start_write()`.
    pub(crate) fn start_write(&mut self) {
        // SAFETY: The VMA is valid and the mmap lock is held for write, by the type invariant.
        unsafe { bindings::rust_vma_start_write(self.as_raw()) };
    }

    /// Sets, of the flags that are advice, those that are in `flags` and clears the others.
    ///
    /// All other flags stay. The VMA need not be write-locked: this does it, before it looks at the
    /// flags, as installing guard regions sets one under no more than the VMA's own lock.
    pub(crate) fn set_advice(&mut self, flags: VmaFlags) {
        self.start_write();
        let flags = self
            .vma_flags()
            .without(ADVICE)
            .union(flags.intersection(ADVICE));
        self.write_flags(flags);
    }

    /// Adds those of `flags` that a merge keeps from any of its parts. The VMA is write-locked.
    pub(crate) fn add_sticky(&mut self, flags: VmaFlags) {
        let flags = self.vma_flags().union(flags.intersection(STICKY));
        self.write_flags(flags);
    }

    /// Replaces all flags. The VMA is write-locked.
    fn write_flags(&mut self, flags: VmaFlags) {
        // SAFETY: The VMA is valid, and those who write flags are kept away by its write lock.
        unsafe { bindings::rust_vma_set_flags(self.as_raw(), &flags.into_raw()) };
    }

    /// Asks the driver whether the VMA may be split at `addr` (bytes); fails with its errno if not.
    ///
    /// Answers to the `may_split` hook.
    #[inline(always)]
    pub(crate) fn may_split(&mut self, addr: usize) -> Result {
        // SAFETY: The VMA is valid and its mmap lock held for write, by the type invariant.
        to_result(unsafe { bindings::rust_vma_may_split(self.as_raw(), addr) })
    }

    /// Tells khugepaged about the VMA, if it might care. Answers to `khugepaged_enter_vma()`.
    pub(crate) fn notify_khugepaged(&mut self, flags: VmaFlags) {
        // SAFETY: As in `may_split()`.
        unsafe { bindings::rust_vma_khugepaged_enter(self.as_raw(), &flags.into_raw()) };
    }

    /// Checks the whole address space, on kernels that are built to do so. Answers to
    /// `validate_mm()`.
    pub(crate) fn validate_mm(&self) {
        // SAFETY: The mm of a valid VMA is valid, and its lock is held for write.
        unsafe { bindings::rust_vma_validate_mm(self.mm_raw()) };
    }

    /// Gives this VMA the anon_vma of `source` if it has none of its own, so that it can take over
    /// pages of `source`. Both must be write-locked.
    ///
    /// Sleeps. Fails with `ENOMEM`, having changed nothing. Answers to `dup_anon_vma()`.
    pub(crate) fn adopt_anon_vma(&mut self, source: &VmaRef) -> Result<Cloned> {
        if source.anon_vma().is_none() || self.anon_vma().is_some() {
            return Ok(Cloned::Nothing);
        }
        // SAFETY: Both VMAs are valid, of the same mm, and write-locked; this one's chain is empty,
        // as it has no anon_vma. On failure the callee clears what was set here.
        to_result(unsafe {
            (*self.as_raw()).anon_vma = (*source.as_ptr()).anon_vma;
            bindings::anon_vma_clone(
                self.as_raw(),
                source.as_ptr(),
                bindings::vma_operation_VMA_OP_MERGE_UNFAULTED,
            )
        })?;
        Ok(Cloned::AnonVma)
    }

    /// Takes back what [`adopt_anon_vma`](Self::adopt_anon_vma) did. Answers to
    /// `unlink_anon_vmas()`.
    pub(crate) fn give_back(&mut self, cloned: Cloned) {
        match cloned {
            Cloned::Nothing => {}
            // SAFETY: The VMA is valid, and its anon_vma was cloned into it for a merge that is
            // not going to happen, so no page of it refers to that anon_vma.
            Cloned::AnonVma => unsafe { bindings::unlink_anon_vmas(self.as_raw()) },
        }
    }
}

impl Deref for Vma<'_> {
    type Target = VmaRef;

    fn deref(&self) -> &VmaRef {
        // SAFETY: The VMA is valid and its mmap lock held for write, by the type invariant.
        unsafe { VmaRef::from_raw(self.as_raw()) }
    }
}

/// What a VMA took over from another before a merge, to be given back if the merge fails.
#[must_use = "if the merge fails, this has to be given back"]
pub(crate) enum Cloned {
    /// Nothing: it needed nothing.
    Nothing,
    /// The anon_vma.
    AnonVma,
}
