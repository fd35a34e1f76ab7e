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
    extent::Extent,
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
pub(crate) enum Decision<Merge = Plan> {
    /// A neighbour takes it.
    Merge(Merge),
    /// A neighbour would take all of `middle`, in this shape, but `middle` must not disappear.
    Abandon(Shape),
    /// No neighbour takes it.
    Keep(Blockers),
}

impl<Merge> Decision<Merge> {
    /// The same decision, with the merge as `change` makes it.
    pub(crate) fn map<Other>(self, change: impl FnOnce(Merge) -> Other) -> Decision<Other> {
        match self {
            Self::Merge(merge) => Decision::Merge(change(merge)),
            Self::Abandon(shape) => Decision::Abandon(shape),
            Self::Keep(blockers) => Decision::Keep(blockers),
        }
    }
}

/// Decides which neighbour takes over `candidate`, a part of `middle` that reaches as far as `reach` says.
/// `next` may be left out if the part does not reach above.
///
/// The neighbours that a plan is about come with it, so it cannot be about a VMA that is not there. Answers to
/// the deciding half of `vma_merge_existing_range()`.
#[inline(always)]
pub(crate) fn plan_part<V, Prev, Next>(
    candidate: &Candidate<'_, V>,
    reach: &Reach,
    prev: Option<Prev>,
    middle: &V,
    next: Option<Next>,
) -> Decision<(Plan, Takers<Prev, Next>)>
where
    V: Attributes,
    Prev: Deref<Target = V>,
    Next: Deref<Target = V>,
{
    match Takers::of(candidate, reach, prev, next) {
        Ok(takers) => {
            let plan = takers.plan(candidate, Some(middle));
            if plan.shape.removes_middle() && middle.must_not_disappear() {
                return Decision::Abandon(plan.shape);
            }
            Decision::Merge((plan, takers))
        }
        Err(blockers) => Decision::Keep(blockers),
    }
}

/// Decides which neighbour takes over `candidate`, which is new, as [`plan_part`] does.
///
/// Answers to the deciding half of `vma_merge_new_range()`.
#[inline(always)]
pub(crate) fn plan_new<V, Prev, Next>(
    candidate: &Candidate<'_, V>,
    reach: &Reach,
    prev: Option<Prev>,
    next: Option<Next>,
) -> Result<(Plan, Takers<Prev, Next>), Blockers>
where
    V: Attributes,
    Prev: Deref<Target = V>,
    Next: Deref<Target = V>,
{
    let takers = Takers::of(candidate, reach, prev, next)?;
    Ok((takers.plan(candidate, None), takers))
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
    fn of(
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

    /// How they take over `candidate`, which is a part of `middle`, or new.
    #[inline(always)]
    fn plan(&self, candidate: &Candidate<'_, V>, middle: Option<&V>) -> Plan {
        let range = candidate.extent.range;
        let whole = middle.map_or(candidate.extent, V::extent);

        // Where the range starts or ends inside of middle, that much of middle stays.
        let (shape, grown, other_side) = match self {
            Self::Both(prev, next) => {
                let prev = prev.extent();
                let grown = prev.range.through(next.extent().range);
                (Shape::Both, prev.seen_through(grown), None)
            }
            Self::Prev(prev, unjoined) => {
                let shape = match whole.range.cut_after(range) {
                    None => Shape::PrevWhole,
                    Some((_, rest)) => Shape::PrevPart {
                        rest: whole.seen_through(rest),
                    },
                };
                let prev = prev.extent();
                let grown = prev.range.through(range);
                (shape, prev.seen_through(grown), Some(*unjoined))
            }
            Self::Next(next, blocker) => {
                let shape = match whole.range.cut_before(range) {
                    None => Shape::NextWhole,
                    Some((rest, _)) => Shape::NextPart {
                        rest: whole.seen_through(rest),
                    },
                };
                let next = next.extent();
                let grown = range.through(next.range);
                // What is mapped anew brings its offsets along; what changes takes those of the VMA
                // it joins. They differ where nothing looks at them: in the anonymous page offset of
                // a mapping without anonymous pages.
                let offsets = match middle {
                    Some(_) => next,
                    None => candidate.extent,
                };
                let unjoined = Unjoined::Blocked(*blocker);
                (shape, offsets.seen_through(grown), Some(unjoined))
            }
        };

        Plan {
            shape,
            grown,
            other_side,
        }
    }
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
