// SPDX-License-Identifier: GPL-2.0

//! Which merge is it?
//!
//! [`plan_part`] and [`plan_new`] look at a candidate and the VMAs around it, and say what the VMAs will be.
//! They are pure functions: nothing is changed, and the same answer comes out for the same input. A [`Plan`] is
//! exactly one store into the maple tree.

use super::{
    compat::{
        blocker_between,
        taker,
        Attributes,
        Blocker,
        Candidate,
        Reach,
        Reduction,
        Side, //
    },
    extent::{
        Extent,
        Range, //
    },
};
use core::ops::Deref;

/// The five merges there are, by what becomes of the VMAs around the range.
///
/// The range is starred; `prev`, `middle` and `next` are the VMAs before the merge. A range that is
/// new lies in no VMA: there is no `middle` then, and it merges whole or not at all.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Shape {
    /// ```text
    ///   |---prev---|***middle***|---next---|
    ///   |---------------prev---------------|    middle and next go
    /// ```
    Both,
    /// ```text
    ///   |---prev---|***middle***|
    ///   |---------prev----------|               middle goes
    /// ```
    PrevWhole,
    /// ```text
    ///   |---prev---|***|-middle-|
    ///   |-----prev-----|-middle-|               middle starts later
    /// ```
    PrevPart {
        /// What is left of middle.
        rest: Extent,
    },
    /// ```text
    ///              |***middle***|---next---|
    ///              |---------next----------|    middle goes
    /// ```
    NextWhole,
    /// ```text
    ///              |-middle-|***|---next---|
    ///              |-middle-|-----next-----|    middle ends earlier
    /// ```
    NextPart {
        /// What is left of middle.
        rest: Extent,
    },
}

impl Shape {
    /// Whether `middle` disappears.
    pub(crate) const fn removes_middle(self) -> bool {
        matches!(self, Self::Both | Self::PrevWhole | Self::NextWhole)
    }

    /// Whether `prev` is the VMA that grows.
    pub(crate) const fn grows_prev(self) -> bool {
        matches!(self, Self::Both | Self::PrevWhole | Self::PrevPart { .. })
    }
}

/// A merge that can be carried out.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Plan {
    /// Which merge it is.
    pub(crate) shape: Shape,
    /// What the VMA that grows will be; its range is what is stored in the tree.
    pub(crate) grown: Extent,
    /// Why the VMA on the other side does not join; none if it does.
    pub(crate) other_side: Option<Unjoined>,
}

impl Plan {
    /// Whether it would make `middle` disappear, which must not.
    #[inline(always)]
    pub(crate) fn is_forbidden_by(&self, middle: &impl Attributes) -> bool {
        self.shape.removes_middle() && middle.must_not_disappear()
    }
}

/// Why a range that merges on one side does not on the other.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Unjoined {
    /// They are not mergeable.
    Blocked(Blocker),
    /// They might, but a close hook made the merge smaller.
    Reduced(Reduction),
}

/// Why nothing merges: the first blocker on either side.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Blockers {
    /// Why the VMA below does not take the range.
    pub(crate) prev: Blocker,
    /// Why the VMA above does not take the range.
    pub(crate) next: Blocker,
}

impl Blockers {
    /// The same on both sides.
    pub(crate) const fn on_both_sides(blocker: Blocker) -> Self {
        Self {
            prev: blocker,
            next: blocker,
        }
    }
}

/// What to do with a candidate.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Decision {
    /// A neighbour takes it.
    Merge(Plan),
    /// A neighbour would take all of `middle`, by this plan, but `middle` must not disappear.
    Abandon(Plan),
    /// No neighbour takes it.
    Keep(Blockers),
}

/// Decides which neighbour takes over `candidate`, a part of `middle` that reaches as far as `reach` says.
/// `next` may be left out if the part does not reach above.
///
/// Answers to the deciding half of `vma_merge_existing_range()`.
#[inline(always)]
pub(crate) fn plan_part<V: Attributes>(
    candidate: &Candidate<'_, V>,
    reach: &Reach,
    prev: Option<&V>,
    middle: &V,
    next: Option<&V>,
) -> Decision {
    match Takers::of(candidate, reach, prev, next) {
        Ok(takers) => {
            let plan = takers.plan_part(candidate.extent.range, middle.extent());
            if plan.is_forbidden_by(middle) {
                Decision::Abandon(plan)
            } else {
                Decision::Merge(plan)
            }
        }
        Err(blockers) => Decision::Keep(blockers),
    }
}

/// Decides which neighbour takes over `candidate`, which is new, as [`plan_part`] does.
///
/// Answers to the deciding half of `vma_merge_new_range()`.
#[inline(always)]
pub(crate) fn plan_new<V: Attributes>(
    candidate: &Candidate<'_, V>,
    reach: &Reach,
    prev: Option<&V>,
    next: Option<&V>,
) -> Decision {
    match Takers::of(candidate, reach, prev, next) {
        Ok(takers) => Decision::Merge(takers.plan_new(candidate.extent)),
        Err(blockers) => Decision::Keep(blockers),
    }
}

/// The neighbours that can take over a candidate; and why not the other, where there is but one.
pub(crate) enum Takers<Prev, Next> {
    /// The one below.
    Prev(Prev, Unjoined),
    /// The one above.
    Next(Next, Blocker),
    /// Both, together: the one below grows, and the one above goes.
    Both(Prev, Next),
}

impl<V, Prev, Next> Takers<Prev, Next>
where
    V: Attributes,
    Prev: Deref<Target = V>,
    Next: Deref<Target = V>,
{
    /// Those of `prev` and `next` that can take over `candidate`, which reaches as far as `reach` says;
    /// or why there are none.
    #[inline(always)]
    pub(crate) fn of(
        candidate: &Candidate<'_, V>,
        reach: &Reach,
        prev: Option<Prev>,
        next: Option<Next>,
    ) -> Result<Self, Blockers> {
        let below = taker(candidate, reach, Side::Below, prev);
        let above = taker(candidate, reach, Side::Above, next);
        match (below, above) {
            (Ok(prev), Ok(next)) => Ok(match joins_too(&*prev, &*next) {
                Ok(()) => Self::Both(prev, next),
                Err(unjoined) => Self::Prev(prev, unjoined),
            }),
            (Ok(prev), Err(above)) => Ok(Self::Prev(prev, Unjoined::Blocked(above))),
            (Err(below), Ok(next)) => Ok(Self::Next(next, below)),
            (Err(prev), Err(next)) => Err(Blockers { prev, next }),
        }
    }

    /// How they take over `part` of a VMA that is `whole` now. Where the part starts or ends inside of it, that much
    /// of it stays.
    #[inline(always)]
    pub(crate) fn plan_part(&self, part: Range, whole: Extent) -> Plan {
        let (shape, grown) = match self {
            Self::Both(prev, next) => (Shape::Both, over_next(prev.extent(), next.extent())),
            Self::Prev(prev, _) => {
                let (shape, taken) = match whole.range.cut_after(part) {
                    None => (Shape::PrevWhole, whole.range),
                    Some((taken, rest)) => {
                        let rest = whole.seen_through(rest);
                        (Shape::PrevPart { rest }, taken)
                    }
                };
                (shape, up_over(prev.extent(), taken))
            }
            Self::Next(next, _) => {
                let (shape, taken) = match whole.range.cut_before(part) {
                    None => (Shape::NextWhole, whole.range),
                    Some((rest, taken)) => {
                        let rest = whole.seen_through(rest);
                        (Shape::NextPart { rest }, taken)
                    }
                };
                // What changes takes the offsets of the VMA that it joins.
                let next = next.extent();
                (shape, next.seen_through(taken.through(next.range)))
            }
        };
        Plan {
            shape,
            grown,
            other_side: self.other_side(),
        }
    }

    /// How they take over what is `new`.
    #[inline(always)]
    pub(crate) fn plan_new(&self, new: Extent) -> Plan {
        let (shape, grown) = match self {
            Self::Both(prev, next) => (Shape::Both, over_next(prev.extent(), next.extent())),
            Self::Prev(prev, _) => (Shape::PrevWhole, up_over(prev.extent(), new.range)),
            Self::Next(next, _) => {
                // What is mapped anew brings its offsets along. They differ from those of what changes where nothing
                // looks at them: in the anonymous page offset of a mapping without anonymous pages.
                let grown = new.range.through(next.extent().range);
                (Shape::NextWhole, new.seen_through(grown))
            }
        };
        Plan {
            shape,
            grown,
            other_side: self.other_side(),
        }
    }

    /// Why the VMA on the other side does not join; none if it does.
    #[inline(always)]
    fn other_side(&self) -> Option<Unjoined> {
        match self {
            Self::Both(..) => None,
            Self::Prev(_, unjoined) => Some(*unjoined),
            Self::Next(_, blocker) => Some(Unjoined::Blocked(*blocker)),
        }
    }
}

/// The extent of `prev` once it has grown up over `taken`.
#[inline(always)]
fn up_over(prev: Extent, taken: Range) -> Extent {
    prev.seen_through(prev.range.through(taken))
}

/// The extent of `prev` once it has grown up over all that lies between, and `next`.
#[inline(always)]
fn over_next(prev: Extent, next: Extent) -> Extent {
    up_over(prev, next.range)
}

/// Whether the next VMA can join together with `prev`, and why not. Each can take over the
/// range.
#[inline(always)]
fn joins_too<V: Attributes>(prev: &V, next: &V) -> Result<(), Unjoined> {
    if let Some(blocker) = blocker_between(prev, next) {
        return Err(Unjoined::Blocked(blocker));
    }
    if next.must_not_disappear() {
        return Err(Unjoined::Reduced(Reduction::NextStays));
    }
    Ok(())
}
