// SPDX-License-Identifier: GPL-2.0

//! The rules that decide whether two ranges are mergeable. Each rule is defined once and has a name.
//!
//! A *candidate* is a range of memory: a part of a VMA as it will be after a change, or a range that is about
//! to be mapped. A candidate may become part of a VMA next to it if the two cannot be told apart afterwards.
//! Each way in which they can be told apart is a [`Blocker`]. This file changes nothing, and no other file
//! decides whether two ranges are mergeable.

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

/// The attributes of a VMA that the rules compare.
///
/// The associated types need only be comparable for equality. For a real VMA they are the addresses of C
/// objects, or the values that C compares instead.
pub(crate) trait Attributes {
    /// The type of a file (`vm_file`).
    type File: PartialEq;
    /// The type of an anon_vma (`anon_vma`).
    type AnonVma: PartialEq;
    /// The type of a userfaultfd context.
    type UserfaultfdContext: PartialEq;
    /// The type of a NUMA policy (`vm_policy`), borrowed because a comparison may read the policy.
    type Policy<'a>
    where
        Self: 'a;
    /// The type of a name given with `prctl(PR_SET_VMA)`, borrowed because a comparison may read the name.
    type Name<'a>
    where
        Self: 'a;

    /// Returns the addresses and the page offsets.
    fn extent(&self) -> Extent;
    /// Returns the flags, `vm_flags`.
    fn vma_flags(&self) -> VmaFlags;
    /// Returns the file that the VMA maps, if any.
    fn file(&self) -> Option<Self::File>;
    /// Returns the anon_vma of the anonymous pages; `None` until the first of them is faulted in.
    fn anon_vma(&self) -> Option<Self::AnonVma>;
    /// Returns whether the anon_vma was inherited by fork, so that other processes may share pages with this
    /// VMA. Meaningful only for a VMA with an anon_vma.
    fn has_forked_anon_vma(&self) -> bool;
    /// Returns the NUMA policy.
    fn policy(&self) -> Self::Policy<'_>;
    /// Returns whether the NUMA policy places memory as `policy` does.
    fn has_policy_like<'a>(&self, policy: &Self::Policy<'a>) -> bool
    where
        Self: 'a;
    /// Returns the userfaultfd context with which the VMA is registered.
    fn userfaultfd_context(&self) -> Self::UserfaultfdContext;
    /// Returns the name.
    fn name(&self) -> Self::Name<'_>;
    /// Returns whether the name has the same text as `name`.
    fn has_name_like<'a>(&self, name: &Self::Name<'a>) -> bool
    where
        Self: 'a;
    /// Returns whether the VMA is registered with a userfaultfd that does not follow a move, so that the
    /// moved copy will be registered with none.
    fn loses_userfaultfd_when_moved(&self) -> bool;
    /// Returns whether the VMA has a `close` hook, so that a merge must not remove the VMA.
    fn must_not_disappear(&self) -> bool;
}

/// A range, as it will be once it is changed or mapped, that may become part of a VMA beside it.
///
/// Answers to the fields of `struct vma_merge_struct` that describe the wanted range.
pub(crate) struct Candidate<'a, V: Attributes> {
    /// The addresses and the page offsets.
    pub(crate) extent: Extent,
    /// The flags that the range will have.
    pub(crate) flags: VmaFlags,
    /// The file that the range maps.
    pub(crate) file: Option<V::File>,
    /// The current anon_vma of the pages.
    pub(crate) anon_vma: Option<V::AnonVma>,
    /// The NUMA policy that the range will have.
    pub(crate) policy: V::Policy<'a>,
    /// The userfaultfd context that the range will have.
    pub(crate) userfaultfd_context: V::UserfaultfdContext,
    /// The name that the range will have.
    pub(crate) name: V::Name<'a>,
    /// The place where the pages are now.
    pub(crate) source: Source<'a, V>,
}

/// The place where the pages of a candidate are now.
pub(crate) enum Source<'a, V> {
    /// Nowhere: there are no pages yet.
    New,
    /// In this VMA, which the pages leave: the candidate is a part of the VMA, or moves away from it.
    Leaving(&'a V),
}

impl<'a, V> Source<'a, V> {
    /// Returns the VMA that contains the pages now, if there are any.
    pub(crate) const fn vma(&self) -> Option<&'a V> {
        match self {
            Self::New => None,
            Self::Leaving(vma) => Some(*vma),
        }
    }
}

impl<'a, V: Attributes> Candidate<'a, V> {
    /// Returns the range that `extent` covers, with all attributes of `vma`.
    ///
    /// Callers replace the attributes that change. Answers to `VMG_VMA_STATE()`.
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

/// The side of a candidate on which a VMA lies.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Side {
    /// Below the candidate, which would be appended to the VMA.
    Below,
    /// Above the candidate, which would be put in front of the VMA.
    Above,
}

/// The sides on which a range might join a neighbour.
#[derive(Clone, Copy)]
pub(crate) enum Reach {
    /// Both sides.
    BothSides,
    /// Below only: the range is the beginning of a VMA, whose rest lies above.
    Beginning,
    /// Above only: the range is the end of a VMA, whose rest lies below.
    End,
    /// Below only: the range is new, and only the VMA below is to grow.
    ExpandOnly,
}

/// The neighbours that a new range may join.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Joining {
    /// The VMA below, the VMA above, or both.
    EitherSide,
    /// Only the VMA below: the caller knows that there is nothing to join above. The iterator is positioned
    /// at the VMA below. Answers to `just_expand`.
    ExpandOnly,
}

impl Reach {
    /// Returns the reach of the part `range` of `middle`, or the blocker that forbids a merge regardless of
    /// the neighbours. Where the part touches an end of `middle`, it might join the VMA beyond that end.
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

    /// Returns the reach of a range that is about to be mapped, or the blocker that forbids a merge
    /// regardless of the neighbours.
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

    /// Returns `Ok` if the range might join a neighbour on that side, otherwise the blocker.
    #[inline(always)]
    pub(crate) const fn to(self, side: Side) -> Result<(), Blocker> {
        match (side, self) {
            (Side::Below, Self::End) | (Side::Above, Self::Beginning) => Err(Blocker::RestOfVma),
            (Side::Above, Self::ExpandOnly) => Err(Blocker::ExpandOnly),
            _ => Ok(()),
        }
    }
}

/// Returns the neighbour on that side if it can take the candidate over, otherwise the first blocker in the
/// order of the rules.
///
/// Answers to `can_vma_merge_left()`, and to `can_vma_merge_right()` without its last test.
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

/// Returns every blocker between `candidate`, which has this `reach`, and the VMA `neighbour` on that side.
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

/// Returns the blocker if a candidate that may join each of `prev` and `next` cannot join both.
///
/// Even if both agree with the candidate, they may not agree with each other: a candidate without an anon_vma
/// agrees with any anon_vma. Answers to the last test of `can_vma_merge_right()`.
pub(crate) fn blocker_between<V: Attributes>(prev: &V, next: &V) -> Option<Blocker> {
    match (prev.anon_vma(), next.anon_vma()) {
        (Some(prev), Some(next)) if prev != next => Some(Blocker::NeighboursAnonVma),
        _ => None,
    }
}

/// Returns whether both VMAs have a `close` hook, so that the two cannot merge regardless of the other rules.
pub(crate) fn neither_may_disappear<V: Attributes>(prev: &V, next: &V) -> bool {
    prev.must_not_disappear() && next.must_not_disappear()
}

/// Calls `found` with each blocker between `candidate` and `neighbour`, until `found` returns `Break`.
#[inline(always)]
fn each_blocker<V: Attributes>(
    candidate: &Candidate<'_, V>,
    side: Side,
    neighbour: &V,
    mut found: impl FnMut(Blocker) -> ControlFlow<Blocker>,
) -> ControlFlow<Blocker> {
    let here = candidate.extent;
    // Each attribute is read only when its rule is applied, because the first rules exclude most neighbours.
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

/// Returns the blocker if the candidate and the neighbour may not share one anon_vma.
///
/// If only one of the two has an anon_vma, the merged VMA gets that anon_vma, and joins its family of parents
/// and children. An anon_vma that was inherited by fork must not spread, because every process in the family
/// contends for the same root lock. Answers to `is_mergeable_anon_vma()`.
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

/// Returns whether the candidate's anonymous page offset is independent of its page offset.
///
/// Only a private file mapping has two offsets: one locates its pages in the file, and the rmap uses the
/// other to find the private copies of these pages. For anonymous memory the two are equal, and shared
/// mappings have no anonymous pages. Answers to `needs_adjacent_anon_pgoff()`.
#[inline(always)]
fn has_separate_anon_pgoff<V: Attributes>(candidate: &Candidate<'_, V>) -> bool {
    candidate.file.is_some() && candidate.flags.is_cow_mapping()
}
