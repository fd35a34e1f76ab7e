// SPDX-License-Identifier: GPL-2.0

//! A VMA that is about to take over the middle of a site, or a part of it.
//!
//! ```text
//!   prepare()   write-locks VMAs; gets an anon_vma and memory for the store, or undoes both
//!   commit()    cannot fail (merging.rs)
//! ```
//!
//! This file computes the future extents from the VMAs concerned. The types of the VMAs prove that they lie side by
//! side, so the VMA that grows overlaps no other VMA.

use super::{
    brand::Brand,
    host::VmaRef,
    iter::{
        Cursor,
        Reserved,
        Storing, //
    },
    merging::{
        merge,
        Down,
        Over,
        Resizing,
        Up,
        Uprobes, //
    },
    places::{
        Middle,
        Next,
        Prev, //
    },
    site::Site,
    vma::{
        Vma,
        WriteLocked, //
    },
    vma_ref::{
        Name,
        Policy,
        UserfaultfdContext, //
    },
};
use crate::vma::{
    change::Change,
    compat::{
        Attributes,
        Blocker,
        Reach,
        Side, //
    },
    extent::Range,
    flags::{
        VmaFlags,
        KIND, //
    },
    plan::{
        Blockers,
        Plan,
        Shape,
        Takers, //
    },
};
use core::marker::PhantomData;

/// A change to real VMAs.
type ChangeOf<'c> = Change<Policy<'c>, Name<'c>, UserfaultfdContext>;

/// A change to a part of the middle of a site, and the reach of that part.
///
/// The value borrows what the site borrows, so no other site exists while it is used.
///
/// # Invariants
///
/// `flags` are the flags that the part of this site's middle will have. `reach` is the reach of that part, or the
/// blocker that keeps it from merging on either side.
pub(crate) struct Asking<'i, 'g, 'c> {
    change: &'c ChangeOf<'c>,
    part: Range,
    flags: VmaFlags,
    reach: Result<Reach, Blocker>,
    _site: PhantomData<&'i ()>,
    _brand: Brand<'g>,
}

impl<'i, 'g, 'c> Asking<'i, 'g, 'c> {
    /// Prepares to change `part` of the middle of this site. Looks up the VMA above if the part could join that VMA.
    #[inline(always)]
    pub(crate) fn about(site: &mut Site<'i, 'g>, part: Range, change: &'c ChangeOf<'c>) -> Self {
        let flags = change.flags_of(site.middle());
        let reach = match change.flags {
            // A change cannot alter the kind of memory. The rules compare only the requested flags, and would let the
            // part join VMAs of another kind.
            Some(flags) if flags.difference(site.middle().vma_flags()).intersects(KIND) => {
                Err(Blocker::Flags)
            }
            _ => Reach::of_part(part, flags, site.middle()),
        };
        if matches!(&reach, Ok(reach) if reach.to(Side::Above).is_ok()) {
            site.look_above();
        }
        // INVARIANT: `flags` and `reach` were just computed for this middle.
        Self {
            change,
            part,
            flags,
            reach,
            _site: PhantomData,
            _brand: PhantomData,
        }
    }

    /// Returns the flags that the part will have.
    pub(crate) fn flags(&self) -> VmaFlags {
        self.flags
    }

    /// Returns the VMAs beside the middle that may take over the part, or the blockers if there are no such VMAs.
    ///
    /// Answers to the deciding half of `vma_merge_existing_range()`.
    #[inline(always)]
    pub(crate) fn takeover(
        &self,
        prev: Option<Prev<'i, 'g>>,
        middle: &Middle<'i, 'g>,
        next: Option<Next<'i, 'g>>,
    ) -> Result<Takeover<'i, 'g>, Blockers> {
        let takers = match &self.reach {
            Err(blocker) => Err(Blockers::on_both_sides(*blocker)),
            Ok(reach) => {
                let candidate = self.change.of(&**middle, self.part);
                Takers::of(&candidate, reach, prev, next)
            }
        }?;
        // INVARIANT: The rules were just checked.
        Ok(Takeover(takers))
    }
}

/// The VMAs beside the middle of a site that may take over the part that changes.
///
/// # Invariants
///
/// The rules allow the takeover of a part of the middle with these lifetimes. There is only one such middle.
pub(crate) struct Takeover<'i, 'g>(Takers<Prev<'i, 'g>, Next<'i, 'g>>);

/// A VMA that is about to take over the middle of a site, or a part of it.
///
/// # Invariants
///
/// The rules allow the `takers` to take over the part, and `plan` describes that merge.
pub(crate) struct Growth<'i, 'g> {
    takers: Takers<Prev<'i, 'g>, Next<'i, 'g>>,
    middle: Middle<'i, 'g>,
    plan: Plan,
}

impl<'i, 'g> Growth<'i, 'g> {
    /// Creates the growth in which the takers take over the part of the middle that changes.
    #[inline(always)]
    pub(crate) fn of(
        asking: &Asking<'i, 'g, '_>,
        takeover: Takeover<'i, 'g>,
        middle: Middle<'i, 'g>,
    ) -> Self {
        let takers = takeover.0;
        let plan = takers.plan_part(asking.part, middle.extent());
        // INVARIANT: The plan was just made from these VMAs, and the rules allow it.
        Self {
            takers,
            middle,
            plan,
        }
    }

    /// Returns the plan, which contains the future extents.
    pub(crate) fn plan(&self) -> &Plan {
        &self.plan
    }

    /// Returns whether the plan would remove the middle although the middle has a `close` hook.
    #[inline(always)]
    pub(crate) fn is_forbidden(&self) -> bool {
        self.plan.is_forbidden_by(&*self.middle)
    }

    /// Gives up the growth, and returns the middle.
    pub(crate) fn into_middle(self) -> Middle<'i, 'g> {
        self.middle
    }

    /// Write-locks the VMAs, and acquires an anon_vma for the VMA that grows, if it needs one, and memory for the
    /// store.
    ///
    /// Returns the middle if there is no memory, or if the growth [is forbidden](Self::is_forbidden). In these cases
    /// nothing has changed, except that VMAs may be write-locked.
    ///
    /// Sleeps. Answers to `dup_anon_vma()`, `vma_iter_config()` and `vma_iter_prealloc()`.
    #[inline(always)]
    pub(crate) fn prepare<'r>(
        self,
        cursor: &'r mut Cursor<'_, 'g>,
    ) -> Result<PreparedGrowth<'r, 'i, 'g>, Vma<'i, 'g>> {
        if self.is_forbidden() {
            return Err(self.middle.alone());
        }
        let Self {
            takers,
            middle,
            plan,
        } = self;
        let middle = middle.alone().write_locked();
        let (mut grown, next) = match takers {
            Takers::Prev(prev, _) => (prev.into_vma().write_locked(), None),
            Takers::Next(next, _) => (next.into_vma().write_locked(), None),
            Takers::Both(prev, next) => {
                let next = next.into_vma().write_locked();
                (prev.into_vma().write_locked(), Some(next))
            }
        };
        let source = match &next {
            Some(next) if next.anon_vma().is_some() => next,
            _ => &middle,
        };
        // SAFETY: The VMAs have one brand, so they belong to one mm.
        let Ok(cloned) = (unsafe { grown.adopt_anon_vma(source) }) else {
            return Err(middle.into_vma());
        };
        match cursor.reserve(plan.grown.range, &grown) {
            Ok(reserved) => Ok(PreparedGrowth {
                grown: Resizing {
                    vma: grown,
                    to: plan.grown,
                },
                middle,
                next,
                shape: plan.shape,
                reserved,
            }),
            Err(_) => {
                // SAFETY: `cloned` was adopted just above.
                unsafe { grown.give_back(cloned) };
                Err(middle.into_vma())
            }
        }
    }
}

/// A growth that can no longer fail. Without [`commit`](Self::commit) no VMA changes, except that an adopted anon_vma
/// stays.
///
/// # Invariants
///
/// `reserved` is for the VMA that grows, at its future extent. `shape` is the shape of the plan by which these VMAs
/// change.
#[must_use = "nothing has changed yet"]
pub(crate) struct PreparedGrowth<'r, 'i, 'g> {
    grown: Resizing<'i, 'g>,
    middle: WriteLocked<'i, 'g>,
    next: Option<WriteLocked<'i, 'g>>,
    shape: Shape,
    reserved: Reserved<'r, 'g, Storing>,
}

impl<'i, 'g> PreparedGrowth<'_, 'i, 'g> {
    /// Returns the VMA after the middle, if that VMA is also taken over.
    pub(crate) fn next(&self) -> Option<&VmaRef> {
        self.next.as_ref().map(|next| &***next)
    }

    /// Merges the VMAs, and returns the VMA that has grown. Sleeps.
    #[inline(always)]
    pub(crate) fn commit(self) -> WriteLocked<'i, 'g> {
        let Self {
            grown,
            middle,
            next,
            shape,
            reserved,
        } = self;
        match shape {
            Shape::Both | Shape::PrevWhole | Shape::NextWhole => {
                let gone = [Some(middle), next];
                merge(Over { grown, gone }, reserved, Uprobes::Install)
            }
            Shape::PrevPart { rest } => {
                let shrunk = Resizing {
                    vma: middle,
                    to: rest,
                };
                merge(Up { grown, shrunk }, reserved, Uprobes::Install)
            }
            Shape::NextPart { rest } => {
                let shrunk = Resizing {
                    vma: middle,
                    to: rest,
                };
                merge(Down { grown, shrunk }, reserved, Uprobes::Install)
            }
        }
    }
}
