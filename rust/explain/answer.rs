// SPDX-License-Identifier: GPL-2.0

//! The answer: the causes without which the most VMAs disappear; and then the next ones.
//!
//! All sets of the causes that occur are compared, not only single causes: some of them always come together, and none
//! of these changes anything by itself. Two things are asked of a set:
//!
//! - its causes act together: no part of it that is worth telling is worth nearly as much, for each of its
//!   causes. Causes that act by themselves are steps of their own;
//! - no smaller set is worth as much.
//!
//! Of these sets, the one that is worth most is a step of the answer.

use super::{
    cause_set::CauseSet,
    counts::Places,
    tally::Tally, //
};
use crate::vma::causes::Cause;

/// The most causes of which all sets are compared. The table has two to this power of entries.
const COMPARED: usize = 16;

/// The most steps that are told.
const STEPS: usize = 5;

/// Segments of programs and libraries that keep fewer VMAs apart than this are what every process has.
const MANY_SEGMENTS: usize = 1000;

/// Causes to be removed, one step after the other.
pub(crate) struct Answer {
    steps: [Option<Step>; STEPS],
    /// The fewest VMAs that a step is told for.
    pub(super) least: usize,
    /// Whether some causes or sets of causes that may matter were not compared, as there are too many.
    pub(crate) is_partial: bool,
}

/// Causes to be removed, after those of the steps before.
#[derive(Clone, Copy)]
pub(crate) struct Step {
    /// The causes.
    pub(crate) causes: CauseSet,
    /// How many boundaries have all of them, among others.
    pub(crate) boundaries: usize,
    /// How many VMAs would remain.
    pub(crate) remaining: usize,
    /// How many would remain if one of these causes stayed: the one that costs least.
    pub(crate) if_one_stays: usize,
}

/// A set of causes, as an entry of the table in which all of them are compared.
#[derive(Clone, Copy)]
pub(crate) struct Entry {
    /// How many VMAs disappear without these causes.
    disappear: i32,
    /// The most that this set, or a part of it, is worth for each of its causes, if it is worth telling. See [`Share`].
    best_share: Share,
}

/// The worth of a set divided by the number of its causes, in sixteenths of a VMA.
type Share = u32;

impl Entry {
    /// Nothing is known.
    pub(crate) const NOTHING: Self = Self {
        disappear: 0,
        best_share: 0,
    };
}

impl Answer {
    /// The number of entries that the table has to have.
    pub(crate) fn table_length<P: Places>(tally: &Tally<P>) -> usize {
        1 << Compared::of(tally).count
    }

    /// Finds the causes. A step that makes fewer than `least` VMAs disappear is not told. The table has
    /// [`table_length`](Self::table_length) entries of which nothing is known.
    pub(crate) fn find<P: Places>(tally: &Tally<P>, least: usize, table: &mut [Entry]) -> Self {
        let compared = Compared::of(tally);
        compared.fill(tally, table);

        let mut steps = [None; STEPS];
        let mut removed = 0;
        for step in &mut steps {
            let Some(best) = best_step(table, removed, least) else {
                break;
            };
            let remaining = |set: usize| tally.vmas.saturating_sub(disappear(table, set));
            let all = removed | best;
            let causes = compared.causes_of(best);
            *step = Some(Step {
                causes,
                boundaries: tally.counts.with_all(causes),
                remaining: remaining(all),
                if_one_stays: bits_of(best)
                    .map(|bit| remaining(all & !bit))
                    .min()
                    .unwrap_or(tally.vmas),
            });
            removed = all;
        }
        Self {
            steps,
            least,
            is_partial: compared.left_out >= least,
        }
    }

    /// The steps, in their order.
    pub(crate) fn steps(&self) -> impl Iterator<Item = &Step> {
        self.steps.iter().flatten()
    }
}

fn disappear(table: &[Entry], set: usize) -> usize {
    let entry = table.get(set).copied().unwrap_or(Entry::NOTHING);
    usize::try_from(entry.disappear).unwrap_or(0)
}

/// Finds the set that is worth most, at least so many VMAs, once those in `removed` are.
fn best_step(table: &mut [Entry], removed: usize, least: usize) -> Option<usize> {
    let others = |set: &usize| set & removed == 0;
    // No set is smaller than the largest one. Parts of a set have smaller indices.
    let mut most_of_size = [0; COMPARED];
    for set in (0..table.len()).filter(others) {
        let worth = worth(table, set, removed);
        // A part that is not told by itself is no reason to take a set apart.
        let own_share = if worth < least { 0 } else { share(worth, set) };
        let best_share = own_share.max(best_share_of_parts(table, set));
        if let Some(entry) = table.get_mut(set) {
            entry.best_share = best_share;
        }
        if let Some(most) = most_of_size.get_mut(size(set)) {
            *most = worth.max(*most);
        }
    }
    let no_smaller_set_does_as_well = |set: usize, worth: usize| {
        let smaller = most_of_size.get(..size(set)).unwrap_or_default();
        smaller.iter().all(|most| *most < worth)
    };
    let mut best = None;
    for set in (0..table.len()).filter(others) {
        let worth = worth(table, set, removed);
        if worth >= least.max(1)
            && best.is_none_or(|(_, best_worth)| worth > best_worth)
            && no_smaller_set_does_as_well(set, worth)
            && acts_together(share(worth, set), best_share_of_parts(table, set))
        {
            best = Some((set, worth));
        }
    }
    best.map(|(set, _)| set)
}

/// How many VMAs disappear without these causes, once those in `removed` are.
fn worth(table: &[Entry], set: usize, removed: usize) -> usize {
    disappear(table, removed | set).saturating_sub(disappear(table, removed))
}

fn size(set: usize) -> usize {
    set.count_ones() as usize
}

fn share(worth: usize, set: usize) -> Share {
    let sixteenths = worth.saturating_mul(16) / size(set).max(1);
    Share::try_from(sixteenths).unwrap_or(Share::MAX)
}

fn best_share_of_parts(table: &[Entry], set: usize) -> Share {
    bits_of(set)
        .filter_map(|bit| table.get(set & !bit).filter(|_| set != bit))
        .map(|entry| entry.best_share)
        .max()
        .unwrap_or(0)
}

/// Whether no part is worth seven tenths of what the whole is, for each of its causes.
const fn acts_together(whole: Share, best_part: Share) -> bool {
    (best_part as u64) * 10 < (whole as u64) * 7
}

fn bits_of(set: usize) -> impl Iterator<Item = usize> {
    (0..usize::BITS)
        .map(|bit| 1 << bit)
        .filter(move |bit| set & bit != 0)
}

/// The causes of which all sets are compared, each with a bit of its own in the index of the table.
struct Compared {
    causes: [Option<Cause>; COMPARED],
    count: usize,
    /// The number of boundaries that have other causes.
    left_out: usize,
}

impl Compared {
    /// Finds the causes that occur most, without the segments that every process has.
    fn of<P: Places>(tally: &Tally<P>) -> Self {
        let just_segments = CauseSet::NONE.with(Cause::Segments);
        let segments = tally.counts.with_all(just_segments);
        let is_asked = |cause: &Cause| *cause != Cause::Segments || segments >= MANY_SEGMENTS;

        let mut compared = Self {
            causes: [None; COMPARED],
            count: 0,
            left_out: 0,
        };
        let mut occurring = tally.most_frequent().filter(is_asked);
        for (place, cause) in compared.causes.iter_mut().zip(&mut occurring) {
            *place = Some(cause);
            compared.count += 1;
        }
        let left_out = occurring.fold(CauseSet::NONE, CauseSet::with);
        compared.left_out = tally.counts.with_any(left_out) + tally.beyond();
        compared
    }

    /// The index of a set; none if it has other causes.
    fn index_of(&self, set: CauseSet) -> Option<usize> {
        let mut rest = set;
        let mut index = 0;
        for (bit, cause) in self.causes.iter().flatten().enumerate() {
            if set.contains(*cause) {
                index |= 1 << bit;
                rest = rest.without(*cause);
            }
        }
        (rest == CauseSet::NONE).then_some(index)
    }

    fn causes_of(&self, index: usize) -> CauseSet {
        self.causes
            .iter()
            .flatten()
            .enumerate()
            .filter(|(bit, _)| index & 1 << bit != 0)
            .fold(CauseSet::NONE, |set, (_, cause)| set.with(*cause))
    }

    /// Puts into the table how many VMAs disappear without each set: the sum over all of its parts of what was
    /// counted for these.
    fn fill<P: Places>(&self, tally: &Tally<P>, table: &mut [Entry]) {
        for (set, disappear) in tally.counts.disappearing() {
            let entry = self.index_of(set).and_then(|index| table.get_mut(index));
            if let Some(entry) = entry {
                entry.disappear = i32::try_from(disappear).unwrap_or(0);
            }
        }
        for bit in (0..self.count).map(|bit| 1 << bit) {
            for set in (0..table.len()).filter(|set| set & bit != 0) {
                let part = table.get(set & !bit).map_or(0, |entry| entry.disappear);
                if let Some(entry) = table.get_mut(set) {
                    entry.disappear = entry.disappear.saturating_add(part);
                }
            }
        }
    }
}
