// SPDX-License-Identifier: GPL-2.0

//! How often each cause keeps VMAs apart, where most, and how many VMAs would remain without it.
//!
//! What would remain is found as an operation would find it that goes over all of the memory from below
//! and changes nothing: each VMA is merged into the one before if they may be one. Without a cause means
//! that this one is not asked.

use super::cause::{
    Cause,
    CauseSet,
    Pair, //
};
use crate::vma::{
    compat::Attributes,
    extent::{
        Extent,
        Range, //
    },
    sys::{
        Name,
        Policy,
        UserfaultfdContext,
        VmaFlags,
        VmaRef, //
    },
};

/// How many runs are told.
const RUNS: usize = 5;

/// Counts, as VMAs are added one after the other.
#[derive(Clone)]
pub(crate) struct Tally {
    /// VMAs.
    pub(crate) vmas: usize,
    /// Pairs that touch.
    pub(crate) touching: usize,
    /// Pairs that may be one.
    pub(crate) mergeable: usize,
    /// For each cause, the pairs that it keeps apart, and those of them that nothing else does.
    causes: [(usize, usize); Cause::COUNT],
    /// What remains without each cause.
    without: [Folded; Cause::COUNT],
    /// What remains if only those merge that may.
    with_all: Folded,
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

/// VMAs that were merged as far as possible, from below.
#[derive(Clone, Copy)]
struct Folded {
    vmas: usize,
    /// Of the last one, which may have it from any of its parts.
    anon_vma: Option<AnonVma>,
}

/// Where an anon_vma is, and whether it was inherited.
type AnonVma = (usize, bool);

/// A VMA that touches the last one.
#[derive(Clone, Copy)]
struct Beside<'a> {
    last: &'a VmaRef,
    /// That of the last one.
    anon_vma: Option<AnonVma>,
    pair: &'a Pair,
}

impl Tally {
    /// Nothing yet.
    pub(crate) const fn new() -> Self {
        const NONE: Folded = Folded {
            vmas: 0,
            anon_vma: None,
        };
        Self {
            vmas: 0,
            touching: 0,
            mergeable: 0,
            causes: [(0, 0); Cause::COUNT],
            without: [NONE; Cause::COUNT],
            with_all: NONE,
            run: None,
            longest: [None; RUNS],
        }
    }

    /// Adds the next VMA, which is half of `pair` if it touches the last one.
    pub(crate) fn add(&mut self, last: Option<&VmaRef>, vma: &VmaRef, pair: Option<&Pair>) {
        self.vmas += 1;
        let beside = last.zip(pair).map(|(last, pair)| Beside {
            last,
            anon_vma: anon_vma_of(last),
            pair,
        });
        if let Some(Beside { pair, .. }) = beside {
            self.touching += 1;
            self.mergeable += usize::from(pair.causes == CauseSet::NONE);
            for cause in pair.causes.iter() {
                if let Some((all, alone)) = self.causes.get_mut(cause.index()) {
                    *all += 1;
                    *alone += usize::from(pair.causes.without(cause) == CauseSet::NONE);
                }
            }
        }
        // Read once for all that is folded: from a list, and the anon_vma may come meanwhile.
        let theirs = anon_vma_of(vma);
        self.with_all.add(beside, vma, theirs, |causes| causes);
        for (cause, folded) in Cause::all().zip(&mut self.without) {
            folded.add(beside, vma, theirs, |causes| causes.without(cause));
        }
        self.add_to_run(pair);
    }

    fn add_to_run(&mut self, pair: Option<&Pair>) {
        let apart = pair.filter(|pair| pair.causes != CauseSet::NONE);
        match (&mut self.run, apart) {
            (Some(run), Some(pair)) if run.causes == pair.causes => {
                run.vmas += 1;
                run.range = run.range.through(pair.upper.range);
            }
            _ => {
                self.end_run();
                self.run = apart.map(|pair| Run {
                    range: pair.lower.range.through(pair.upper.range),
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
        self.with_all.vmas
    }

    /// What there is to say of each cause that keeps any apart, the one that costs most VMAs first.
    pub(crate) fn ranking(&self) -> impl Iterator<Item = Ranked> {
        let mut ranking = [None; Cause::COUNT];
        let counts = self.causes.iter().zip(&self.without);
        for (cause, ((pairs, alone), without)) in Cause::all().zip(counts) {
            let ranked = (*pairs != 0).then_some(Ranked {
                cause,
                pairs: *pairs,
                alone: *alone,
                without: without.vmas,
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
        let key = |ranked: &Self| (ranked.without, usize::MAX - ranked.pairs);
        key(self) < key(other)
    }
}

/// Puts `item` before the first one that comes after it; who has no place any more is forgotten.
fn insert<T>(places: &mut [Option<T>], mut item: Option<T>, is_before: impl Fn(&T, &T) -> bool) {
    for place in places {
        let goes_here = match (&item, &*place) {
            (Some(item), Some(other)) => is_before(item, other),
            (item, None) => item.is_some(),
            (None, Some(_)) => false,
        };
        if goes_here {
            core::mem::swap(&mut item, place);
        }
    }
}

impl Folded {
    fn add(
        &mut self,
        beside: Option<Beside<'_>>,
        vma: &VmaRef,
        theirs: Option<AnonVma>,
        asked: impl Fn(CauseSet) -> CauseSet,
    ) {
        let joins = beside.is_some_and(|beside| {
            let causes = if self.anon_vma == beside.anon_vma {
                beside.pair.causes
            } else {
                self.causes_with(beside.last, vma, theirs)
            };
            asked(causes) == CauseSet::NONE
        });
        if joins {
            self.anon_vma = self.anon_vma.or(theirs);
        } else {
            self.vmas += 1;
            self.anon_vma = theirs;
        }
    }

    /// What would keep `vma` apart if the one before, `last`, were what it has been merged into.
    fn causes_with(&self, last: &VmaRef, vma: &VmaRef, theirs: Option<AnonVma>) -> CauseSet {
        let lower = Merged {
            vma: last,
            anon_vma: self.anon_vma,
        };
        let upper = Merged {
            vma,
            anon_vma: theirs,
        };
        Pair::of(&lower, &upper).map_or(CauseSet::NONE, |pair| pair.causes)
    }
}

fn anon_vma_of(vma: &VmaRef) -> Option<AnonVma> {
    let anon_vma = vma.anon_vma()?;
    Some((anon_vma.addr().get(), vma.has_forked_anon_vma()))
}

/// A VMA, with another's anon_vma.
struct Merged<'a> {
    vma: &'a VmaRef,
    anon_vma: Option<AnonVma>,
}

impl Attributes for Merged<'_> {
    type File = <VmaRef as Attributes>::File;
    type AnonVma = usize;
    type UserfaultfdContext = UserfaultfdContext;
    type Policy<'a>
        = Policy<'a>
    where
        Self: 'a;
    type Name<'a>
        = Name<'a>
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

    fn has_policy_like(&self, policy: &Policy<'_>) -> bool {
        self.vma.has_policy_like(policy)
    }

    fn userfaultfd_context(&self) -> Self::UserfaultfdContext {
        self.vma.userfaultfd_context()
    }

    fn name(&self) -> Self::Name<'_> {
        self.vma.name()
    }

    fn has_name_like(&self, name: &Name<'_>) -> bool {
        self.vma.has_name_like(name)
    }

    fn loses_userfaultfd_when_moved(&self) -> bool {
        self.vma.loses_userfaultfd_when_moved()
    }

    fn must_not_disappear(&self) -> bool {
        self.vma.must_not_disappear()
    }
}
