// SPDX-License-Identifier: GPL-2.0

//! Rules that are wrong, so that it can be seen that the shadow notices (tests/guest/engine_test).

use crate::{
    hook::shadow::rules::Rules,
    vma::{
        compat::Blocker,
        cut::{
            Split,
            SplitError, //
        },
        extent::{
            Extent,
            Range, //
        },
        forecast::{
            Before,
            Forecast, //
        },
        plan::{
            Blockers,
            Decision,
            Shape, //
        },
    },
};

/// One wrong rule for each function. None is about what a program does without being told to, such as
/// letting its heap grow.
pub(crate) struct WrongRule;

const KEEP: Decision = Decision::Keep(Blockers {
    left: Blocker::NotAdjacent,
    right: Blocker::NotAdjacent,
});

impl Rules for WrongRule {
    /// Nothing ever merges into the VMA before it.
    fn modified(
        before: &Before,
        decision: &Decision,
        range: Range,
        may_split: impl FnMut(usize, i32) -> Result<(), SplitError>,
    ) -> Forecast {
        let decision = match decision {
            Decision::Merge(plan) if plan.shape.grows_prev() => &KEEP,
            decision => decision,
        };
        before.modified(decision, range, may_split)
    }

    /// Nothing new ever merges with the VMAs on both sides.
    fn placed(before: &Before, decision: &Decision) -> Forecast {
        let decision = match decision {
            Decision::Merge(plan) if plan.shape == Shape::Both => &KEEP,
            decision => decision,
        };
        before.placed(decision)
    }

    /// It is the other part that is new.
    fn split(before: &Before, split: Split, driver: Result<(), SplitError>) -> Forecast {
        let split = match split {
            Split::NewBelow { new, kept } => Split::NewAbove {
                kept: new,
                new: kept,
            },
            Split::NewAbove { kept, new } => Split::NewBelow {
                new: kept,
                kept: new,
            },
        };
        before.split(split, driver)
    }

    /// It stays as it is.
    fn resized(before: &Before, to: Extent) -> Forecast {
        before.resized(before.middle.unwrap_or(to))
    }
}
