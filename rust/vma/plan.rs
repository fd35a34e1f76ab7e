// SPDX-License-Identifier: GPL-2.0

//! Decides which merge, if any, to carry out.
//!
//! [`plan_part`] and [`plan_new`] look at a candidate and the VMAs around it, and decide what becomes of the VMAs. They
//! are pure functions: they change nothing, and return the same decision for the same input. A [`Plan`] takes exactly
//! one store into the maple tree.

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

/// The five possible merges, by their effect on the VMAs around the range.
///
/// The range is marked with asterisks; `prev`, `middle` and `next` are the VMAs before the merge. A new range lies in
/// no VMA, so it has no `middle`, and merges as a whole or not at all.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Shape {
    /// ```text
    ///   |---prev---|***middle***|---next---|
    ///   |---------------prev---------------|    middle and next are removed
    /// ```
    Both,
    /// ```text
    ///   |---prev---|***middle***|
    ///   |---------prev----------|               middle is removed
    /// ```
    PrevWhole,
    /// ```text
    ///   |---prev---|***|-middle-|
    ///   |-----prev-----|-middle-|               middle starts later
    /// ```
    PrevPart {
        /// The rest of `middle`.
        rest: Extent,
    },
    /// ```text
    ///              |***middle***|---next---|
    ///              |---------next----------|    middle is removed
    /// ```
    NextWhole,
    /// ```text
    ///              |-middle-|***|---next---|
    ///              |-middle-|-----next-----|    middle ends earlier
    /// ```
    NextPart {
        /// The rest of `middle`.
        rest: Extent,
    },
}

impl Shape {
    /// Returns whether `middle` is removed.
    pub(crate) const fn removes_middle(self) -> bool {
        matches!(self, Self::Both | Self::PrevWhole | Self::NextWhole)
    }

    /// Returns whether `prev` is the VMA that grows.
    pub(crate) const fn grows_prev(self) -> bool {
        matches!(self, Self::Both | Self::PrevWhole | Self::PrevPart { .. })
    }
}

/// A merge that can be carried out.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Plan {
    /// The shape of the merge.
    pub(crate) shape: Shape,
    /// The extent that the growing VMA will have; its range is stored in the tree.
    pub(crate) grown: Extent,
    /// The reason why the VMA on the other side does not join; `None` if it joins.
    pub(crate) other_side: Option<Unjoined>,
}

impl Plan {
    /// Returns whether the merge would remove `middle` although `middle` must not be removed.
    #[inline(always)]
    pub(crate) fn is_forbidden_by(&self, middle: &impl Attributes) -> bool {
        self.shape.removes_middle() && middle.must_not_disappear()
    }
}

/// The reason why a range that merges on one side does not merge on the other.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Unjoined {
    /// A rule forbids it.
    Blocked(Blocker),
    /// The rules allow it, but a `close` hook made the merge smaller.
    Reduced(Reduction),
}

/// The reasons why nothing merges: the first blocker on either side.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Blockers {
    /// The reason why the VMA below does not take the range.
    pub(crate) prev: Blocker,
    /// The reason why the VMA above does not take the range.
    pub(crate) next: Blocker,
}

impl Blockers {
    /// Returns `blocker` for both sides.
    pub(crate) const fn on_both_sides(blocker: Blocker) -> Self {
        Self {
            prev: blocker,
            next: blocker,
        }
    }
}

/// The decision about a candidate.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Decision {
    /// A neighbour takes the candidate.
    Merge(Plan),
    /// A neighbour would take all of `middle`, by this plan, but `middle` must not be removed.
    Abandon(Plan),
    /// No neighbour takes the candidate.
    Keep(Blockers),
}

/// Decides which neighbour takes over `candidate`, a part of `middle` with this `reach`. `next` may be left
/// out if the part does not reach above.
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

/// Decides which neighbour takes over `candidate`, which is a new range, as [`plan_part`] does.
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

/// The neighbours that can take over a candidate and, if there is only one, the reason why the other cannot.
pub(crate) enum Takers<Prev, Next> {
    /// The VMA below.
    Prev(Prev, Unjoined),
    /// The VMA above.
    Next(Next, Blocker),
    /// Both, together: the VMA below grows, and the VMA above is removed.
    Both(Prev, Next),
}

impl<V, Prev, Next> Takers<Prev, Next>
where
    V: Attributes,
    Prev: Deref<Target = V>,
    Next: Deref<Target = V>,
{
    /// Returns the VMAs among `prev` and `next` that can take over `candidate`, which has this `reach`, or the blockers
    /// if neither can.
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

    /// Plans how the neighbours take over `part` of a VMA that has the extent `whole` now. If the part starts
    /// or ends inside the VMA, the rest of the VMA stays.
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
                // A part that changes gets the offsets of the VMA that it joins.
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

    /// Plans how the neighbours take over the range `new`.
    #[inline(always)]
    pub(crate) fn plan_new(&self, new: Extent) -> Plan {
        let (shape, grown) = match self {
            Self::Both(prev, next) => (Shape::Both, over_next(prev.extent(), next.extent())),
            Self::Prev(prev, _) => (Shape::PrevWhole, up_over(prev.extent(), new.range)),
            Self::Next(next, _) => {
                // A range that is about to be mapped keeps its own offsets. They differ from the offsets of `next` only
                // where nothing uses them: in the anonymous page offset of a mapping without anonymous pages.
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

    /// Returns the reason why the VMA on the other side does not join; `None` if it joins.
    #[inline(always)]
    fn other_side(&self) -> Option<Unjoined> {
        match self {
            Self::Both(..) => None,
            Self::Prev(_, unjoined) => Some(*unjoined),
            Self::Next(_, blocker) => Some(Unjoined::Blocked(*blocker)),
        }
    }
}

/// Returns the extent of `prev` once it has grown upwards over `taken`.
#[inline(always)]
fn up_over(prev: Extent, taken: Range) -> Extent {
    prev.seen_through(prev.range.through(taken))
}

/// Returns the extent of `prev` once it has grown upwards over `next` and everything in between.
#[inline(always)]
fn over_next(prev: Extent, next: Extent) -> Extent {
    up_over(prev, next.range)
}

/// Returns `Ok` if `next` can join together with `prev`, otherwise the reason why not. Each of the two alone can take
/// over the range.
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
