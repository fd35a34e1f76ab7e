// SPDX-License-Identifier: GPL-2.0

//! Compares the state that C left with Rust's forecast.

use super::asked::Asked;
use crate::vma::{
    forecast::{
        Answer,
        Forecast,
        Layout,
        WhichVma, //
    },
    merge::IfNoMemory,
};

/// The state that C has left.
pub(crate) struct Found {
    /// C's return value.
    pub(crate) answer: Answer,
    /// The VMAs after the call.
    pub(crate) layout: Layout,
    /// The merge that C tried but could not carry out.
    pub(crate) tried: Tried,
    /// `vm.max_map_count` after the call.
    pub(crate) most: i32,
}

/// A merge that C tried but could not carry out. Only the helpers that map a range record it in their arguments.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tried {
    /// The arguments show no such merge.
    Nothing,
    /// The merge that Rust had planned.
    AsPlanned,
    /// Another merge.
    Otherwise,
}

/// The result of a comparison.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Compared {
    /// Rust and C agree.
    Same,
    /// Rust and C differ.
    Different,
    /// Undecided: C ran out of memory, or the limit on the number of VMAs changed during the call.
    WithoutMemory,
}

impl Asked {
    /// Compares the state that C left with Rust's forecast. Rust cannot forecast whether C runs out of memory, but it
    /// can forecast the state that C leaves in that case.
    pub(super) fn judge(&self, rust: &Forecast, c: &Found) -> Compared {
        let is_unchanged = c.layout == self.before().layout();
        match c.tried {
            Tried::AsPlanned if is_unchanged && c.answer == Answer::NotMerged => {
                return Compared::WithoutMemory;
            }
            Tried::AsPlanned | Tried::Otherwise => return Compared::Different,
            Tried::Nothing => {}
        }
        if rust.answer == c.answer && rust.layout == c.layout {
            return Compared::Same;
        }
        let limit_has_moved =
            c.most != self.limit.most && (rust.answer.is_no_memory() || c.answer.is_no_memory());
        let is_on_the_way = is_unchanged || Some(c.layout) == self.before().halfway(rust);
        // C calls the driver's `may_split` hook before it allocates memory.
        let driver_stops = rust.answer.is_failure_but_no_memory() && rust.first_of_two.is_none();
        let gave_up = self.wanted.if_no_memory == IfNoMemory::GiveUp
            && is_unchanged
            && rust.answer.is_merge()
            && c.answer == Answer::Vma(WhichVma::Middle);
        let limit_stops = self.limit_stops(c) && !rust.answer.is_merge();
        let has_no_memory =
            c.answer.is_no_memory() && is_on_the_way && !driver_stops && !limit_stops;
        if limit_has_moved || gave_up || has_no_memory {
            return Compared::WithoutMemory;
        }
        Compared::Different
    }

    /// Returns whether the limit on the number of VMAs stopped C, which checks the limit before it allocates memory for
    /// a split.
    fn limit_stops(&self, c: &Found) -> bool {
        let more = c
            .layout
            .count()
            .saturating_sub(self.before().layout().count());
        let vmas = usize::try_from(self.limit.vmas).unwrap_or(0) + more;
        self.helper.is_limited() && vmas >= usize::try_from(self.limit.most).unwrap_or(0)
    }
}
