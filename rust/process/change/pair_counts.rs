// SPDX-License-Identifier: GPL-2.0

//! Counts of the pairs of VMAs that `merge` has found, or would find.

use crate::vma::{
    compat::{
        Blocker,
        Reduction, //
    },
    merge::Unmerged,
    plan::Blockers, //
};
use kernel::fmt;

/// The number of VMAs of a range, and the results for its pairs of touching VMAs.
pub(crate) struct PairCounts {
    /// The number of VMAs that lie in the range, at least in part, before any of them merge.
    pub(super) vmas: u32,
    merged: u32,
    /// The number of pairs that do not merge, for each rule that keeps two VMAs apart.
    blocked: [u32; Blocker::COUNT],
    /// The number of pairs that do not merge because the driver of one of the two VMAs has a close hook.
    closing: u32,
}

impl PairCounts {
    /// The counts without any VMAs.
    pub(super) const NONE: Self = Self {
        vmas: 0,
        merged: 0,
        blocked: [0; Blocker::COUNT],
        closing: 0,
    };

    /// Counts a pair. `stays` is `None` if the pair has merged, otherwise the reason why it has not.
    pub(super) fn count(&mut self, stays: Option<&Unmerged>) {
        match stays {
            None => self.merged += 1,
            Some(Unmerged::Blocked(Blockers { next, .. })) => {
                let index = *next as usize;
                if let Some(count) = self.blocked.get_mut(index) {
                    *count += 1;
                }
            }
            Some(Unmerged::MustNotDisappear(_) | Unmerged::GaveUp(_)) => self.closing += 1,
        }
    }
}

impl fmt::Display for PairCounts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rules = Blocker::ALL.iter().map(|blocker| blocker.describe());
        let rules = rules.zip(self.blocked.iter().copied());
        let reasons = rules.chain([(Reduction::NextStays.describe(), self.closing)]);
        let staying = reasons.clone().map(|(_, count)| count).sum::<u32>();

        let left = self.vmas.saturating_sub(self.merged);
        write!(
            f,
            "{} of {} {} merged, which leaves {left} {} in the range",
            self.merged,
            self.merged + staying,
            plural(self.merged + staying, "pair", "pairs"),
            plural(left, "VMA", "VMAs"),
        )?;
        let mut separator = "; the others stay: ";
        for (reason, count) in reasons.filter(|(_, count)| *count > 0) {
            write!(f, "{separator}{reason} ({count})")?;
            separator = ", ";
        }
        Ok(())
    }
}

fn plural(count: u32, one: &'static str, several: &'static str) -> &'static str {
    if count == 1 {
        one
    } else {
        several
    }
}
