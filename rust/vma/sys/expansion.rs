// SPDX-License-Identifier: GPL-2.0

//! A VMA that is about to grow over the gap beside it.
//!
//! ```text
//!   prepare()   write-locks VMAs; gets an anon_vma and memory for the store, or undoes both
//!   commit()    cannot fail (merging.rs)
//! ```

use super::{
    bindings,
    brand::Brand,
    gap::{
        Extension,
        Free,
        Gap, //
    },
    host::VmaRef,
    iter::{
        Cursor,
        Reserved,
        Storing, //
    },
    merging::{
        merge,
        Over,
        Resizing,
        Uprobes, //
    },
    places::{
        Next,
        Prev, //
    },
    vma::{
        Cloned,
        Vma,
        WriteLocked, //
    },
};
use crate::vma::{
    blocker::Blocker,
    compat::{
        Attributes,
        Candidate,
        Joining,
        Reach,
        Source, //
    },
    extent::Extent,
    plan::{
        Blockers,
        Plan,
        Takers, //
    },
};
use core::{
    marker::PhantomData,
    ptr::NonNull, //
};

/// The VMAs beside a gap that may grow over its free range.
///
/// # Invariants
///
/// The rules allow the `takers` to take over the `free` range, with these `offsets`.
pub(crate) struct GapTakeover<'i, 'g> {
    takers: Takers<Prev<'i, 'g>, Next<'i, 'g>>,
    free: Free<'i, 'g>,
    offsets: Extent,
}

impl<'i, 'g> GapTakeover<'i, 'g> {
    /// Returns the VMAs beside the gap that may take over the free range for a `candidate` placed there, or the
    /// blockers if there are no such VMAs.
    ///
    /// Answers to the deciding half of `vma_merge_new_range()`.
    #[inline(always)]
    pub(crate) fn of(
        gap: Gap<'i, 'g>,
        mut candidate: Candidate<'_, VmaRef>,
        joining: Joining,
    ) -> (Cursor<'i, 'g>, Result<Self, Blockers>) {
        let (cursor, prev, free, next) = gap.into_parts();
        candidate.extent.range = free.range();
        let mut takers = match Reach::of_new(&candidate, joining) {
            Err(blocker) => Err(Blockers::on_both_sides(blocker)),
            Ok(reach) => Takers::of(&candidate, &reach, prev, next),
        };
        if takers.is_ok() && candidate.extent.wraps() {
            takers = Err(Blockers::on_both_sides(Blocker::PageOffset));
        }
        // INVARIANT: The rules were just checked.
        let takeover = takers.map(|takers| Self {
            takers,
            free,
            offsets: candidate.extent,
        });
        (cursor, takeover)
    }

    /// Returns the takeover by the VMA of the extension, with or without the VMA above, if the rules allow it;
    /// otherwise the blockers.
    #[inline(always)]
    pub(crate) fn of_extension(
        extension: Extension<'i, 'g>,
    ) -> (Cursor<'i, 'g>, Result<Self, Blockers>) {
        let (cursor, vma, free, next) = extension.into_parts();
        let offsets = vma.extent().seen_through(free.range());
        let candidate = Candidate::like(&*vma, offsets, Source::New);
        let takers = match Reach::of_new(&candidate, Joining::EitherSide) {
            Err(blocker) => Err(Blockers::on_both_sides(blocker)),
            Ok(reach) => Takers::of(&candidate, &reach, Some(&*vma), next),
        };
        // So far, `takers` only borrows the VMA.
        let takers = match takers {
            Ok(Takers::Prev(_, unjoined)) => Takers::Prev(vma, unjoined),
            Ok(Takers::Next(next, blocker)) => Takers::Next(next, blocker),
            Ok(Takers::Both(_, next)) => Takers::Both(vma, next),
            Err(blockers) => return (cursor, Err(blockers)),
        };
        // INVARIANT: The rules were just checked.
        let takeover = Self {
            takers,
            free,
            offsets,
        };
        (cursor, Ok(takeover))
    }

    /// Returns an expansion that can be carried out, and the plan that describes it.
    #[inline(always)]
    pub(crate) fn planned(self) -> (Expansion<'i, 'g>, Plan) {
        let mut offsets = self.offsets;
        if let Takers::Next(next, _) = &self.takers {
            // The rmap uses this offset to find the pages of `next`, present and future.
            if next.file().is_none() {
                // Without a file the two offsets are equal (`vma_start_anon_pgoff()`), and the rules have compared
                // `pgoff`.
                offsets.anon_pgoff = offsets.pgoff;
            } else if next.anon_vma().is_some() {
                offsets.anon_pgoff = next.extent().seen_through(self.free.range()).anon_pgoff;
            }
        }
        let plan = self.takers.plan_new(offsets);
        let (vma, removed) = match self.takers {
            Takers::Prev(prev, _) => (prev.into_vma(), None),
            Takers::Next(next, _) => (next.into_vma(), None),
            Takers::Both(prev, next) => (prev.into_vma(), Some(next.into_vma())),
        };
        let to = plan.grown;
        // INVARIANT: No VMA lies between `prev` and `next`, and none in the free range.
        (Expansion { vma, to, removed }, plan)
    }
}

/// A VMA that is about to grow over free addresses.
///
/// ```text
///   |---vma---|           |-removed-|        or downwards, with nothing removed:
///   |--------------to--------------|              |---vma---|
///                                            |------to------|
/// ```
///
/// # Invariants
///
/// Only `vma` and `removed` lie in `to`, which covers both. The addresses between them are free or about to be
/// unmapped.
pub(crate) struct Expansion<'i, 'g> {
    vma: Vma<'i, 'g>,
    to: Extent,
    removed: Option<Vma<'i, 'g>>,
}

impl<'i, 'g> Expansion<'i, 'g> {
    /// Creates the expansion that a C caller requests.
    ///
    /// # Safety
    ///
    /// The type invariant holds, and both VMAs meet the requirements of [`Vma::from_raw`].
    pub(crate) unsafe fn from_raw(
        vma: NonNull<bindings::vm_area_struct>,
        to: Extent,
        removed: Option<NonNull<bindings::vm_area_struct>>,
    ) -> Self {
        // SAFETY: By the caller's promise both VMAs meet the requirements of `Vma::from_raw()`.
        //
        // INVARIANT: The caller's promise.
        unsafe {
            Self {
                vma: Vma::from_raw(vma),
                to,
                removed: removed.map(|removed| Vma::from_raw(removed)),
            }
        }
    }

    /// Write-locks the VMAs, and acquires an anon_vma for the VMA that grows, if it needs one, and memory for the
    /// store. On failure nothing has changed, except that VMAs are write-locked.
    ///
    /// Sleeps. Answers to `dup_anon_vma()`, `vma_iter_config()` and `vma_iter_prealloc()`.
    #[inline(always)]
    pub(crate) fn prepare<'r>(
        self,
        cursor: &'r mut Cursor<'_, 'g>,
        moved_from: Option<MovedFrom<'g>>,
    ) -> Result<PreparedExpansion<'r, 'i, 'g>, ExpandError> {
        let mut grown = self.vma.write_locked();
        let mut cloned = Cloned::Nothing;
        if let Some(removed) = &self.removed {
            // SAFETY: The VMAs have one brand, so they belong to one mm.
            let adopted = unsafe { grown.adopt_anon_vma(removed) };
            cloned = adopted.map_err(|_| ExpandError::AnonVma)?;
        }
        if let (Cloned::Nothing, Some(moved_from)) = (&cloned, moved_from) {
            // SAFETY: The VMAs have one brand, so they belong to one mm.
            let adopted = unsafe { grown.adopt_anon_vma(moved_from.vma()) };
            cloned = adopted.map_err(|_| ExpandError::AnonVma)?;
        }
        let removed = self.removed.map(Vma::write_locked);
        match cursor.reserve(self.to.range, &grown) {
            Ok(reserved) => Ok(PreparedExpansion {
                over: Over {
                    grown: Resizing {
                        vma: grown,
                        to: self.to,
                    },
                    gone: [removed, None],
                },
                reserved,
            }),
            Err(_) => {
                // SAFETY: `cloned` was adopted just above.
                unsafe { grown.give_back(cloned) };
                Err(ExpandError::Store)
            }
        }
    }
}

/// The step of an expansion that ran out of memory. Nothing has changed, except that the VMA is write-locked.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum ExpandError {
    /// Cloning the anon_vma chain of the VMA whose pages are taken over.
    AnonVma,
    /// Reserving memory for the store into the tree. (The VMA that would have been removed is write-locked, too.)
    Store,
}

/// The VMA that pages are about to move away from, for [`Expansion::prepare`].
///
/// # Invariants
///
/// The VMA belongs to the mm with this brand. It is valid until `prepare` is called; a merge may free it.
pub(crate) struct MovedFrom<'g> {
    vma: NonNull<bindings::vm_area_struct>,
    _brand: Brand<'g>,
}

impl MovedFrom<'_> {
    /// # Safety
    ///
    /// The type invariant holds.
    pub(crate) unsafe fn from_raw(vma: NonNull<bindings::vm_area_struct>) -> Self {
        // INVARIANT: The caller's promise.
        Self {
            vma,
            _brand: PhantomData,
        }
    }

    fn vma(&self) -> &VmaRef {
        // SAFETY: By the type invariant the VMA is valid.
        unsafe { VmaRef::from_raw(self.vma.as_ptr()) }
    }
}

/// An expansion that can no longer fail. Without [`commit`](Self::commit) no VMA changes, except that an adopted
/// anon_vma stays.
///
/// # Invariants
///
/// `reserved` is for the VMA that grows, at its future extent.
#[must_use = "nothing has changed yet"]
pub(crate) struct PreparedExpansion<'r, 'i, 'g> {
    over: Over<'i, 'g>,
    reserved: Reserved<'r, 'g, Storing>,
}

impl<'i, 'g> PreparedExpansion<'_, 'i, 'g> {
    /// Returns the VMA that is taken over, if any.
    pub(crate) fn removed(&self) -> Option<&VmaRef> {
        let [removed, _] = &self.over.gone;
        removed.as_ref().map(|removed| &***removed)
    }

    /// Grows the VMA, and returns it. Sleeps.
    #[inline(always)]
    pub(crate) fn commit(self, uprobes: Uprobes) -> WriteLocked<'i, 'g> {
        merge(self.over, self.reserved, uprobes)
    }
}
