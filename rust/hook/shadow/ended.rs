// SPDX-License-Identifier: GPL-2.0

//! The end of a call as the engine would have reported it, derived from Rust's decision and from whether C ran out of
//! memory.

use super::{
    asked::Asked,
    judge::{
        Compared,
        Found, //
    },
};
use crate::{
    report::{
        ended::Ended,
        ending::Ending, //
    },
    vma::{
        cut::SplitError,
        forecast::{
            Answer,
            Forecast,
            WhichVma, //
        },
        merge::Unmerged,
        modify::{
            Cut,
            ModifyError,
            Outcome, //
        },
        plan::Decision, //
    },
};

impl Asked {
    /// Returns the result of a call to a helper that makes a part of a VMA ready for a change.
    pub(crate) fn modified(
        &self,
        decision: Decision,
        rust: &Forecast,
        c: &Found,
        compared: Compared,
    ) -> Result<Outcome, ModifyError> {
        let has_memory = compared != Compared::WithoutMemory;
        let gave_up = c.answer == Answer::Vma(WhichVma::Middle);
        match decision {
            Decision::Merge(plan) if has_memory => return Ok(Outcome::Merged(plan)),
            Decision::Merge(plan) if !gave_up => return Err(ModifyError::NoMemory(plan)),
            Decision::Merge(_) | Decision::Abandon(_) | Decision::Keep(_) => {}
        }
        let unmerged = Unmerged::after(decision);
        match self.stopped_by(rust, c, compared) {
            Some((error, Stage::Halfway)) => {
                Err(ModifyError::SecondSplit(error, unmerged.reasons()))
            }
            Some((error, Stage::Unchanged)) => Err(ModifyError::Split(error, unmerged.reasons())),
            None => Ok(match self.cut() {
                Some(cut) => Outcome::Split(cut, unmerged),
                None => Outcome::Whole(unmerged),
            }),
        }
    }

    /// Returns the end of a call to a helper that maps a range.
    pub(crate) fn placed_ended(&self, decision: Decision, compared: Compared) -> Ended {
        match decision {
            _ if compared == Compared::WithoutMemory => Ended::NO_MEMORY,
            Decision::Merge(plan) => Ended::merge(&plan),
            Decision::Abandon(_) | Decision::Keep(_) => {
                Ended::not_merged(&Unmerged::after(decision))
            }
        }
    }

    /// Returns the end of a call to a helper that splits a VMA in two.
    pub(crate) fn split_ended(&self, rust: &Forecast, c: &Found, compared: Compared) -> Ended {
        Ended::split(
            self.stopped_by(rust, c, compared)
                .map_or(Ok(()), |(error, _)| Err(error)),
        )
    }

    /// Returns the end of a call to a helper that changes the extent of a VMA. `done` is the end of a successful call.
    pub(crate) fn resize_ended(&self, done: Ending, compared: Compared) -> Ended {
        match compared {
            Compared::WithoutMemory => Ended::NO_MEMORY,
            Compared::Same | Compared::Different => Ended::with(done),
        }
    }

    /// Returns the error of the split that stopped the call, and the progress of the call up to that point. Both come
    /// from Rust's forecast. If C ran out of memory, the error is `NoMemory`, and the VMAs that C left show the
    /// progress.
    fn stopped_by(
        &self,
        rust: &Forecast,
        c: &Found,
        compared: Compared,
    ) -> Option<(SplitError, Stage)> {
        match compared {
            Compared::WithoutMemory if c.answer.is_no_memory() => {
                let is_halfway = Some(c.layout) == self.before().halfway(rust);
                Some((SplitError::NoMemory, Stage::of(is_halfway)))
            }
            _ => {
                let error = rust.stopped_by?;
                Some((error, Stage::of(rust.first_of_two.is_some())))
            }
        }
    }

    /// Returns the places where the middle is split to make the range a separate VMA.
    fn cut(&self) -> Option<Cut> {
        let range = self.wanted_range();
        let whole = self.before().middle.map_or(range, |middle| middle.range);
        match (range.start() > whole.start(), range.end() < whole.end()) {
            (true, true) => Some(Cut::Both),
            (true, false) => Some(Cut::Start),
            (false, true) => Some(Cut::End),
            (false, false) => None,
        }
    }
}

/// The progress of a call that was stopped by a failed split.
enum Stage {
    /// The call changed nothing.
    Unchanged,
    /// The call made the first of two splits.
    Halfway,
}

impl Stage {
    fn of(is_halfway: bool) -> Self {
        if is_halfway {
            Self::Halfway
        } else {
            Self::Unchanged
        }
    }
}
