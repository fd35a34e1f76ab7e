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
    vma::{
        Vma,
        WriteLocked, //
    },
};
use crate::vma::{
    compat::Attributes,
    extent::Range,
    plan::{
        Plan,
        Shape,
        Takers, //
    },
};

/// A VMA beside a site that is about to take over the middle, or a part of it.
///
/// # Invariants
///
/// `plan` is how the `takers` take it over.
pub(crate) struct Growth<'i, 'g> {
    takers: Takers<Prev<'i, 'g>, Next<'i, 'g>>,
    middle: Middle<'i, 'g>,
    plan: Plan,
}

impl<'i, 'g> Growth<'i, 'g> {
    /// The takers take over the `part` of the middle.
    #[inline(always)]
    pub(crate) fn of(
        takers: Takers<Prev<'i, 'g>, Next<'i, 'g>>,
        middle: Middle<'i, 'g>,
        part: Range,
    ) -> Self {
        let plan = takers.plan_part(part, middle.extent());
        // INVARIANT: It was just made of these.
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

    /// The middle, which nobody takes over then.
    pub(crate) fn into_middle(self) -> Middle<'i, 'g> {
        self.middle
    }

    /// Whether the middle would disappear, and must not.
    #[inline(always)]
    pub(crate) fn is_forbidden(&self) -> bool {
        self.plan.is_forbidden_by(&*self.middle)
    }

    /// Write-locks the VMAs, and gets what may be lacking: an anon_vma for the VMA that grows, and memory for the
    /// store. Else nothing has changed, but that they are write-locked, and the one in the middle comes back.
    ///
    /// Sleeps. Answers to `dup_anon_vma()`, `vma_iter_config()` and `vma_iter_prealloc()`.
    #[inline(always)]
    pub(crate) fn prepare<'r>(
        self,
        cursor: &'r mut Cursor<'_, 'g>,
    ) -> Result<PreparedGrowth<'r, 'i, 'g>, Vma<'i, 'g>> {
        let middle = self.middle.alone().write_locked();
        let (mut grown, next) = match self.takers {
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
        match cursor.reserve(self.plan.grown.range, &grown) {
            Ok(reserved) => Ok(PreparedGrowth {
                grown: Resizing {
                    vma: grown,
                    to: self.plan.grown,
                },
                middle,
                next,
                shape: self.plan.shape,
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
