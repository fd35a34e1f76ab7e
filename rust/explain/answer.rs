// SPDX-License-Identifier: GPL-2.0

//! The answer: the causes whose removal makes the most VMAs disappear, and then the next causes.
//!
//! All sets of the causes that occur are compared, not only single causes: some causes always occur together, and
//! removing one of those alone changes nothing. The worth of a set is the number of VMAs that disappear without its
//! causes. A set has to meet two conditions:
//!
//! - Its causes act together: no subset that is worth reporting is worth nearly as much per cause. Causes that act by
//!   themselves are separate steps.
//! - No smaller set is worth as much.
//!
//! Of these sets, the set that is worth most is the next step of the answer.

use super::{
    cause_set::CauseSet,
    counts::Places,
    tally::Tally, //
};
use crate::vma::causes::Cause;

/// The maximum number of causes whose sets are all compared. The table has 2 to this power entries.
const COMPARED: usize = 16;

/// The maximum number of steps.
const STEPS: usize = 5;

/// The minimum number of boundaries at which segments of programs and libraries count as a cause. Every process has
/// fewer.
const MANY_SEGMENTS: usize = 1000;

/// Causes to be removed, one step after another.
pub(crate) struct Answer {
    steps: [Option<Step>; STEPS],
    /// The minimum number of VMAs that a step has to be worth.
    pub(super) least: usize,
    /// Whether some causes or sets of causes that may matter were not compared because there are too many.
    pub(crate) is_partial: bool,
}

/// Causes to be removed, after those of the previous steps.
#[derive(Clone, Copy)]
pub(crate) struct Step {
    /// The causes.
    pub(crate) causes: CauseSet,
    /// The number of boundaries that have all of these causes, alone or with others.
    pub(crate) boundaries: usize,
    /// The number of VMAs that would remain.
    pub(crate) remaining: usize,
    /// The number of VMAs that would remain if one of these causes stayed: the cause that costs least.
    pub(crate) if_one_stays: usize,
}

/// A set of causes, as an entry of the table in which all sets are compared.
#[derive(Clone, Copy)]
pub(crate) struct Entry {
    /// The number of VMAs that disappear without these causes.
    disappear: i32,
    /// The largest [`Share`] of this set and its subsets, among those that are worth reporting.
    best_share: Share,
}

/// The worth of a set divided by the number of its causes, in sixteenths of a VMA.
type Share = u32;

impl Entry {
    /// An empty entry.
    pub(crate) const NOTHING: Self = Self {
        disappear: 0,
        best_share: 0,
    };
}

impl Answer {
    /// Returns the required number of table entries.
    pub(crate) fn table_length<P: Places>(tally: &Tally<P>) -> usize {
        1 << Compared::of(tally).count
    }

    /// Finds the causes. A step that makes fewer than `least` VMAs disappear is left out. `table` has
    /// [`table_length`](Self::table_length) entries, each [`NOTHING`](Entry::NOTHING).
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

    /// Returns the steps in order.
    pub(crate) fn steps(&self) -> impl Iterator<Item = &Step> {
        self.steps.iter().flatten()
    }
}

fn disappear(table: &[Entry], set: usize) -> usize {
    let entry = table.get(set).copied().unwrap_or(Entry::NOTHING);
    usize::try_from(entry.disappear).unwrap_or(0)
}

/// Finds the set that is worth most, at least `least` VMAs, once the causes in `removed` are removed.
fn best_step(table: &mut [Entry], removed: usize, least: usize) -> Option<usize> {
    let others = |set: &usize| set & removed == 0;
    // No set is larger than the set of all compared causes. Subsets have smaller indices, so they are visited first.
    let mut most_of_size = [0; COMPARED];
    for set in (0..table.len()).filter(others) {
        let worth = worth(table, set, removed);
        // A subset that is not worth reporting by itself is not a reason to split a set.
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

/// Returns the number of VMAs that disappear without the causes in `set`, once those in `removed` are removed.
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

/// Returns whether every subset is worth less than 70 % of the whole set, per cause.
const fn acts_together(whole: Share, best_part: Share) -> bool {
    (best_part as u64) * 10 < (whole as u64) * 7
}

fn bits_of(set: usize) -> impl Iterator<Item = usize> {
    (0..usize::BITS)
        .map(|bit| 1 << bit)
        .filter(move |bit| set & bit != 0)
}

/// The causes whose sets are all compared. Each cause has its own bit in the index of the table.
struct Compared {
    causes: [Option<Cause>; COMPARED],
    count: usize,
    /// The number of boundaries that have other causes.
    left_out: usize,
}

impl Compared {
    /// Finds the causes that occur most often, except for the segments that every process has.
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

    /// Returns the index of a set, or `None` if the set has other causes.
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

    /// Fills the table with the number of VMAs that disappear without each set: the sum of the counts of all of its
    /// subsets.
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
