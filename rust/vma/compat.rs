// SPDX-License-Identifier: GPL-2.0

//! Are these two ranges mergeable? Every rule, once, by name.
//!
//! A range of memory (a *candidate*: what a part of a VMA will be once it is changed, or what is
//! about to be mapped) may become part of a VMA next to it if the two cannot be told apart afterwards. Each way in which they can
//! be told apart is a [`Blocker`]. Nothing here changes anything, and nothing elsewhere decides.

pub(crate) use super::blocker::{
    Blocker,
    BlockerSet,
    Reduction, //
};
use super::{
    extent::{
        Extent,
        Range, //
    },
    flags::{
        self,
        VmaFlags, //
    },
};
use core::ops::{
    ControlFlow,
    Deref, //
};

/// What the rules ask about a VMA.
///
/// The associated types only have to tell alike from different; for a real VMA they are the
/// addresses of C objects, or what C compares in their place.
pub(crate) trait Attributes {
    /// A file, as the VMA's `vm_file`.
    type File: PartialEq;
    /// An anon_vma, as the VMA's `anon_vma`.
    type AnonVma: PartialEq;
    /// A userfaultfd context.
    type UserfaultfdContext: PartialEq;
    /// A NUMA policy, as the VMA's `vm_policy`. Comparing may read it, so it is borrowed.
    type Policy<'a>
    where
        Self: 'a;
    /// A name given with `prctl(PR_SET_VMA)`. Comparing may read it, so it is borrowed.
    type Name<'a>
    where
        Self: 'a;

    /// Where it lies and what it maps.
    fn extent(&self) -> Extent;
    /// Its flags, `vm_flags`.
    fn vma_flags(&self) -> VmaFlags;
    /// The file it maps, if any.
    fn file(&self) -> Option<Self::File>;
    /// The anon_vma of its anonymous pages; none until the first of them is faulted in.
    fn anon_vma(&self) -> Option<Self::AnonVma>;
    /// Whether its anon_vma came from a parent by fork, so that other processes may share pages
    /// with it. Said of a VMA with an anon_vma only.
    fn has_forked_anon_vma(&self) -> bool;
    /// Its NUMA policy.
    fn policy(&self) -> Self::Policy<'_>;
    /// Whether its NUMA policy places memory as `policy` does.
    fn has_policy_like<'a>(&self, policy: &Self::Policy<'a>) -> bool
    where
        Self: 'a;
    /// The userfaultfd context it is registered with.
    fn userfaultfd_context(&self) -> Self::UserfaultfdContext;
    /// Its name.
    fn name(&self) -> Self::Name<'_>;
    /// Whether its name reads as `name` does.
    fn has_name_like<'a>(&self, name: &Self::Name<'a>) -> bool
    where
        Self: 'a;
    /// Whether it is registered with a userfaultfd that does not follow when it is moved, so that
    /// the copy will be registered with none.
    fn loses_userfaultfd_when_moved(&self) -> bool;
    /// Whether its driver has to be told when it goes (a `close` hook), so that a merge must not
    /// make it disappear.
    fn must_not_disappear(&self) -> bool;
}

/// A range, as it will be once it is changed or mapped, that looks for a VMA to become part of.
///
/// Answers to the fields of `struct vma_merge_struct` that say what is wanted.
pub(crate) struct Candidate<'a, V: Attributes> {
    /// Where it lies and what it maps.
    pub(crate) extent: Extent,
    /// The flags it will have.
    pub(crate) flags: VmaFlags,
    /// The file it maps.
    pub(crate) file: Option<V::File>,
    /// The anon_vma its pages have now.
    pub(crate) anon_vma: Option<V::AnonVma>,
    /// The NUMA policy it will have.
    pub(crate) policy: V::Policy<'a>,
    /// The userfaultfd context it will have.
    pub(crate) userfaultfd_context: V::UserfaultfdContext,
    /// The name it will have.
    pub(crate) name: V::Name<'a>,
    /// Where its pages are now.
    pub(crate) source: Source<'a, V>,
}

/// Where the pages of a candidate are now.
pub(crate) enum Source<'a, V> {
    /// Nowhere: there are none yet.
    New,
    /// In this VMA, which they leave: the candidate is a part of it, or moves away from it.
    Leaving(&'a V),
}

impl<'a, V> Source<'a, V> {
    /// The VMA where the pages are now, if there are any.
    pub(crate) const fn vma(&self) -> Option<&'a V> {
        match self {
            Self::New => None,
            Self::Leaving(vma) => Some(*vma),
        }
    }
}

impl<'a, V: Attributes> Candidate<'a, V> {
    /// The range that `extent` covers, alike to `vma` in everything.
    ///
    /// Callers replace what is to change. Answers to `VMG_VMA_STATE()`.
    pub(crate) fn like(vma: &'a V, extent: Extent, source: Source<'a, V>) -> Self {
        Self {
            extent,
            flags: vma.vma_flags(),
            file: vma.file(),
            anon_vma: vma.anon_vma(),
            policy: vma.policy(),
            userfaultfd_context: vma.userfaultfd_context(),
            name: vma.name(),
            source,
        }
    }
}

/// On which side of a candidate a VMA lies.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Side {
    /// Below it: the candidate would be appended.
    Below,
    /// Above it: the candidate would be put in front.
    Above,
}

/// On which sides a range might join a neighbour at all.
#[derive(Clone, Copy)]
pub(crate) enum Reach {
    /// On either.
    BothSides,
    /// Below: it is the beginning of a VMA, the rest of which lies above.
    Beginning,
    /// Above: it is the end of a VMA, the rest of which lies below.
    End,
    /// Below: it is new, and only the VMA before was to grow.
    ExpandOnly,
}

/// Which neighbours a new range may join.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Joining {
    /// Either, or both.
    EitherSide,
    /// The VMA before it, and no other: the caller knows that there is nothing to join above. The
    /// iterator stands at that VMA. Answers to `just_expand`.
    ExpandOnly,
}

impl Reach {
    /// The reach of a part of `middle`: where it comes to an end of its VMA, it might join the one
    /// beyond. Or why it cannot merge, whatever its neighbours are.
    ///
    /// Answers to the first test of `vma_merge_existing_range()`.
    #[inline(always)]
    pub(crate) fn of_part<V: Attributes>(
        range: Range,
        flags: VmaFlags,
        middle: &V,
    ) -> Result<Self, Blocker> {
        if flags.intersects(flags::SPECIAL) {
            return Err(Blocker::SpecialMapping);
        }
        let whole = middle.extent().range;
        match (range.start() == whole.start(), range.end() == whole.end()) {
            (true, true) => Ok(Self::BothSides),
            (true, false) => Ok(Self::Beginning),
            (false, true) => Ok(Self::End),
            (false, false) => Err(Blocker::TouchesNeitherEnd),
        }
    }

    /// The reach of a range that is new where it is. Or why it cannot merge, whatever its
    /// neighbours are.
    ///
    /// Answers to the first tests of `vma_merge_copied_range()` and `vma_merge_new_range()`.
    #[inline(always)]
    pub(crate) fn of_new<V: Attributes>(
        candidate: &Candidate<'_, V>,
        joining: Joining,
    ) -> Result<Self, Blocker> {
        let source = candidate.source.vma();
        if source.is_some_and(V::loses_userfaultfd_when_moved) {
            return Err(Blocker::MovedUnderUserfaultfd);
        }
        if candidate.flags.intersects(flags::SPECIAL) {
            return Err(Blocker::SpecialMapping);
        }
        Ok(match joining {
            Joining::EitherSide => Self::BothSides,
            Joining::ExpandOnly => Self::ExpandOnly,
        })
    }

    /// Whether there might be a neighbour to join on that side.
    #[inline(always)]
    pub(crate) const fn to(self, side: Side) -> Result<(), Blocker> {
        match (side, self) {
            (Side::Below, Self::End) | (Side::Above, Self::Beginning) => Err(Blocker::RestOfVma),
            (Side::Above, Self::ExpandOnly) => Err(Blocker::ExpandOnly),
            _ => Ok(()),
        }
    }
}

/// The neighbour on that side, if it can take the candidate over; else the first reason, in the
/// order of the rules, why it cannot.
///
/// Answers to `can_vma_merge_left()` and `can_vma_merge_right()`, as far as one side goes.
#[inline(always)]
pub(crate) fn taker<V: Attributes, Neighbour: Deref<Target = V>>(
    candidate: &Candidate<'_, V>,
    reach: &Reach,
    side: Side,
    neighbour: Option<Neighbour>,
) -> Result<Neighbour, Blocker> {
    reach.to(side)?;
    let neighbour = neighbour.ok_or(Blocker::NotAdjacent)?;

    match each_blocker(candidate, side, &*neighbour, ControlFlow::Break) {
        ControlFlow::Continue(()) => Ok(neighbour),
        ControlFlow::Break(blocker) => Err(blocker),
    }
}

/// Every reason why the VMA on that side, which is there, cannot take over `candidate`, a part of a VMA
/// that reaches as far as [`Reach::of_part`] says.
pub(crate) fn all_blockers<V: Attributes>(
    candidate: &Candidate<'_, V>,
    reach: Result<Reach, Blocker>,
    side: Side,
    neighbour: &V,
) -> BlockerSet {
    let mut all = match reach.and_then(|reach| reach.to(side)) {
        Ok(()) => BlockerSet::NONE,
        Err(blocker) => BlockerSet::NONE.with(blocker),
    };
    let _ = each_blocker(candidate, side, neighbour, |blocker| {
        all = all.with(blocker);
        ControlFlow::Continue(())
    });
    all
}

/// Why a candidate that may join `prev` and may join `next` cannot join both.
///
/// That each agrees with the candidate does not mean that they agree with each other: a candidate
/// without an anon_vma agrees with any. Answers to the last test of `can_vma_merge_right()`.
pub(crate) fn blocker_between<V: Attributes>(prev: &V, next: &V) -> Option<Blocker> {
    match (prev.anon_vma(), next.anon_vma()) {
        (Some(prev), Some(next)) if prev != next => Some(Blocker::NeighboursAnonVma),
        _ => None,
    }
}

/// Whether the drivers of both have to see theirs closed, so that the two cannot merge whatever the
/// other rules say.
pub(crate) fn neither_may_disappear<V: Attributes>(prev: &V, next: &V) -> bool {
    prev.must_not_disappear() && next.must_not_disappear()
}

/// Calls `found` with every reason why `candidate` cannot become part of `neighbour`, until it says
/// to stop.
#[inline(always)]
fn each_blocker<V: Attributes>(
    candidate: &Candidate<'_, V>,
    side: Side,
    neighbour: &V,
    mut found: impl FnMut(Blocker) -> ControlFlow<Blocker>,
) -> ControlFlow<Blocker> {
    let here = candidate.extent;
    // What a rule compares is read when its turn comes: most neighbours are ruled out by the first ones.
    let touching = match side {
        Side::Below => neighbour.extent().range.end() == here.range.start(),
        Side::Above => here.range.end() == neighbour.extent().range.start(),
    };

    if !touching {
        found(Blocker::NotAdjacent)?;
    }
    if !neighbour.has_policy_like(&candidate.policy) {
        found(Blocker::Policy)?;
    }
    if candidate
        .flags
        .difference(neighbour.vma_flags())
        .without(flags::IGNORED_BY_MERGES)
        != VmaFlags::EMPTY
    {
        found(Blocker::Flags)?;
    }
    if candidate.file != neighbour.file() {
        found(Blocker::File)?;
    }
    if candidate.userfaultfd_context != neighbour.userfaultfd_context() {
        found(Blocker::UserfaultfdContext)?;
    }
    if !neighbour.has_name_like(&candidate.name) {
        found(Blocker::Name)?;
    }
    if let Some(blocker) = anon_vma_blocker(candidate, neighbour) {
        found(blocker)?;
    }
    let there = neighbour.extent();
    let (below, above) = match side {
        Side::Below => (there, here),
        Side::Above => (here, there),
    };
    if below.end_pgoff() != above.pgoff {
        found(Blocker::PageOffset)?;
    }
    if has_separate_anon_pgoff(candidate) && below.end_anon_pgoff() != above.anon_pgoff {
        found(Blocker::AnonPageOffset)?;
    }
    ControlFlow::Continue(())
}

/// Whether two ranges with these anon_vmas may share one.
///
/// If only one of the two has an anon_vma, the merged VMA gets that one, and with it a place among
/// its parents and children. Where fork made such ties, they are kept from spreading: every
/// process in the family contends for the same root lock. Answers to `is_mergeable_anon_vma()`.
#[inline(always)]
fn anon_vma_blocker<V: Attributes>(candidate: &Candidate<'_, V>, neighbour: &V) -> Option<Blocker> {
    let source = candidate.source.vma();
    match (&candidate.anon_vma, neighbour.anon_vma()) {
        (None, None) => None,
        (Some(_), None) => source
            .is_some_and(V::has_forked_anon_vma)
            .then_some(Blocker::RangeForked),
        (None, Some(_)) => neighbour
            .has_forked_anon_vma()
            .then_some(Blocker::NeighbourForked),
        (Some(ours), Some(theirs)) => (*ours != theirs).then_some(Blocker::AnonVma),
    }
}

/// Whether the candidate's anonymous page offset is a number of its own.
///
/// Only a private file mapping has both: its pages come from the file at one offset, and its copies
/// of them are found by the rmap at another. For anonymous memory the two are equal, and shared
/// mappings have no anonymous pages. Answers to `needs_adjacent_anon_pgoff()`.
#[inline(always)]
fn has_separate_anon_pgoff<V: Attributes>(candidate: &Candidate<'_, V>) -> bool {
    candidate.file.is_some() && candidate.flags.is_cow_mapping()
}
