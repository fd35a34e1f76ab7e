// SPDX-License-Identifier: GPL-2.0

//! How often each cause keeps VMAs apart, where most, and how many VMAs would remain without some of them.
//!
//! A boundary disappears without the causes that it has: all of them. So the boundaries are counted by their sets
//! of causes, and without some causes those disappear whose sets lie within them.
//!
//! That is what an operation would find that goes over all of the memory from below, changes nothing, and
//! merges each VMA into the one before if the two are mergeable. On its way, VMAs without an anon_vma take over the
//! last one below:
//!
//! ```text
//!   | anon_vma 1 | none | none | anon_vma 2 |     no boundary here is one between different anon_vmas,
//!                ^      ^      ^                  but if all three others disappear, one of them does not
//! ```

use super::{
    attribution::cause_of_anon_vmas,
    boundary::Boundary,
    cause_set::CauseSet,
    counts::{
        Counts,
        Places, //
    },
    runs::{
        insert,
        Run,
        Runs, //
    },
    sides::{
        Described,
        SeenAnonVma, //
    },
};
use crate::vma::causes::Cause;
use core::{
    array::IntoIter,
    cmp::Reverse,
    iter::Flatten, //
};

/// Counts, as VMAs are added one after the other.
pub(crate) struct Tally<P> {
    /// VMAs.
    pub(crate) vmas: usize,
    /// Boundaries between them.
    pub(crate) boundaries: usize,
    /// Boundaries between two that touch.
    pub(crate) touching: usize,
    /// Boundaries at which nothing keeps the two apart.
    pub(crate) mergeable: usize,
    /// VMAs that touch no other.
    pub(crate) alone: usize,
    /// The causes that could not be seen.
    pub(crate) unseen: Unseen,
    /// Whether the last VMA touches the one before it, if there is one.
    last_touches: bool,
    pub(super) counts: Counts<P>,
    chain: Option<Chain>,
    runs: Runs,
}

/// The causes that there may be, of which nobody could see whether they are there.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Unseen {
    /// The boundaries at which there may be any.
    pub(crate) boundaries: usize,
    /// Those of them that have no other causes.
    pub(crate) mergeable: usize,
    /// The causes.
    pub(crate) causes: CauseSet,
}

impl Unseen {
    const NOTHING: Self = Self {
        boundaries: 0,
        mergeable: 0,
        causes: CauseSet::NONE,
    };

    fn add(&mut self, boundary: &Boundary) {
        let causes = boundary.perhaps.causes;
        if causes != CauseSet::NONE {
            self.boundaries += 1;
            self.mergeable += usize::from(boundary.causes == CauseSet::NONE);
            self.causes = self.causes.union(causes);
        }
    }
}

/// The last VMA with an anon_vma, and those above it, which have none.
struct Chain {
    anon_vma: SeenAnonVma,
    /// The causes of all boundaries above it.
    causes: CauseSet,
    /// The number of these boundaries.
    boundaries: usize,
}

impl<P: Places> Tally<P> {
    /// Nothing yet, with room for sets of causes: [`SETS`](super::counts::SETS), each empty.
    pub(crate) fn new(places: P) -> Self {
        Self {
            vmas: 0,
            boundaries: 0,
            touching: 0,
            mergeable: 0,
            alone: 0,
            unseen: Unseen::NOTHING,
            last_touches: false,
            counts: Counts::new(places),
            chain: None,
            runs: Runs::new(),
        }
    }

    /// Adds the next VMA, with the boundary between the last one and it.
    pub(crate) fn add<V: Described>(&mut self, vma: &V, boundary: Option<&Boundary>) {
        self.vmas += 1;
        let touches = boundary.is_some_and(Boundary::touches);
        if let Some(boundary) = boundary {
            self.boundaries += 1;
            self.alone += usize::from(!self.last_touches && !touches);
            self.touching += usize::from(touches);
            self.mergeable += usize::from(boundary.causes == CauseSet::NONE);
            self.unseen.add(boundary);
            self.counts.add(boundary.causes);
            self.runs.add(boundary);
        } else {
            self.runs.end();
        }
        self.last_touches = touches;
        self.add_to_chain(
            vma.seen_anon_vma(),
            boundary.map(|boundary| boundary.causes),
        );
    }

    fn add_to_chain(&mut self, anon_vma: Option<SeenAnonVma>, causes: Option<CauseSet>) {
        match (&mut self.chain, causes) {
            (Some(chain), Some(causes)) => {
                chain.causes = chain.causes.union(causes);
                chain.boundaries += 1;
            }
            // Without a boundary there is no VMA below that this one could be merged into.
            (chain, _) => *chain = None,
        }
        let Some(anon_vma) = anon_vma else { return };
        let chain = self.chain.replace(Chain {
            anon_vma,
            causes: CauseSet::NONE,
            boundaries: 0,
        });
        let Some(chain) = chain.filter(|chain| chain.boundaries > 1) else {
            return;
        };
        match cause_of_anon_vmas(chain.anon_vma, anon_vma) {
            Some(conflict) if !chain.causes.contains(conflict) => {
                self.counts.tie(chain.causes, conflict);
            }
            _ => {}
        }
    }

    /// No more VMAs come.
    pub(crate) fn end(&mut self) {
        self.runs.end();
        self.alone += usize::from(self.vmas > 0 && !self.last_touches);
    }

    /// How many VMAs remain if those merge that may.
    pub(crate) fn remaining(&self) -> usize {
        self.without(CauseSet::NONE)
    }

    /// How many VMAs remain without these causes.
    pub(crate) fn without(&self, causes: CauseSet) -> usize {
        self.vmas
            .saturating_sub(self.counts.disappear_without(causes))
    }

    /// Each cause that keeps any apart, with its figures, the one that costs most VMAs first.
    pub(crate) fn ranking(&self) -> impl Iterator<Item = Ranked> + '_ {
        let costs_most = |cause| {
            let just = CauseSet::NONE.with(cause);
            Key::of(self.without(just), self.counts.with_all(just))
        };
        self.in_order_of(&costs_most).map(|cause| {
            let just = CauseSet::NONE.with(cause);
            Ranked {
                cause,
                boundaries: self.counts.with_all(just),
                by_itself: self.with_just(just),
                without: self.without(just),
            }
        })
    }

    /// The causes, those of most boundaries first.
    pub(super) fn most_frequent(&self) -> impl Iterator<Item = Cause> {
        self.in_order_of(&|cause| Key::of(0, self.counts.with_all(CauseSet::NONE.with(cause))))
    }

    /// The causes that occur, those with the smallest keys first.
    // By itself, as the keys are a large part of a stack.
    #[inline(never)]
    fn in_order_of(
        &self,
        key_of: &dyn Fn(Cause) -> Key,
    ) -> Flatten<IntoIter<Option<Cause>, { Cause::COUNT }>> {
        let mut ordered = [None; Cause::COUNT];
        for cause in self.counts.causes().iter() {
            let keyed = Some((key_of(cause), cause));
            insert(&mut ordered, keyed, |one, other| one.0 < other.0);
        }
        ordered
            .map(|keyed| keyed.map(|(_, cause)| cause))
            .into_iter()
            .flatten()
    }

    /// How many boundaries have these causes and no other.
    pub(crate) fn with_just(&self, causes: CauseSet) -> usize {
        self.counts.with_just(causes)
    }

    /// How many boundaries were not counted by their causes, as there are too many sets of them.
    pub(crate) fn beyond(&self) -> usize {
        self.counts.beyond()
    }

    /// The longest runs, the longest first.
    pub(crate) fn runs(&self) -> impl Iterator<Item = &Run> {
        self.runs.iter()
    }
}

/// What causes are ordered by: the fewest VMAs that would remain, then the most boundaries.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Key(u32, Reverse<u32>);

impl Key {
    fn of(remaining: usize, boundaries: usize) -> Self {
        // No process has more VMAs than an int counts.
        let number = |count| u32::try_from(count).unwrap_or(u32::MAX);
        Self(number(remaining), Reverse(number(boundaries)))
    }
}

/// The figures of a cause.
#[derive(Clone, Copy)]
pub(crate) struct Ranked {
    /// Which one.
    pub(crate) cause: Cause,
    /// How many boundaries have it.
    pub(crate) boundaries: usize,
    /// How many of them have no other.
    pub(crate) by_itself: usize,
    /// How many VMAs would remain without it.
    pub(crate) without: usize,
}
