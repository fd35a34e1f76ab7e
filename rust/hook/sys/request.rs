// SPDX-License-Identifier: GPL-2.0

//! The request of a C caller to map a range or expand a VMA, and the result that is written back to the request.

use crate::report::sys::events::TracedMemory;
use crate::vma::{
    compat::{
        Attributes,
        Blocker,
        Candidate,
        Joining,
        Source, //
    },
    expand::Filling,
    extent::{
        Extent,
        PageOffset,
        Range, //
    },
    flags::VmaFlags,
    merge::{
        IfNoMemory,
        NoMemory,
        Unmerged, //
    },
    new_range::{
        NewRange,
        Placed, //
    },
    plan::Plan,
    sys::{
        bindings,
        range_named_by_c,
        Cursor,
        Expansion,
        Gap,
        MovedFrom,
        Name,
        Policy,
        Uprobes,
        UserfaultfdContext,
        VmaIter,
        VmaRef,
        WriteLockedMm, //
    },
};
use core::{
    marker::PhantomData,
    ptr::{
        null_mut,
        NonNull, //
    },
};

/// A request. Answers to `struct vma_merge_struct`.
///
/// # Invariants
///
/// - `ptr` is valid throughout `'r`, and the request at `ptr` satisfies the contract of the C function that takes it:
///   it names a range of whole pages, VMAs of one mm, and at most one file. Throughout `'r`, the mmap lock of that mm
///   is held for write, only the request gives access to its VMAs, and the caller keeps the file alive.
/// - `range` is the range in the request before the engine changes it.
/// - `source`, if present, is a VMA of that mm.
pub(crate) struct Request<'r> {
    ptr: NonNull<bindings::vma_merge_struct>,
    range: Range,
    // The VMA that pages move away from.
    source: Option<NonNull<bindings::vm_area_struct>>,
    _caller: PhantomData<&'r mut ()>,
}

impl<'r> Request<'r> {
    /// Returns the request at `ptr`, for pages that move from `source`.
    ///
    /// # Safety
    ///
    /// The first and the last invariant hold.
    #[inline(always)]
    unsafe fn from_raw(
        ptr: NonNull<bindings::vma_merge_struct>,
        source: *mut bindings::vm_area_struct,
    ) -> Self {
        // SAFETY: By the caller's promise `ptr` is valid.
        let vmg = unsafe { ptr.as_ref() };
        // INVARIANT: The first and the last one hold by the caller's promise; `range` is read from the request.
        Self {
            ptr,
            // SAFETY: By the caller's promise the request names a range of whole pages.
            range: unsafe { range_named_by_c(vmg.start, vmg.end) },
            source: NonNull::new(source),
            _caller: PhantomData,
        }
    }

    /// Returns the request of `vma_merge_new_range()`; `None` if `ptr` is null, or a kernel with CONFIG_DEBUG_VM
    /// detects a breach of the contract.
    ///
    /// # Safety
    ///
    /// The first invariant holds, unless a kernel with CONFIG_DEBUG_VM detects a breach.
    #[inline(always)]
    pub(crate) unsafe fn from_raw_new(ptr: *mut bindings::vma_merge_struct) -> Option<Self> {
        let ptr = NonNull::new(ptr)?;
        // SAFETY: By the caller's promise the request is valid.
        if !unsafe { bindings::rust_vma_new_range_is_sound(ptr.as_ptr()) } {
            return None;
        }
        // SAFETY: By the caller's promise the first invariant holds. Only a copy has a source.
        Some(unsafe { Self::from_raw(ptr, null_mut()) })
    }

    /// Returns the request of `vma_merge_copied_range()`: its middle VMA becomes the source of the copy. Returns
    /// `None`, and changes nothing, if `ptr` is null, the request names no middle VMA, or a kernel with CONFIG_DEBUG_VM
    /// detects a breach of the contract.
    ///
    /// # Safety
    ///
    /// The first invariant holds, unless a kernel with CONFIG_DEBUG_VM detects a breach.
    #[inline(always)]
    pub(crate) unsafe fn from_raw_copied(ptr: *mut bindings::vma_merge_struct) -> Option<Self> {
        let mut ptr = NonNull::new(ptr)?;
        // SAFETY: By the caller's promise the request is valid.
        let is_sound = unsafe {
            !ptr.as_ref().middle.is_null() && bindings::rust_vma_copied_range_is_sound(ptr.as_ptr())
        };
        if !is_sound {
            return None;
        }
        // SAFETY: By the caller's promise the request is valid, and its middle is a VMA of the mm.
        unsafe {
            let vmg = ptr.as_mut();
            vmg.copied_from = core::mem::replace(&mut vmg.middle, null_mut());
            let source = vmg.copied_from;
            Some(Self::from_raw(ptr, source))
        }
    }

    /// Returns the request of `vma_expand()`; `None` if `ptr` is null, the request names no target, or a kernel with
    /// CONFIG_DEBUG_VM detects a breach of the contract.
    ///
    /// # Safety
    ///
    /// The first invariant holds, unless a kernel with CONFIG_DEBUG_VM detects a breach.
    #[inline(always)]
    pub(crate) unsafe fn from_raw_expand(ptr: *mut bindings::vma_merge_struct) -> Option<Self> {
        let ptr = NonNull::new(ptr)?;
        // SAFETY: By the caller's promise the request is valid.
        let is_sound = unsafe {
            !ptr.as_ref().target.is_null() && bindings::rust_vma_expand_is_sound(ptr.as_ptr())
        };
        if !is_sound {
            return None;
        }
        // SAFETY: By the caller's promise the first invariant holds, and `copied_from` is a VMA of the mm, or null.
        Some(unsafe { Self::from_raw(ptr, ptr.as_ref().copied_from) })
    }

    /// Returns the mm of the request.
    pub(crate) fn mm(&self) -> WriteLockedMm<'r> {
        // SAFETY: By the type invariant the mm is valid, and its lock is held for write throughout `'r`.
        unsafe { WriteLockedMm::from_raw(self.raw().mm) }
    }

    /// Describes the range for the trace events.
    pub(crate) fn memory(&self) -> TracedMemory<'r> {
        // SAFETY: By the type invariant the C caller keeps the file alive.
        unsafe { TracedMemory::new_range(self.mm(), self.flags(), NonNull::new(self.raw().file)) }
    }

    /// Returns the range of the request.
    pub(crate) fn range(&self) -> Range {
        self.range
    }

    /// Returns the caller's choice in case memory runs out.
    pub(crate) fn if_no_memory(&self) -> IfNoMemory {
        IfNoMemory::from_c(self.raw().give_up_on_oom())
    }

    /// Returns the gap in which the range is to be mapped.
    ///
    /// # Safety
    ///
    /// There are no other handles to the VMAs beside the gap.
    pub(crate) unsafe fn gap(&self) -> Gap<'r, 'r> {
        let vmg = self.raw();
        // SAFETY: By the type invariant these are an iterator and the VMAs beside the range; by the caller's
        // promise there are no other handles to them.
        unsafe {
            let iter = VmaIter::from_raw(NonNull::new_unchecked(vmg.vmi));
            Gap::new(iter, vmg.prev, self.range, vmg.next)
        }
    }

    /// Returns the range that is to be mapped.
    ///
    /// # Safety
    ///
    /// The result is not used after a VMA that the request names has been freed.
    pub(crate) unsafe fn new_range(&self) -> NewRange<'r, 'r> {
        let vmg = self.raw();
        // SAFETY: By the type invariant these pointers are valid or null, and by the caller's promise they stay valid
        // as long as the result is used.
        let (policy, name, source, moved_from) = unsafe {
            (
                Policy::from_raw(vmg.policy),
                Name::from_raw(vmg.anon_name),
                self.moved_from(),
                self.moved(),
            )
        };
        let candidate = Candidate {
            extent: self.extent(),
            flags: self.flags(),
            file: NonNull::new(vmg.file),
            anon_vma: NonNull::new(vmg.anon_vma),
            policy,
            userfaultfd_context: self.userfaultfd_context(),
            name,
            source: match source {
                Some(vma) => Source::Leaving(vma),
                None => Source::New,
            },
        };
        NewRange {
            candidate,
            moved_from,
            joining: if vmg.just_expand() {
                Joining::ExpandOnly
            } else {
                Joining::EitherSide
            },
            uprobes: self.uprobes(),
            if_no_memory: self.if_no_memory(),
        }
    }

    /// Returns the VMA that is removed when the target grows over the whole range, if any.
    ///
    /// # Safety
    ///
    /// The request has not been carried out yet; carrying it out may free the VMA.
    pub(crate) unsafe fn removed_by_expansion(&self) -> Option<NonNull<bindings::vm_area_struct>> {
        let vmg = self.raw();
        if vmg.next == vmg.target {
            return None;
        }
        let next = NonNull::new(vmg.next)?;
        // SAFETY: By the type invariant the VMA is valid, and by the caller's promise it has not been freed since.
        let range = unsafe { VmaRef::from_raw(next.as_ptr()) }.extent().range;
        (range.end() == self.range.end()).then_some(next)
    }

    /// Returns the cursor, the expansion, and its [`Filling`]; `None` if the request names no target.
    ///
    /// # Safety
    ///
    /// There are no other handles to the target, or to the VMA after it.
    #[inline(always)]
    pub(crate) unsafe fn expansion(
        &self,
    ) -> Option<(Cursor<'r, 'r>, Expansion<'r, 'r>, Filling<'r>)> {
        let vmg = self.raw();
        let vma = NonNull::new(vmg.target)?;
        // SAFETY: By the type invariant these are an iterator and VMAs of its mm; by the caller's promise there are
        // no other handles to them.
        unsafe {
            let removed = self.removed_by_expansion();
            let expansion = Expansion::from_raw(vma, self.extent(), removed);
            let filling = Filling {
                flags: self.flags(),
                moved_from: self.moved(),
                uprobes: self.uprobes(),
            };
            let iter = VmaIter::from_raw(NonNull::new_unchecked(vmg.vmi));
            Some((Cursor::new(iter), expansion, filling))
        }
    }

    /// Records the result of an attempt to merge the new range in the request, as the body in C does. Returns the VMA
    /// that has grown, or null.
    #[inline(always)]
    pub(crate) fn placed(
        &mut self,
        placed: Result<Placed<'_, '_>, NoMemory>,
    ) -> *mut bindings::vm_area_struct {
        match placed {
            Ok(Placed::Merged(vma, plan)) => {
                self.describe(&plan);
                let vmg = self.raw_mut();
                vmg.target = vma.as_raw();
                vmg.state = bindings::vma_merge_state_VMA_MERGE_SUCCESS;
                return vma.as_raw();
            }
            // C checks for this blocker before it sets the state.
            Ok(Placed::NotMerged(Unmerged::Blocked(blockers)))
                if blockers.prev == Blocker::MovedUnderUserfaultfd => {}
            Ok(Placed::NotMerged(unmerged)) => {
                self.raw_mut().state = bindings::vma_merge_state_VMA_MERGE_NOMERGE;
                if let Unmerged::GaveUp(plan) = unmerged {
                    self.without_memory(&plan);
                }
            }
            Err(NoMemory(plan)) => {
                self.without_memory(&plan);
                self.raw_mut().state = bindings::vma_merge_state_VMA_MERGE_ERROR_NOMEM;
            }
        }
        null_mut()
    }

    /// Records in the request the merge that ran out of memory.
    fn without_memory(&mut self, plan: &Plan) {
        self.describe(plan);
        self.raw_mut().target = if plan.shape.grows_prev() {
            self.raw().prev
        } else {
            self.raw().next
        };
    }

    /// Records in the request that the expansion ran out of memory.
    pub(crate) fn no_memory_to_expand(&mut self) {
        if self.if_no_memory() == IfNoMemory::Fail {
            self.raw_mut().state = bindings::vma_merge_state_VMA_MERGE_ERROR_NOMEM;
        }
    }

    /// Records in the request the range and the offsets that C sets there to carry out `plan`.
    fn describe(&mut self, plan: &Plan) {
        let extent = plan.grown;
        let vmg = self.raw_mut();
        vmg.start = extent.range.start();
        vmg.end = extent.range.end();
        vmg.pgoff = extent.pgoff.pages();
        vmg.anon_pgoff = extent.anon_pgoff.pages();
    }

    /// Returns the extent of the request.
    pub(crate) fn extent(&self) -> Extent {
        extent_at(self.range, self.raw())
    }

    fn flags(&self) -> VmaFlags {
        // SAFETY: Both fields of the union name the same bits. (bindgen may wrap a union field whose type it does not
        // know.)
        VmaFlags::from_raw(unsafe {
            (&raw const self.raw().__bindgen_anon_1)
                .cast::<bindings::vma_flags_t>()
                .read()
        })
    }

    fn userfaultfd_context(&self) -> UserfaultfdContext {
        UserfaultfdContext::from_c(&self.raw().uffd_ctx)
    }

    /// Returns the VMA that pages move away from.
    ///
    /// # Safety
    ///
    /// The result is not used after that VMA has been freed.
    unsafe fn moved_from(&self) -> Option<&'r VmaRef> {
        // SAFETY: By the type invariant `source` is a VMA, and by the caller's promise it is valid.
        self.source
            .map(|vma| unsafe { VmaRef::from_raw(vma.as_ptr()) })
    }

    /// Returns the VMA that pages move away from, as the type that the engine takes.
    ///
    /// # Safety
    ///
    /// As for [`moved_from`](Self::moved_from).
    unsafe fn moved(&self) -> Option<MovedFrom<'r>> {
        // SAFETY: By the type invariant `source` is a VMA of this mm, and by the caller's promise it is valid.
        self.source.map(|vma| unsafe { MovedFrom::from_raw(vma) })
    }

    fn uprobes(&self) -> Uprobes {
        if self.raw().skip_vma_uprobe() {
            Uprobes::Leave
        } else {
            Uprobes::Install
        }
    }

    fn raw(&self) -> &bindings::vma_merge_struct {
        // SAFETY: By the type invariant `ptr` is valid, and C does not touch the request during the call.
        unsafe { self.ptr.as_ref() }
    }

    fn raw_mut(&mut self) -> &mut bindings::vma_merge_struct {
        // SAFETY: By the type invariant `ptr` is valid, and C does not touch the request during the call.
        unsafe { self.ptr.as_mut() }
    }
}

/// Returns the extent of this range, with the offsets of a request.
#[inline(always)]
pub(super) fn extent_at(range: Range, vmg: &bindings::vma_merge_struct) -> Extent {
    Extent {
        range,
        pgoff: PageOffset::new(vmg.pgoff),
        anon_pgoff: PageOffset::new(vmg.anon_pgoff),
    }
}
