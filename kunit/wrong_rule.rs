// SPDX-License-Identifier: GPL-2.0

//! A rule that is wrong, so that it can be seen that the shadow notices (tests/guest/engine_test).

use crate::{
    shadow::Rules,
    vma::{
        compat::Blocker,
        extent::Range,
        forecast::{
            Before,
            Forecast, //
        },
        plan::{
            Blockers,
            Decision, //
        },
        split::SplitError,
    },
};

/// Nothing ever merges into the VMA before it.
pub(crate) struct WrongRule;

impl Rules for WrongRule {
    fn modified(
        before: &Before,
        decision: &Decision,
        range: Range,
        may_split: impl FnMut(usize, i32) -> Result<(), SplitError>,
    ) -> Forecast {
        let wrong = Decision::Keep(Blockers {
            left: Blocker::NotAdjacent,
            right: Blocker::NotAdjacent,
        });
        let decision = match decision {
            Decision::Merge(plan) if plan.shape.grows_prev() => &wrong,
            decision => decision,
        };
        before.modified(decision, range, may_split)
    }
}
