// SPDX-License-Identifier: GPL-2.0

//! Which merge is it?
//!
//! [`plan`] looks at a candidate and the VMAs around it, and says what the VMAs will be. It is a
//! pure function: nothing is changed, and the same answer comes out for the same input. A
//! [`Plan`] is exactly one store into the maple tree.

use super::{
    compat::{
        blocker_between,
        taker,
        Attributes,
        Blocker,
        Candidate,
        Reduction,
        Side, //
    },
    extent::Extent,
};

/// The five merges there are, by what becomes of the VMAs around the range.
///
/// The range is starred; `prev`, `middle` and `next` are the VMAs before the merge.
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
    LeftWhole,
    /// ```text
    ///   |---prev---|***|-middle-|
    ///   |-----prev-----|-middle-|               middle starts later
    /// ```
    LeftPart {
        /// What is left of middle.
        rest: Extent,
    },
    /// ```text
    ///              |***middle***|---next---|
    ///              |---------next----------|    middle goes
    /// ```
    RightWhole,
    /// ```text
    ///              |-middle-|***|---next---|
    ///              |-middle-|-----next-----|    middle ends earlier
    /// ```
    RightPart {
        /// What is left of middle.
        rest: Extent,
    },
}

impl Shape {
    /// Whether `middle` disappears.
    pub(crate) const fn removes_middle(self) -> bool {
        matches!(self, Self::Both | Self::LeftWhole | Self::RightWhole)
    }

    /// Whether `prev` is the VMA that grows.
    pub(crate) const fn grows_prev(self) -> bool {
        matches!(self, Self::Both | Self::LeftWhole | Self::LeftPart { .. })
    }
}

/// A merge that can be carried out.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Plan {
    /// Which merge it is.
    pub(crate) shape: Shape,
    /// What the VMA that grows will be; its range is what is stored in the tree.
    pub(crate) grown: Extent,
    /// How a close hook made the merge smaller.
    pub(crate) reduction: Option<Reduction>,
}

/// Why nothing merges: the first blocker on either side.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Blockers {
    /// Why the VMA below does not take the range.
    pub(crate) left: Blocker,
    /// Why the VMA above does not take the range.
    pub(crate) right: Blocker,
}

/// What to do with a candidate.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Decision {
    /// A neighbour takes it.
    Merge(Plan),
    /// A neighbour would take all of `middle`, in this shape, but `middle` must not disappear.
    Abandon(Shape),
    /// No neighbour takes it.
    Keep(Blockers),
}

/// Decides which neighbour takes over `candidate`, which is a part of `middle` that touches at least
/// one of its ends.
///
/// `next` may be left out if the candidate ends before `middle` does.
///
/// Answers to the deciding half of `vma_merge_existing_range()`.
pub(crate) fn plan<'a, V: Attributes>(
    candidate: &Candidate<'a, V>,
    prev: Option<&'a V>,
    middle: &V,
    next: Option<&'a V>,
) -> Decision {
    let range = candidate.extent.range;
    let whole = middle.extent();

    let left = taker(candidate, middle, Side::Left, prev);
    let mut right = taker(candidate, middle, Side::Right, next);
    if let (Ok(prev), Ok(next)) = (left, right) {
        if let Some(blocker) = blocker_between(prev, next) {
            right = Err(blocker);
        }
    }

    let mut reduction = None;
    if let (Ok(_), Ok(next)) = (left, right) {
        if next.must_not_disappear() {
            reduction = Some(Reduction::NextStays);
        }
    }

    let (shape, grown) = match (left, right) {
        (Err(left), Err(right)) => return Decision::Keep(Blockers { left, right }),
        (Ok(prev), Ok(next)) if reduction.is_none() => {
            let prev = prev.extent();
            let grown = prev.range.through(next.extent().range);
            (Shape::Both, prev.seen_through(grown))
        }
        (Ok(prev), _) => {
            let prev = prev.extent();
            let shape = match whole.range.cut(range.end()) {
                None => Shape::LeftWhole,
                Some((_, rest)) => Shape::LeftPart {
                    rest: whole.seen_through(rest),
                },
            };
            (shape, prev.seen_through(prev.range.through(range)))
        }
        (Err(_), Ok(next)) => {
            let next = next.extent();
            let shape = match whole.range.cut(range.start()) {
                None => Shape::RightWhole,
                Some((rest, _)) => Shape::RightPart {
                    rest: whole.seen_through(rest),
                },
            };
            (shape, next.seen_through(range.through(next.range)))
        }
    };

    if shape.removes_middle() && middle.must_not_disappear() {
        return Decision::Abandon(shape);
    }
    Decision::Merge(Plan {
        shape,
        grown,
        reduction,
    })
}
