// SPDX-License-Identifier: GPL-2.0

//! The reasons why a VMA beside a range has not joined the range.

use super::{
    compat::{
        Blocker,
        Reduction, //
    },
    plan::{
        Blockers,
        Plan,
        Unjoined, //
    },
};
use crate::vocabulary::Label;

/// The reason why a VMA has not joined a range.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Reason {
    /// A rule forbids the merge.
    Rule(Blocker),
    /// The VMA that would be removed has a `close` hook.
    Close,
}

impl Reason {
    /// The number of reasons.
    pub(crate) const COUNT: usize = Blocker::COUNT + 1;

    /// Returns all reasons.
    pub(crate) fn all() -> impl Iterator<Item = Self> {
        (0..Self::COUNT).map(|index| match Blocker::ALL.get(index) {
            Some(blocker) => Self::Rule(*blocker),
            None => Self::Close,
        })
    }

    /// Returns the name for programs.
    pub(crate) const fn name(self) -> Label {
        match self {
            Self::Rule(blocker) => blocker.name(),
            Self::Close => Reduction::NextStays.name(),
        }
    }

    /// Returns the index of the reason in `all()`.
    pub(crate) const fn index(self) -> usize {
        match self {
            Self::Rule(blocker) => blocker as usize,
            Self::Close => Blocker::COUNT,
        }
    }
}

/// The reasons why the VMAs beside a range have not joined the range. `None` means that the VMA has joined,
/// or that memory ran out.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Reasons {
    /// The reason for the VMA below.
    pub(crate) prev: Option<Reason>,
    /// The reason for the VMA above.
    pub(crate) next: Option<Reason>,
}

impl Reasons {
    /// No reasons.
    pub(crate) const NONE: Self = Self {
        prev: None,
        next: None,
    };

    /// Returns the rules that forbid a merge, one on each side.
    #[inline(always)]
    pub(crate) const fn of_blockers(Blockers { prev, next }: Blockers) -> Self {
        Self {
            prev: Some(Reason::Rule(prev)),
            next: Some(Reason::Rule(next)),
        }
    }

    /// Returns the reason for the VMA that does not grow by this plan, if that VMA has not joined.
    #[inline(always)]
    pub(crate) fn of_other_side(plan: &Plan) -> Self {
        let other = plan.other_side.map(|unjoined| match unjoined {
            Unjoined::Blocked(blocker) => Reason::Rule(blocker),
            Unjoined::Reduced(Reduction::NextStays) => Reason::Close,
        });
        if plan.shape.grows_prev() {
            Self {
                prev: None,
                next: other,
            }
        } else {
            Self {
                prev: other,
                next: None,
            }
        }
    }

    /// Returns the reasons after a merge by this plan was abandoned because a VMA must not be removed. The
    /// reason is `Close` on each side that would have joined.
    #[inline(always)]
    pub(crate) fn of_abandoned(plan: &Plan) -> Self {
        let other = Self::of_other_side(plan);
        Self {
            prev: other.prev.or(Some(Reason::Close)),
            next: other.next.or(Some(Reason::Close)),
        }
    }
}
