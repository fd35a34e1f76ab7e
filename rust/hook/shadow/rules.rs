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

/// The rules that turn a decision into a forecast. The default methods are the module's rules; a test can
/// override them with wrong rules.
pub(crate) trait Rules: Sized {
    /// Returns the decision about a call to this helper.
    fn decided(_helper: Helper, decision: Decision) -> Decision {
        decision
    }

    /// Returns the forecast for `vma_modify()`.
    fn modified(
        before: &Before,
        decision: &Decision,
        range: Range,
        may_split: impl FnMut(usize, i32) -> Result<(), SplitError>,
    ) -> Forecast {
        before.modified(decision, range, may_split)
    }

    /// Returns the forecast for `vma_merge_new_range()`.
    fn placed(before: &Before, decision: &Decision) -> Forecast {
        before.placed(decision)
    }

    /// Returns the forecast for `split_vma()` and `__split_vma()`.
    fn split(before: &Before, split: Split, allowed: Result<(), SplitError>) -> Forecast {
        before.split(split, allowed)
    }

    /// Returns the forecast for a helper that changes the extent of a VMA.
    fn resized(before: &Before, to: Extent) -> Forecast {
        before.resized(to)
    }
}
