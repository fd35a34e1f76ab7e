// SPDX-License-Identifier: GPL-2.0

//! The actions that follow a comparison.

use super::{
    asked::Asked,
    judge::{
        Compared,
        Found, //
    },
    tally, //
};
use crate::{
    hook::fallback::{
        fault,
        leave_to_c,
        Fault, //
    },
    report::helper::Helper,
    vma::forecast::Forecast,
};

/// Compares Rust's forecast with the state that C left, counts the result, and reports a difference. Sleeps.
/// Returns the judgement.
pub(crate) fn compare(asked: &Asked, rust: &Forecast, c: &Found) -> Compared {
    let compared = asked.judge(rust, c);
    tally::count(compared);
    if compared == Compared::Different {
        asked.tell(rust, c);
        fault(asked.helper, Fault::Differs);
    }
    compared
}

/// Reports a call whose arguments Rust would have refused.
pub(crate) fn not_watched(helper: Helper) {
    tally::count(Compared::Different);
    leave_to_c(helper);
}
