// SPDX-License-Identifier: GPL-2.0

//! A VMA, and what can be read of it and done to it at any time.

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

/// A VMA, and the only handle to it.
///
/// `'g` is the brand of its address space, as of the iterator that it was found with.
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
    /// The handle to a VMA.
    ///
    /// # Safety
    ///
    /// The VMA is valid, the mmap lock of its mm is held for write throughout `'i`, and there is no
    /// other handle to it in that time. No handle to a VMA of another mm has this brand.
    pub(crate) unsafe fn from_raw(ptr: NonNull<bindings::vm_area_struct>) -> Self {
        // INVARIANT: What the caller promised.
        Self {
            ptr,
            _lock: PhantomData,
            _brand: PhantomData,
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
        map_count(self.mm())
    }

    /// Keeps readers that hold only this VMA's lock away from it, until the mmap lock is released.
    ///
    /// Sleeps until those that are in have left. Answers to `vma_start_write()`.
    pub(crate) fn start_write(&mut self) -> &mut WriteLocked<'i, 'g> {
        // SAFETY: The VMA is valid and the mmap lock is held for write, by the type invariant. The layouts are the
        // same.
        //
        // INVARIANT: It was write-locked just above.
        unsafe {
            bindings::rust_vma_start_write(self.as_raw());
            &mut *core::ptr::from_mut(self).cast()
        }
    }

    /// [`start_write`](Self::start_write), for good.
    #[inline(always)]
    pub(super) fn write_locked(mut self) -> WriteLocked<'i, 'g> {
        self.start_write();
        // INVARIANT: It was write-locked just above.
        WriteLocked(self)
    }

    /// Sets, of the flags that are advice, those that are in `flags` and clears the others.
    ///
    /// All other flags stay, and so does `VM_DONTCOPY` of a special mapping: fork must not copy what its driver keeps
    /// account of. The flags are looked at when the VMA is write-locked, as installing guard regions
    /// sets one under no more than the VMA's own lock.
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

    /// Tells khugepaged about the VMA, if it might care. Answers to `khugepaged_enter_vma()`.
    pub(crate) fn notify_khugepaged(&self, flags: VmaFlags) {
        // SAFETY: The VMA is valid and its mmap lock held for write, by the type invariant.
        unsafe { bindings::rust_vma_khugepaged_enter(self.as_raw(), &flags.into_raw()) };
    }

    /// Checks the whole address space, on kernels that are built to do so. Answers to
    /// `validate_mm()`.
    pub(crate) fn validate_mm(&self) {
        // SAFETY: The mm of a valid VMA is valid, and its lock is held for write.
        unsafe { bindings::rust_vma_validate_mm(self.mm_raw()) };
    }
}

/// A VMA that is write-locked: nobody reads it who holds no more than its own lock, until the mmap lock is
/// released.
///
/// # Invariants
///
/// What [`Vma::start_write`] does was done.
#[repr(transparent)]
pub(crate) struct WriteLocked<'i, 'g>(Vma<'i, 'g>);

impl<'i, 'g> WriteLocked<'i, 'g> {
    /// The handle, of which the type does not say any more that the VMA is write-locked.
    pub(crate) fn into_vma(self) -> Vma<'i, 'g> {
        self.0
    }

    /// The handle; who takes another in its place breaks the invariant.
    pub(super) fn vma_mut(&mut self) -> &mut Vma<'i, 'g> {
        &mut self.0
    }

    /// Adds those of `flags` that a merge keeps from any of its parts.
    pub(crate) fn add_sticky(&mut self, flags: VmaFlags) {
        let flags = self.vma_flags().union(flags.intersection(STICKY));
        self.write_flags(flags);
    }

    /// Replaces all flags.
    fn write_flags(&mut self, flags: VmaFlags) {
        // SAFETY: The VMA is valid, and those who write flags are kept away by its write lock.
        unsafe { bindings::rust_vma_set_flags(self.0.as_raw(), &flags.into_raw()) };
    }

    /// Gives this VMA the anon_vma of `source` if it has none of its own, so that it can take over
    /// pages of `source`.
    ///
    /// Sleeps. Fails with `ENOMEM`, having changed nothing. Answers to `dup_anon_vma()`.
    ///
    /// # Safety
    ///
    /// `source` is of the same mm.
    pub(super) unsafe fn adopt_anon_vma(&mut self, source: &VmaRef) -> Result<Cloned> {
        if source.anon_vma().is_none() || self.anon_vma().is_some() {
            return Ok(Cloned::Nothing);
        }
        let vma = self.0.as_raw();
        // SAFETY: Both VMAs are valid, and of one mm, whose mmap lock keeps the anon_vma of the source as it is.
        // This one is write-locked, and its chain is empty, as it has no anon_vma. On failure the callee clears
        // what was set here.
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

    /// Takes back what [`adopt_anon_vma`](Self::adopt_anon_vma) did. Answers to
    /// `unlink_anon_vmas()`.
    ///
    /// # Safety
    ///
    /// This is what it returned for this VMA, and no page of the source has been given to it since.
    pub(super) unsafe fn give_back(&mut self, cloned: Cloned) {
        match cloned {
            Cloned::Nothing => {}
            // SAFETY: The VMA is valid, and its anon_vma was cloned into it for a merge that is
            // not going to happen, so no page of it refers to that anon_vma.
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
        // SAFETY: The VMA is valid and its mmap lock held for write, by the type invariant.
        unsafe { VmaRef::from_raw(self.as_raw()) }
    }
}

/// What a VMA took over from another before a merge, to be given back if the merge fails.
#[must_use = "if the merge fails, this has to be given back"]
pub(super) enum Cloned {
    /// Nothing: it needed nothing.
    Nothing,
    /// The anon_vma.
    AnonVma,
}
