// SPDX-License-Identifier: GPL-2.0

//! Counts how often each cause keeps VMAs apart, finds the longest runs, and computes how many VMAs would remain
//! without some causes.
//!
//! A boundary disappears only if all of its causes are removed. So boundaries are counted by their sets of causes,
//! and removing some causes removes the boundaries that have no other causes.
//!
//! The result is that of an operation that walks all of the memory from below, and merges each VMA into the previous
//! VMA if the two are mergeable, but changes nothing else. In such a walk, VMAs without an anon_vma take over the last
//! anon_vma below:
//!
//! ```text
//!   | anon_vma 1 | none | none | anon_vma 2 |     no boundary here lies between different anon_vmas,
//!                ^      ^      ^                  but if all other causes are removed, one of the three remains
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

/// The counts for the VMAs that have been added so far.
pub(crate) struct Tally<P> {
    /// The number of VMAs.
    pub(crate) vmas: usize,
    /// The number of boundaries between them.
    pub(crate) boundaries: usize,
    /// The number of boundaries between VMAs that touch.
    pub(crate) touching: usize,
    /// The number of boundaries at which nothing keeps the two VMAs apart.
    pub(crate) mergeable: usize,
    /// The number of VMAs that touch no other VMA.
    pub(crate) alone: usize,
    /// The possible causes that could not be seen.
    pub(crate) unseen: Unseen,
    /// Whether the last VMA touches the VMA before it, if there is one.
    last_touches: bool,
    pub(super) counts: Counts<P>,
    chain: Option<Chain>,
    runs: Runs,
}

/// Possible causes that could not be seen.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Unseen {
    /// The number of boundaries that may have such causes.
    pub(crate) boundaries: usize,
    /// The number of these boundaries that have no other causes.
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

/// The last VMA with an anon_vma, and the VMAs above it, which have none.
struct Chain {
    anon_vma: SeenAnonVma,
    /// The causes of all boundaries above that VMA.
    causes: CauseSet,
    /// The number of these boundaries.
    boundaries: usize,
}

impl<P: Places> Tally<P> {
    /// Creates an empty tally. `places` has room for [`SETS`](super::counts::SETS) sets of causes, all unused.
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

    /// Adds the next VMA, and its boundary with the previous VMA.
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
            // Without a boundary, there is no VMA below that this VMA could merge into.
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

    /// Ends the tally after the last VMA.
    pub(crate) fn end(&mut self) {
        self.runs.end();
        self.alone += usize::from(self.vmas > 0 && !self.last_touches);
    }

    /// Returns the number of VMAs that remain once all mergeable VMAs have merged.
    pub(crate) fn remaining(&self) -> usize {
        self.without(CauseSet::NONE)
    }

    /// Returns the number of VMAs that remain without these causes.
    pub(crate) fn without(&self, causes: CauseSet) -> usize {
        self.vmas
            .saturating_sub(self.counts.disappear_without(causes))
    }

    /// Returns each cause that keeps VMAs apart, with its figures. The cause that costs the most VMAs comes first.
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

    /// Returns the causes, ordered by their number of boundaries, the largest first.
    pub(super) fn most_frequent(&self) -> impl Iterator<Item = Cause> {
        self.in_order_of(&|cause| Key::of(0, self.counts.with_all(CauseSet::NONE.with(cause))))
    }

    /// Returns the causes that occur, ordered by their keys, the smallest first.
    // Not inlined, because the keys take a large part of the stack.
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

    /// Returns the number of boundaries that have these causes and no others.
    pub(crate) fn with_just(&self, causes: CauseSet) -> usize {
        self.counts.with_just(causes)
    }

    /// Returns the number of boundaries that were not counted by their causes because there are too many sets of
    /// causes.
    pub(crate) fn beyond(&self) -> usize {
        self.counts.beyond()
    }

    /// Returns the longest runs, the longest first.
    pub(crate) fn runs(&self) -> impl Iterator<Item = &Run> {
        self.runs.iter()
    }
}

/// The sort key of a cause: fewest remaining VMAs first, then most boundaries.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Key(u32, Reverse<u32>);

impl Key {
    fn of(remaining: usize, boundaries: usize) -> Self {
        // The number of VMAs of a process fits into an `int`.
        let number = |count| u32::try_from(count).unwrap_or(u32::MAX);
        Self(number(remaining), Reverse(number(boundaries)))
    }
}

/// The figures of a cause.
#[derive(Clone, Copy)]
pub(crate) struct Ranked {
    /// The cause.
    pub(crate) cause: Cause,
    /// The number of boundaries that have the cause.
    pub(crate) boundaries: usize,
    /// The number of boundaries that have only this cause.
    pub(crate) by_itself: usize,
    /// The number of VMAs that would remain without the cause.
    pub(crate) without: usize,
}
