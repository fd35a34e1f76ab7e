// SPDX-License-Identifier: GPL-2.0

//! The step from a decision to a forecast.

use crate::report::helper::Helper;
use crate::vma::{
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
    plan::Decision, //
};

/// The rules by which a decision is made and becomes a forecast. The module's own are right; a test's
/// may be wrong.
pub(crate) trait Rules: Sized {
    /// Returns what is decided about a call of this helper.
    fn decided(_helper: Helper, decision: Decision) -> Decision {
        decision
    }

    /// Returns what `vma_modify()` will do.
    fn modified(
        before: &Before,
        decision: &Decision,
        range: Range,
        may_split: impl FnMut(usize, i32) -> Result<(), SplitError>,
    ) -> Forecast {
        before.modified(decision, range, may_split)
    }

    /// Returns what `vma_merge_new_range()` will do.
    fn placed(before: &Before, decision: &Decision) -> Forecast {
        before.placed(decision)
    }

    /// Returns what `split_vma()` and `__split_vma()` will do.
    fn split(before: &Before, split: Split, allowed: Result<(), SplitError>) -> Forecast {
        before.split(split, allowed)
    }

    /// Returns what `vma_expand()` and `vma_shrink()` will do.
    fn resized(before: &Before, to: Extent) -> Forecast {
        before.resized(to)
    }
}
