// SPDX-License-Identifier: GPL-2.0

//! How often each cause keeps VMAs apart, where most, and how many VMAs would remain without it.
//!
//! What would remain is found as an operation would find it that goes over all of the memory from below
//! and changes nothing: each VMA is merged into the one before if the two are mergeable. Without a cause means
//! that this one is not asked.

use super::{
    attribution::{
        bits,
        CauseSet,
        Pair, //
    },
    sides::Described,
};
use crate::vma::{
    causes::Cause,
    compat::Attributes,
    extent::{
        Extent,
        Range, //
    },
    flags::VmaFlags, //
};
use core::cmp::Reverse;

/// How many runs are told.
const RUNS: usize = 5;

/// Counts, as VMAs are added one after the other.
#[derive(Clone)]
pub(crate) struct Tally {
    /// VMAs.
    pub(crate) vmas: usize,
    /// Pairs that touch.
    pub(crate) touching: usize,
    /// Pairs that are mergeable.
    pub(crate) mergeable: usize,
    /// For each cause, the pairs that it keeps apart, and those of them that nothing else does.
    causes: [(usize, usize); Cause::COUNT],
    folds: Folds,
    run: Option<Run>,
    longest: [Option<Run>; RUNS],
}

/// VMAs that touch, each kept apart from the next by the same causes.
#[derive(Clone, Copy)]
pub(crate) struct Run {
    /// From the first one's start to the last one's end.
    pub(crate) range: Range,
    /// How many they are.
    pub(crate) vmas: usize,
    /// Why.
    pub(crate) causes: CauseSet,
}

/// VMAs that were merged as far as possible, from below, in several ways: without each cause, and, as the last
/// way, if only those merge that may.
///
/// In most of them, what a VMA was merged into has the anon_vma that this VMA has itself; then what keeps the
/// next one apart is what keeps the two apart as they are.
#[derive(Clone)]
struct Folds {
    /// How many VMAs have joined the one before, each way.
    joined: [usize; Self::COUNT],
    /// How many have joined it in all ways.
    joined_anyway: usize,
    /// A bit for each way in which the last VMA has another anon_vma than it has by itself, which it may have
    /// from any of its parts.
    differing: u64,
    /// That anon_vma.
    anon_vmas: [Option<SeenAnonVma>; Self::COUNT],
}

/// The number of an anon_vma, and whether it was inherited.
type SeenAnonVma = (usize, bool);

impl Tally {
    /// Nothing yet.
    pub(crate) const fn new() -> Self {
        Self {
            vmas: 0,
            touching: 0,
            mergeable: 0,
            causes: [(0, 0); Cause::COUNT],
            folds: Folds::new(),
            run: None,
            longest: [None; RUNS],
        }
    }

    /// Adds the next VMA, which is half of `pair` if it touches the last one.
    pub(crate) fn add<V: Described>(&mut self, last: Option<&V>, vma: &V, pair: Option<&Pair>) {
        self.vmas += 1;
        match last.zip(pair) {
            None => self.folds.begin(),
            Some((last, pair)) => {
                self.touching += 1;
                self.mergeable += usize::from(pair.causes == CauseSet::NONE);
                for cause in pair.causes.iter() {
                    if let Some((all, alone)) = self.causes.get_mut(cause as usize) {
                        *all += 1;
                        *alone += usize::from(pair.causes.without(cause) == CauseSet::NONE);
                    }
                }
                self.folds.add(last, vma, pair);
            }
        }
        self.add_to_run(pair);
    }

    fn add_to_run(&mut self, pair: Option<&Pair>) {
        let apart = pair.filter(|pair| pair.causes != CauseSet::NONE);
        match (&mut self.run, apart) {
            (Some(run), Some(pair)) if run.causes == pair.causes => {
                run.vmas += 1;
                run.range = run.range.through(pair.next.range);
            }
            _ => {
                self.end_run();
                self.run = apart.map(|pair| Run {
                    range: pair.prev.range.through(pair.next.range),
                    vmas: 2,
                    causes: pair.causes,
                });
            }
        }
    }

    /// No more VMAs come, or none that is kept apart like the last ones. The longest runs come first.
    pub(crate) fn end_run(&mut self) {
        insert(&mut self.longest, self.run.take(), |run, other| {
            run.vmas > other.vmas
        });
    }

    /// How many VMAs remain if those merge that may.
    pub(crate) fn remaining(&self) -> usize {
        self.vmas - self.folds.joined(Folds::ALL_ASKED)
    }

    /// What there is to say of each cause that keeps any apart, the one that costs most VMAs first.
    pub(crate) fn ranking(&self) -> impl Iterator<Item = Ranked> {
        let mut ranking = [None; Cause::COUNT];
        for (cause, (pairs, alone)) in Cause::ALL.into_iter().zip(&self.causes) {
            let ranked = (*pairs != 0).then_some(Ranked {
                cause,
                pairs: *pairs,
                alone: *alone,
                without: self.vmas - self.folds.joined(cause as usize),
            });
            insert(&mut ranking, ranked, Ranked::costs_more_than);
        }
        ranking.into_iter().flatten()
    }

    /// The longest runs, the longest first.
    pub(crate) fn runs(&self) -> impl Iterator<Item = &Run> {
        self.longest.iter().flatten()
    }
}

/// What there is to say of a cause.
#[derive(Clone, Copy)]
pub(crate) struct Ranked {
    /// Which one.
    pub(crate) cause: Cause,
    /// How many pairs it keeps apart.
    pub(crate) pairs: usize,
    /// How many of them nothing else does.
    pub(crate) alone: usize,
    /// How many VMAs would remain without it.
    pub(crate) without: usize,
}

impl Ranked {
    fn costs_more_than(&self, other: &Self) -> bool {
        let key = |ranked: &Self| (ranked.without, Reverse(ranked.pairs));
        key(self) < key(other)
    }
}

/// Puts `item` before the first one that comes after it; the others move on, and the one that has no place
/// any more is forgotten.
fn insert<T>(places: &mut [Option<T>], item: Option<T>, is_before: impl Fn(&T, &T) -> bool) {
    let Some(item) = item else { return };
    let place = places.iter().position(|place| match place {
        Some(other) => is_before(&item, other),
        None => true,
    });
    if let Some(rest) = place.and_then(|place| places.get_mut(place..)) {
        rest.rotate_right(1);
        if let Some(first) = rest.first_mut() {
            *first = Some(item);
        }
    }
}

impl Folds {
    /// The way in which every cause is asked; the others are those without the cause of that number.
    const ALL_ASKED: usize = Cause::COUNT;
    const COUNT: usize = Cause::COUNT + 1;
    const ALL: u64 = (1 << Self::COUNT) - 1;

    const fn new() -> Self {
        Self {
            joined: [0; Self::COUNT],
            joined_anyway: 0,
            differing: 0,
            anon_vmas: [None; Self::COUNT],
        }
    }

    /// How many VMAs have joined the one before, that way.
    fn joined(&self, way: usize) -> usize {
        self.joined_anyway + self.joined.get(way).copied().unwrap_or(0)
    }

    /// Adds a VMA that touches none before.
    fn begin(&mut self) {
        self.differing = 0;
    }

    /// Adds a VMA that touches the last one.
    fn add<V: Described>(&mut self, last: &V, vma: &V, pair: &Pair) {
        if pair.causes != CauseSet::NONE && self.differing == 0 && !pair.causes.is_one() {
            return;
        }
        // Read once for all ways: from a list, and the anon_vma may come meanwhile.
        let (lasts, theirs) = (anon_vma_of(last), anon_vma_of(vma));
        let kept = lasts.is_none() || lasts == theirs;
        if pair.causes == CauseSet::NONE && self.differing == 0 && kept {
            self.joined_anyway += 1;
            return;
        }

        let mut differing = 0;
        let mut joining = Self::ways_without(pair.causes) & !self.differing;
        for way in bits(self.differing) {
            let anon_vma = self.anon_vmas.get(way).copied().flatten();
            let causes = causes_with(last, anon_vma, vma, theirs);
            joining |= Self::ways_without(causes) & 1 << way;
        }
        for way in bits(joining) {
            let (Some(joined), Some(anon_vma)) =
                (self.joined.get_mut(way), self.anon_vmas.get_mut(way))
            else {
                continue;
            };
            *joined += 1;
            let before = if self.differing & 1 << way == 0 {
                lasts
            } else {
                *anon_vma
            };
            *anon_vma = before.or(theirs);
            if *anon_vma != theirs {
                differing |= 1 << way;
            }
        }
        self.differing = differing;
    }

    /// The ways in which VMAs merge that these causes keep apart, and nothing else.
    fn ways_without(causes: CauseSet) -> u64 {
        match (causes == CauseSet::NONE, causes.iter().next()) {
            (true, _) => Self::ALL,
            (false, Some(cause)) if causes.is_one() => 1 << cause as usize,
            (false, _) => 0,
        }
    }
}

/// What would keep `vma` apart if the one before, `last`, had that anon_vma.
fn causes_with<V: Attributes>(
    last: &V,
    anon_vma: Option<SeenAnonVma>,
    vma: &V,
    theirs: Option<SeenAnonVma>,
) -> CauseSet {
    let prev = Merged {
        vma: last,
        anon_vma,
    };
    let next = Merged {
        vma,
        anon_vma: theirs,
    };
    Pair::of(&prev, &next).map_or(CauseSet::NONE, |pair| pair.causes)
}

fn anon_vma_of(vma: &impl Described) -> Option<SeenAnonVma> {
    let anon_vma = vma.anon_vma_number()?;
    Some((anon_vma, vma.has_forked_anon_vma()))
}

/// A VMA, with another's anon_vma.
struct Merged<'a, V> {
    vma: &'a V,
    anon_vma: Option<SeenAnonVma>,
}

impl<V: Attributes> Attributes for Merged<'_, V> {
    type File = V::File;
    type AnonVma = usize;
    type UserfaultfdContext = V::UserfaultfdContext;
    type Policy<'a>
        = V::Policy<'a>
    where
        Self: 'a;
    type Name<'a>
        = V::Name<'a>
    where
        Self: 'a;

    fn extent(&self) -> Extent {
        self.vma.extent()
    }

    fn vma_flags(&self) -> VmaFlags {
        self.vma.vma_flags()
    }

    fn file(&self) -> Option<Self::File> {
        self.vma.file()
    }

    fn anon_vma(&self) -> Option<usize> {
        self.anon_vma.map(|(anon_vma, _)| anon_vma)
    }

    fn has_forked_anon_vma(&self) -> bool {
        self.anon_vma.is_some_and(|(_, forked)| forked)
    }

    fn policy(&self) -> Self::Policy<'_> {
        self.vma.policy()
    }

    fn has_policy_like<'a>(&self, policy: &Self::Policy<'a>) -> bool
    where
        Self: 'a,
    {
        self.vma.has_policy_like(policy)
    }

    fn userfaultfd_context(&self) -> Self::UserfaultfdContext {
        self.vma.userfaultfd_context()
    }

    fn name(&self) -> Self::Name<'_> {
        self.vma.name()
    }

    fn has_name_like<'a>(&self, name: &Self::Name<'a>) -> bool
    where
        Self: 'a,
    {
        self.vma.has_name_like(name)
    }

    fn loses_userfaultfd_when_moved(&self) -> bool {
        self.vma.loses_userfaultfd_when_moved()
    }

    fn must_not_disappear(&self) -> bool {
        self.vma.must_not_disappear()
    }
}
