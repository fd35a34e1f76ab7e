// SPDX-License-Identifier: GPL-2.0

//! The answer: the fewest causes without which the most VMAs disappear; and then the next ones.
//!
//! All sets of the causes that occur are compared, not only single causes: some of them always come together, and none
//! of these changes anything by itself. For that, a table has for each set how many VMAs disappear without
//! it: the sum over all of its subsets of what [`Counts`](super::counts::Counts) has for these.

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

/// A step that makes fewer VMAs disappear than one of so many is not told.
const LITTLE: usize = 50;

/// Causes to be removed, one step after the other.
pub(crate) struct Answer {
    steps: [Option<Step>; STEPS],
    /// Whether some causes or sets of causes were not compared, as there are too many.
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
    /// How many would remain if one of these causes stayed, whichever it is.
    pub(crate) without_all_but_one: usize,
}

impl Answer {
    /// The number of entries that the table has to have.
    pub(crate) fn table_length<P: Places>(tally: &Tally<P>) -> usize {
        1 << Compared::of(tally).count
    }

    /// Finds the causes. The table has [`table_length`](Self::table_length) entries, each zero.
    pub(crate) fn find<P: Places>(tally: &Tally<P>, table: &mut [i32]) -> Self {
        let compared = Compared::of(tally);
        compared.fill(tally, table);

        let mut steps = [None; STEPS];
        let mut removed = 0;
        for step in &mut steps {
            let Some(best) = best_step(table, removed) else {
                break;
            };
            let remaining = |set: usize| {
                let disappear = table.get(set).copied().unwrap_or(0);
                tally
                    .vmas
                    .saturating_sub(usize::try_from(disappear).unwrap_or(0))
            };
            if remaining(removed).saturating_sub(remaining(best)) < tally.vmas.div_ceil(LITTLE) {
                break;
            }
            let causes = compared.causes_of(best & !removed);
            *step = Some(Step {
                causes,
                boundaries: tally.counts.with_all(causes),
                remaining: remaining(best),
                without_all_but_one: bits_of(best & !removed)
                    .map(|bit| remaining(best & !bit))
                    .min()
                    .unwrap_or(tally.vmas),
            });
            removed = best;
        }
        Self {
            steps,
            is_partial: compared.some_are_left_out || tally.beyond() != 0,
        }
    }

    /// The steps, in their order.
    pub(crate) fn steps(&self) -> impl Iterator<Item = &Step> {
        self.steps.iter().flatten()
    }
}

/// Finds the set that contains `removed` and is worth most for each cause that it adds.
fn best_step(table: &[i32], removed: usize) -> Option<usize> {
    let disappear = |set: usize| i64::from(table.get(set).copied().unwrap_or(0));
    let mut best = None;
    for set in (0..table.len()).filter(|set| set & removed == removed && *set != removed) {
        // A larger set has to be better by more than its size: where causes work independently of each
        // other, each is a step of its own.
        let worth = disappear(set) - disappear(removed);
        let cost = 10 * i64::from((set & !removed).count_ones()) - 1;
        match best {
            Some((_, best_worth, best_cost)) if worth * best_cost <= best_worth * cost => {}
            _ => best = Some((set, worth, cost)),
        }
    }
    best.filter(|(_, worth, _)| *worth > 0).map(|(set, ..)| set)
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
    some_are_left_out: bool,
}

impl Compared {
    /// Those that occur most, but for those that every process has.
    fn of<P: Places>(tally: &Tally<P>) -> Self {
        let mut causes = [None; COMPARED];
        let mut count = 0;
        let mut occurring = tally.most_frequent();
        for (place, cause) in causes.iter_mut().zip(&mut occurring) {
            *place = Some(cause);
            count += 1;
        }
        Self {
            causes,
            count,
            some_are_left_out: occurring.next().is_some(),
        }
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

    /// Puts into the table how many VMAs disappear without each set.
    fn fill<P: Places>(&self, tally: &Tally<P>, table: &mut [i32]) {
        for (set, disappear) in tally.counts.disappearing() {
            let entry = self.index_of(set).and_then(|index| table.get_mut(index));
            if let Some(entry) = entry {
                *entry = i32::try_from(disappear).unwrap_or(0);
            }
        }
        for bit in (0..self.count).map(|bit| 1 << bit) {
            for set in (0..table.len()).filter(|set| set & bit != 0) {
                let subset = table.get(set & !bit).copied().unwrap_or(0);
                if let Some(entry) = table.get_mut(set) {
                    *entry = entry.saturating_add(subset);
                }
            }
        }
    }
}
