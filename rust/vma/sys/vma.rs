// SPDX-License-Identifier: GPL-2.0

//! A VMA, and the operations on it that are possible at any time.

use super::{
    address_space::map_count,
    bindings,
    brand::Brand,
    host::{
        to_result,
        Result,
        VmaRef, //
    }, //
};
use crate::vma::{
    compat::Attributes,
    extent::Range,
    flags::{
        VmaFlags,
        ADVICE,
        DONTCOPY,
        SPECIAL,
        STICKY, //
    }, //
};
use core::{
    marker::PhantomData,
    ops::Deref,
    ptr::NonNull, //
};

/// The only handle to a VMA.
///
/// `'g` is the brand of the VMA's address space, and of the iterator that found the VMA.
///
/// # Invariants
///
/// - `ptr` is a `vm_area_struct` of an mm whose mmap lock is held for write throughout `'i`.
/// - There is no other handle to it, and no handle to a VMA of another mm has this brand.
#[repr(transparent)]
pub(crate) struct Vma<'i, 'g> {
    ptr: NonNull<bindings::vm_area_struct>,
    _lock: PhantomData<&'i ()>,
    _brand: Brand<'g>,
}

impl<'i, 'g> Vma<'i, 'g> {
    /// Creates the handle to a VMA.
    ///
    /// # Safety
    ///
    /// The VMA is valid, the mmap lock of its mm is held for write throughout `'i`, and there is no other handle to it
    /// during that time. No handle to a VMA of another mm has this brand.
    pub(crate) unsafe fn from_raw(ptr: NonNull<bindings::vm_area_struct>) -> Self {
        // INVARIANT: The caller's promise.
        Self {
            ptr,
            _lock: PhantomData,
            _brand: PhantomData,
        }
    }

    pub(crate) fn as_raw(&self) -> *mut bindings::vm_area_struct {
        self.ptr.as_ptr()
    }

    /// Returns the pointer to the VMA by value, for functions that are not inlined. A reference would require the
    /// handle to be in memory.
    pub(super) fn ptr(&self) -> NonNull<bindings::vm_area_struct> {
        self.ptr
    }

    /// Returns the address space of the VMA. Answers to `vm_mm`.
    pub(crate) fn mm_raw(&self) -> *mut bindings::mm_struct {
        self.mm().as_raw()
    }

    /// Returns the addresses that the VMA covers. Answers to `vm_start` and `vm_end`.
    pub(crate) fn range(&self) -> Range {
        self.extent().range
    }

    /// Returns the number of VMAs in the address space. Answers to `map_count`.
    pub(crate) fn map_count(&self) -> i32 {
        map_count(self.mm())
    }

    /// Write-locks the VMA: readers that hold only the VMA's lock are kept out until the mmap lock is released.
    ///
    /// Sleeps until current readers have left. Answers to `vma_start_write()`.
    pub(crate) fn start_write(&mut self) -> &mut WriteLocked<'i, 'g> {
        // SAFETY: The VMA is valid and the mmap lock is held for write, by the type invariant. The layouts are the
        // same.
        //
        // INVARIANT: The VMA was write-locked just above.
        unsafe {
            bindings::rust_vma_start_write(self.as_raw());
            &mut *core::ptr::from_mut(self).cast()
        }
    }

    /// Write-locks the VMA like [`start_write`](Self::start_write), but consumes the handle.
    #[inline(always)]
    pub(super) fn write_locked(mut self) -> WriteLocked<'i, 'g> {
        self.start_write();
        // INVARIANT: The VMA was write-locked just above.
        WriteLocked(self)
    }

    /// Replaces the advice flags with those in `flags`.
    ///
    /// All other flags stay. `VM_DONTCOPY` of a special mapping also stays, because fork must not copy a mapping that
    /// its driver tracks. The flags are read after the VMA is write-locked, because installing guard regions sets a
    /// flag under the VMA's own lock alone.
    pub(crate) fn set_advice(&mut self, flags: VmaFlags) {
        let this = self.start_write();
        let before = this.vma_flags();
        let advice = if before.intersects(SPECIAL) {
            ADVICE.without(before.intersection(DONTCOPY))
        } else {
            ADVICE
        };
        this.write_flags(before.without(advice).union(flags.intersection(advice)));
    }

    /// Notifies khugepaged of the VMA, if the VMA is eligible for huge pages. Answers to `khugepaged_enter_vma()`.
    pub(crate) fn notify_khugepaged(&self, flags: VmaFlags) {
        // SAFETY: By the type invariant the VMA is valid and its mmap lock is held for write.
        unsafe { bindings::rust_vma_khugepaged_enter(self.as_raw(), &flags.into_raw()) };
    }

    /// Validates the whole address space, on kernels that are built to do so. Answers to `validate_mm()`.
    pub(crate) fn validate_mm(&self) {
        // SAFETY: The mm of a valid VMA is valid, and its mmap lock is held for write.
        unsafe { bindings::rust_vma_validate_mm(self.mm_raw()) };
    }
}

/// A write-locked VMA: until the mmap lock is released, nobody reads it while holding only the VMA's own lock.
///
/// # Invariants
///
/// [`Vma::start_write`] was called for the VMA.
#[repr(transparent)]
pub(crate) struct WriteLocked<'i, 'g>(Vma<'i, 'g>);

impl<'i, 'g> WriteLocked<'i, 'g> {
    /// Returns the handle as a type that no longer says that the VMA is write-locked.
    pub(crate) fn into_vma(self) -> Vma<'i, 'g> {
        self.0
    }

    /// Returns the handle. Replacing the handle breaks the invariant.
    pub(super) fn vma_mut(&mut self) -> &mut Vma<'i, 'g> {
        &mut self.0
    }

    /// Adds the sticky flags in `flags`: a merged VMA keeps them if any of its parts had them.
    pub(crate) fn add_sticky(&mut self, flags: VmaFlags) {
        let flags = self.vma_flags().union(flags.intersection(STICKY));
        self.write_flags(flags);
    }

    /// Replaces all flags.
    fn write_flags(&mut self, flags: VmaFlags) {
        // SAFETY: The VMA is valid, and its write lock keeps other writers of flags away.
        unsafe { bindings::rust_vma_set_flags(self.0.as_raw(), &flags.into_raw()) };
    }

    /// Gives this VMA the anon_vma of `source` if it has none of its own, so that it can take over pages of `source`.
    ///
    /// Sleeps. Fails with `ENOMEM`, without changing anything. Answers to `dup_anon_vma()`.
    ///
    /// # Safety
    ///
    /// `source` belongs to the same mm.
    pub(super) unsafe fn adopt_anon_vma(&mut self, source: &VmaRef) -> Result<Cloned> {
        if source.anon_vma().is_none() || self.anon_vma().is_some() {
            return Ok(Cloned::Nothing);
        }
        let vma = self.0.as_raw();
        // SAFETY: Both VMAs are valid and belong to one mm, whose mmap lock keeps the anon_vma of `source` stable.
        // This VMA is write-locked, and its chain is empty, because it has no anon_vma. On failure the callee clears
        // the anon_vma that was set here.
        to_result(unsafe {
            (*vma).anon_vma = (*source.as_ptr()).anon_vma;
            bindings::anon_vma_clone(
                vma,
                source.as_ptr(),
                bindings::vma_operation_VMA_OP_MERGE_UNFAULTED,
            )
        })?;
        Ok(Cloned::AnonVma)
    }

    /// Undoes [`adopt_anon_vma`](Self::adopt_anon_vma). Answers to `unlink_anon_vmas()`.
    ///
    /// # Safety
    ///
    /// `adopt_anon_vma()` returned `cloned` for this VMA, and the VMA has taken over no page of the source since.
    pub(super) unsafe fn give_back(&mut self, cloned: Cloned) {
        match cloned {
            Cloned::Nothing => {}
            // SAFETY: The VMA is valid. Its anon_vma was cloned for a merge that is not going to happen, so no page
            // of the VMA refers to that anon_vma.
            Cloned::AnonVma => unsafe { bindings::unlink_anon_vmas(self.0.as_raw()) },
        }
    }
}

impl<'i, 'g> Deref for WriteLocked<'i, 'g> {
    type Target = Vma<'i, 'g>;

    fn deref(&self) -> &Vma<'i, 'g> {
        &self.0
    }
}

impl Deref for Vma<'_, '_> {
    type Target = VmaRef;

    fn deref(&self) -> &VmaRef {
        // SAFETY: By the type invariant the VMA is valid and its mmap lock is held for write.
        unsafe { VmaRef::from_raw(self.as_raw()) }
    }
}

/// The result of [`adopt_anon_vma`](WriteLocked::adopt_anon_vma). An adopted anon_vma has to be given back if the merge
/// fails.
#[must_use = "if the merge fails, this has to be given back"]
pub(super) enum Cloned {
    /// Nothing: the VMA already had an anon_vma, or the source had none.
    Nothing,
    /// The anon_vma.
    AnonVma,
}
