// SPDX-License-Identifier: GPL-2.0

//! A VMA beside a site that is about to take over the one in the middle, or a part of it.
//!
//! ```text
//!   prepare()   write locks, an anon_vma, memory for the store; undone if one cannot be had
//!   commit()    cannot fail (merging.rs)
//! ```
//!
//! What the VMAs will be is computed here, from those that it is about. These lie side by side, as their types
//! say, so that the one that grows overlaps no other.

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

/// A change of real VMAs.
type ChangeOf<'c> = Change<Policy<'c>, Name<'c>, UserfaultfdContext>;

/// A change of a part of the middle of a site, and how far that part reaches.
///
/// It borrows what the site borrows, so that there is no other site as long as this is used.
///
/// # Invariants
///
/// `flags` are those that the part of this site's middle will have, and `reach` is how far such a part reaches, or why
/// it joins nobody.
pub(crate) struct Asking<'i, 'g, 'c> {
    change: &'c ChangeOf<'c>,
    part: Range,
    flags: VmaFlags,
    reach: Result<Reach, Blocker>,
    _site: PhantomData<&'i ()>,
    _brand: Brand<'g>,
}

impl<'i, 'g, 'c> Asking<'i, 'g, 'c> {
    /// The `part` of the middle of this site is to change so. Looks for the VMA above, if the part could join it.
    #[inline(always)]
    pub(crate) fn about(site: &mut Site<'i, 'g>, part: Range, change: &'c ChangeOf<'c>) -> Self {
        let flags = change.flags_of(site.middle());
        let reach = match change.flags {
            // A change does not alter the kind of memory. The rules compare what is wanted, and would join it with
            // VMAs of the other kind.
            Some(flags) if flags.difference(site.middle().vma_flags()).intersects(KIND) => {
                Err(Blocker::Flags)
            }
            _ => Reach::of_part(part, flags, site.middle()),
        };
        if matches!(&reach, Ok(reach) if reach.to(Side::Above).is_ok()) {
            site.look_above();
        }
        // INVARIANT: They were just computed for this middle.
        Self {
            change,
            part,
            flags,
            reach,
            _site: PhantomData,
            _brand: PhantomData,
        }
    }

    /// The flags that the part will have.
    pub(crate) fn flags(&self) -> VmaFlags {
        self.flags
    }

    /// Those of the VMAs beside the middle that may take over the part; or why there are none.
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
        // INVARIANT: The rules were just asked.
        Ok(Takeover(takers))
    }
}

/// The VMAs beside a middle that may take over the part that was asked about.
///
/// # Invariants
///
/// The rules let them, for a part of the only middle with these lifetimes.
pub(crate) struct Takeover<'i, 'g>(Takers<Prev<'i, 'g>, Next<'i, 'g>>);

/// A VMA beside a site that is about to take over the middle, or a part of it.
///
/// # Invariants
///
/// The rules let the `takers` take it over, and `plan` is how they do.
pub(crate) struct Growth<'i, 'g> {
    takers: Takers<Prev<'i, 'g>, Next<'i, 'g>>,
    middle: Middle<'i, 'g>,
    plan: Plan,
}

impl<'i, 'g> Growth<'i, 'g> {
    /// The takers take over the part of the middle that was asked about.
    #[inline(always)]
    pub(crate) fn of(
        asking: &Asking<'i, 'g, '_>,
        takeover: Takeover<'i, 'g>,
        middle: Middle<'i, 'g>,
    ) -> Self {
        let takers = takeover.0;
        let plan = takers.plan_part(asking.part, middle.extent());
        // INVARIANT: It was just made of these, which the rules let.
        Self {
            takers,
            middle,
            plan,
        }
    }

    /// What the VMAs will be.
    pub(crate) fn plan(&self) -> &Plan {
        &self.plan
    }

    /// Whether the middle would disappear, and must not, as its driver has a `close` hook.
    #[inline(always)]
    pub(crate) fn is_forbidden(&self) -> bool {
        self.plan.is_forbidden_by(&*self.middle)
    }

    /// The middle, which nobody takes over then.
    pub(crate) fn into_middle(self) -> Middle<'i, 'g> {
        self.middle
    }

    /// Write-locks the VMAs, and gets what may be lacking: an anon_vma for the VMA that grows, and memory for the
    /// store. Else nothing has changed, but that they are write-locked, and the one in the middle comes back: if there
    /// is no memory, or the growth [is forbidden](Self::is_forbidden).
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
        // SAFETY: They have one brand, so they are of one mm.
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
                // SAFETY: It was adopted just above.
                unsafe { grown.give_back(cloned) };
                Err(middle.into_vma())
            }
        }
    }
}

/// A growth that cannot fail any more. Without [`commit`](Self::commit) no VMA changes, but that an anon_vma that was
/// taken over stays.
///
/// # Invariants
///
/// `reserved` is for the VMA that grows, where it will be; and the shape is that of the plan by which these VMAs
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
    /// The VMA after the middle, if that is taken over, too.
    pub(crate) fn next(&self) -> Option<&VmaRef> {
        self.next.as_ref().map(|next| &***next)
    }

    /// Merges, and returns the VMA that has grown. Sleeps.
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
