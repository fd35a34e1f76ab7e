// SPDX-License-Identifier: GPL-2.0

//! May these two ranges be one VMA? Every rule, once, by name.
//!
//! A range of memory (a *candidate*: what a part of a VMA will be once it is changed) may become
//! part of a VMA next to it if the two cannot be told apart afterwards. Each way in which they can
//! be told apart is a [`Blocker`]. Nothing here changes anything, and nothing elsewhere decides.

use super::{
    extent::{
        Extent,
        Range, //
    },
    sys::{
        flags,
        VmaFlags, //
    },
};
use core::ops::ControlFlow;

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
    type Policy<'a>: PartialEq
    where
        Self: 'a;
    /// A name given with `prctl(PR_SET_VMA)`. Comparing may read it, so it is borrowed.
    type Name<'a>: PartialEq
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
    /// The userfaultfd context it is registered with.
    fn userfaultfd_context(&self) -> Self::UserfaultfdContext;
    /// Its name.
    fn name(&self) -> Self::Name<'_>;
    /// Whether its driver has to be told when it goes (a `close` hook), so that a merge must not
    /// make it disappear.
    fn must_not_disappear(&self) -> bool;
}

/// A range, as it will be once it is changed, that looks for a VMA to become part of.
///
/// Answers to the fields of `struct vma_merge_struct` that say what is wanted.
pub(crate) struct Candidate<'a, V: Attributes + 'a> {
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
}

impl<'a, V: Attributes> Candidate<'a, V> {
    /// The part of `vma` that `extent` covers, unchanged in everything.
    ///
    /// Callers replace what is to change. Answers to `VMG_VMA_STATE()`.
    pub(crate) fn part_of(vma: &'a V, extent: Extent) -> Self {
        Self {
            extent,
            flags: vma.vma_flags(),
            file: vma.file(),
            anon_vma: vma.anon_vma(),
            policy: vma.policy(),
            userfaultfd_context: vma.userfaultfd_context(),
            name: vma.name(),
        }
    }
}

/// On which side of a candidate a VMA lies.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Side {
    /// Below it: the candidate would be appended.
    Left,
    /// Above it: the candidate would be put in front.
    Right,
}

/// Why a range cannot become part of the VMA beside it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Blocker {
    /// There is no VMA that touches the range on that side.
    NotAdjacent,
    /// The rest of the range's own VMA lies on that side.
    RestOfVma,
    /// The range lies inside its VMA and touches neither end of it.
    TouchesNeitherEnd,
    /// The range is a special mapping (device memory, page frames), which never merges.
    SpecialMapping,
    /// The flags differ, in more than the flags that do not matter.
    Flags,
    /// The files differ.
    File,
    /// The page offsets do not continue each other.
    PageOffset,
    /// The page offsets of the private (copied) pages do not continue each other.
    AnonPageOffset,
    /// Both have anonymous pages, of different anon_vmas.
    AnonVma,
    /// The range's anon_vma was inherited by fork and the neighbour has none: taking it over would
    /// tie the neighbour to the parent for good.
    RangeForked,
    /// The neighbour's anon_vma was inherited by fork and the range has none.
    NeighbourForked,
    /// The range may join either neighbour, but their anon_vmas differ from each other.
    NeighboursAnonVma,
    /// The NUMA policies differ.
    Policy,
    /// The userfaultfd contexts differ.
    UserfaultfdContext,
    /// The names differ.
    Name,
}

impl Blocker {
    /// The reason in words, to follow "not merged: ".
    pub(crate) const fn describe(self) -> &'static str {
        match self {
            Self::NotAdjacent => "no VMA touches it there",
            Self::RestOfVma => "the rest of its VMA lies there",
            Self::TouchesNeitherEnd => "it touches neither end of its VMA",
            Self::SpecialMapping => "special mappings never merge",
            Self::Flags => "flags differ",
            Self::File => "files differ",
            Self::PageOffset => "page offsets do not continue",
            Self::AnonPageOffset => "anonymous page offsets do not continue",
            Self::AnonVma => "anon_vmas differ",
            Self::RangeForked => "its anon_vma was inherited by fork",
            Self::NeighbourForked => "the neighbour's anon_vma was inherited by fork",
            Self::NeighboursAnonVma => "the neighbours' anon_vmas differ from each other",
            Self::Policy => "NUMA policies differ",
            Self::UserfaultfdContext => "userfaultfd contexts differ",
            Self::Name => "names differ",
        }
    }
}

/// How a `close` hook makes a merge smaller than the rules would allow.
///
/// (If it is the changed VMA itself that must not disappear, nothing is left of the merge.)
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Reduction {
    /// The VMA to the right cannot disappear, so only the left one takes the range.
    NextStays,
}

/// On which sides a range reaches the end of its own VMA, and so might join the one beyond.
pub(crate) struct Reach {
    left: bool,
    right: bool,
}

impl Reach {
    /// The reach of `range`, a part of `middle` that is to have these flags; or why it cannot merge,
    /// whatever its neighbours are.
    ///
    /// Answers to the first test of `vma_merge_existing_range()`.
    pub(crate) fn of<V: Attributes>(
        range: Range,
        flags: VmaFlags,
        middle: &V,
    ) -> Result<Self, Blocker> {
        let whole = middle.extent().range;
        let reach = Self {
            left: range.start() == whole.start(),
            right: range.end() == whole.end(),
        };

        if flags.intersects(flags::SPECIAL) {
            return Err(Blocker::SpecialMapping);
        }
        if !reach.left && !reach.right {
            return Err(Blocker::TouchesNeitherEnd);
        }
        Ok(reach)
    }

    /// Whether it reaches the end of its VMA on that side.
    pub(crate) const fn to(&self, side: Side) -> bool {
        match side {
            Side::Left => self.left,
            Side::Right => self.right,
        }
    }
}

/// The neighbour on that side, if it can take the candidate over; else the first reason, in the
/// order of the rules, why it cannot.
///
/// `middle` is the VMA that the candidate is a part of, `reach` how far it reaches in it. Answers to
/// `can_vma_merge_left()` and `can_vma_merge_right()`, as far as one side goes.
pub(crate) fn taker<'a, V: Attributes>(
    candidate: &Candidate<'a, V>,
    reach: &Reach,
    middle: &V,
    side: Side,
    neighbour: Option<&'a V>,
) -> Result<&'a V, Blocker> {
    if !reach.to(side) {
        return Err(Blocker::RestOfVma);
    }
    let neighbour = neighbour.ok_or(Blocker::NotAdjacent)?;

    match each_blocker(candidate, middle, side, neighbour, ControlFlow::Break) {
        ControlFlow::Continue(()) => Ok(neighbour),
        ControlFlow::Break(blocker) => Err(blocker),
    }
}

/// Why a candidate that may join `prev` and may join `next` cannot join both.
///
/// That each agrees with the candidate does not mean that they agree with each other: a candidate
/// without an anon_vma agrees with any. Answers to the last test of `can_vma_merge_right()`.
pub(crate) fn blocker_between<V: Attributes>(prev: &V, next: &V) -> Option<Blocker> {
    match (prev.anon_vma(), next.anon_vma()) {
        (Some(left), Some(right)) if left != right => Some(Blocker::NeighboursAnonVma),
        _ => None,
    }
}

/// Calls `found` with every reason why `candidate` cannot become part of `neighbour`, until it says
/// to stop.
fn each_blocker<'a, V: Attributes>(
    candidate: &Candidate<'a, V>,
    middle: &V,
    side: Side,
    neighbour: &'a V,
    mut found: impl FnMut(Blocker) -> ControlFlow<Blocker>,
) -> ControlFlow<Blocker> {
    let (here, there) = (&candidate.extent, &neighbour.extent());
    let (left, right) = match side {
        Side::Left => (there, here),
        Side::Right => (here, there),
    };

    if left.range.end() != right.range.start() {
        found(Blocker::NotAdjacent)?;
    }
    if candidate.policy != neighbour.policy() {
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
    if candidate.name != neighbour.name() {
        found(Blocker::Name)?;
    }
    if let Some(blocker) = anon_vma_blocker(candidate, middle, neighbour) {
        found(blocker)?;
    }
    if left.end_pgoff() != right.pgoff {
        found(Blocker::PageOffset)?;
    }
    if has_separate_anon_pgoff(candidate) && left.end_anon_pgoff() != right.anon_pgoff {
        found(Blocker::AnonPageOffset)?;
    }
    ControlFlow::Continue(())
}

/// Whether two ranges with these anon_vmas may share one.
///
/// If only one of the two has an anon_vma, the merged VMA gets that one, and with it a place among
/// its parents and children. Where fork made such ties, they are kept from spreading: every
/// process in the family contends for the same root lock. Answers to `is_mergeable_anon_vma()`.
fn anon_vma_blocker<V: Attributes>(
    candidate: &Candidate<'_, V>,
    middle: &V,
    neighbour: &V,
) -> Option<Blocker> {
    match (&candidate.anon_vma, neighbour.anon_vma()) {
        (None, None) => None,
        (Some(_), None) => middle.has_forked_anon_vma().then_some(Blocker::RangeForked),
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
fn has_separate_anon_pgoff<V: Attributes>(candidate: &Candidate<'_, V>) -> bool {
    candidate.file.is_some() && candidate.flags.is_cow_mapping()
}
