// SPDX-License-Identifier: GPL-2.0

//! What came of each call of the engine, said once, for those who count and for those who trace.
//!
//! Whoever calls a helper for C (`witness.rs`) or for `ctl` reports here how that has ended:
//!
//! ```text
//!   sys/hook.rs  ->  witness.rs \
//!                                report/    ->  sys/stats.rs        counters, which debugfs/stats.rs shows
//!   debugfs/verbs/              /           \  sys/tracepoints.rs  trace events
//! ```

use crate::{
    sys::{
        stats,
        tracepoints, //
    },
    vma::{
        compat::{
            Reduction,
            Side, //
        },
        cut::SplitError,
        expand::ExpandError,
        extent::Range,
        merge::{
            Attempt,
            NoMemory,
            Unmerged, //
        },
        modify::{
            Modified,
            ModifyError,
            Outcome, //
        },
        new_range::Placed,
        plan::{
            Blockers,
            Plan,
            Shape,
            Unjoined, //
        },
        sys::{
            MmWithUser,
            Vma, //
        },
    },
};
use kernel::prelude::*;

pub(crate) mod words;

pub(crate) use self::words::{
    Ending,
    Helper,
    Reason, //
};

/// What has kept the VMAs beside a range from joining it.
#[derive(Clone, Copy)]
struct Reasons {
    left: Option<Reason>,
    right: Option<Reason>,
}

impl Reasons {
    const NONE: Self = Self {
        left: None,
        right: None,
    };

    #[inline(always)]
    fn of_plan(plan: &Plan) -> Self {
        let other = plan.other_side.map(|unjoined| match unjoined {
            Unjoined::Blocked(blocker) => Reason::Rule(blocker),
            Unjoined::Reduced(Reduction::NextStays) => Reason::Close,
        });
        if plan.shape.grows_prev() {
            Self {
                left: None,
                right: other,
            }
        } else {
            Self {
                left: other,
                right: None,
            }
        }
    }

    #[inline(always)]
    fn of_unmerged(unmerged: &Unmerged) -> Self {
        match unmerged {
            Unmerged::Blocked(Blockers { left, right }) => Self {
                left: Some(Reason::Rule(*left)),
                right: Some(Reason::Rule(*right)),
            },
            Unmerged::MustNotDisappear(shape) => {
                let close = |joins: bool| joins.then_some(Reason::Close);
                Self {
                    left: close(shape.grows_prev()),
                    right: close(!shape.grows_prev() || *shape == Shape::Both),
                }
            }
            Unmerged::GaveUp(_) | Unmerged::Misfit(_) => Self::NONE,
        }
    }
}

/// A modify of `range` has ended like this.
#[inline(always)]
pub(crate) fn modified(helper: Helper, range: Range, result: &Result<Modified<'_>, ModifyError>) {
    let (ending, reasons) = match result {
        Ok(modified) => match &modified.outcome {
            Outcome::Merged(plan) => (Ending::of_shape(plan.shape), Reasons::of_plan(plan)),
            Outcome::Split(cut, unmerged) => (Ending::of_cut(*cut), Reasons::of_unmerged(unmerged)),
            Outcome::Whole(unmerged) => (Ending::Whole, Reasons::of_unmerged(unmerged)),
        },
        Err(ModifyError::NotWithinVma) => (Ending::Refused, Reasons::NONE),
        Err(ModifyError::NoMemory(_)) => (Ending::NoMemory, Reasons::NONE),
        Err(ModifyError::Split(error) | ModifyError::SecondSplit(error)) => {
            (Ending::of_split_error(*error), Reasons::NONE)
        }
    };
    if let Ok(modified) = result {
        trace_blocked(helper, modified.vma.mm(), range, reasons);
    }
    tracepoints::modify(helper, range, ending);
    ended(helper, range, ending, reasons);
}

/// An attempt to merge `range`, which has changed, has ended like this.
#[inline(always)]
pub(crate) fn attempted(helper: Helper, range: Range, result: &Result<Attempt<'_, '_>, NoMemory>) {
    match result {
        Ok(Attempt::Merged(vma, plan)) => merged(helper, vma.mm(), range, plan),
        Ok(Attempt::NotMerged(_, vma, unmerged)) => not_merged(helper, vma.mm(), range, unmerged),
        Err(NoMemory(_)) => ended(helper, range, Ending::NoMemory, Reasons::NONE),
    }
}

/// An attempt to map `range`, which is new, by letting its neighbours grow has ended like this.
#[inline(always)]
pub(crate) fn placed(
    helper: Helper,
    mm: &MmWithUser,
    range: Range,
    result: &Result<Placed<'_>, NoMemory>,
) {
    match result {
        Ok(Placed::Merged(_, plan)) => merged(helper, mm, range, plan),
        Ok(Placed::NotMerged(unmerged)) => not_merged(helper, mm, range, unmerged),
        Err(NoMemory(_)) => ended(helper, range, Ending::NoMemory, Reasons::NONE),
    }
}

/// A split by which `range` was to become a VMA of its own has ended like this.
#[inline(always)]
pub(crate) fn split(helper: Helper, range: Range, result: &Result<Vma<'_>, SplitError>) {
    let ending = match result {
        Ok(_) => Ending::Split,
        Err(error) => Ending::of_split_error(*error),
    };
    ended(helper, range, ending, Reasons::NONE);
}

/// An expansion has ended like this.
#[inline(always)]
pub(crate) fn expanded(helper: Helper, result: &Result<Vma<'_>, ExpandError>) {
    let ending = match result {
        Ok(_) => Ending::Expanded,
        Err(ExpandError::AnonVma | ExpandError::Store) => Ending::NoMemory,
    };
    stats::count_call(helper, ending, None, None);
}

/// A shrinking has ended like this; all that it can lack is memory.
#[inline(always)]
pub(crate) fn shrunk(helper: Helper, result: &Result<Vma<'_>>) {
    let ending = match result {
        Ok(_) => Ending::Shrunk,
        Err(_) => Ending::NoMemory,
    };
    stats::count_call(helper, ending, None, None);
}

#[inline(always)]
fn merged(helper: Helper, mm: &MmWithUser, range: Range, plan: &Plan) {
    let reasons = Reasons::of_plan(plan);
    trace_blocked(helper, mm, range, reasons);
    ended(helper, range, Ending::of_shape(plan.shape), reasons);
}

#[inline(always)]
fn not_merged(helper: Helper, mm: &MmWithUser, range: Range, unmerged: &Unmerged) {
    let reasons = Reasons::of_unmerged(unmerged);
    let ending = match unmerged {
        Unmerged::GaveUp(_) => Ending::NoMemory,
        _ => Ending::NotMerged,
    };
    trace_blocked(helper, mm, range, reasons);
    ended(helper, range, ending, reasons);
}

/// What has kept VMAs from joining the range.
#[inline(always)]
fn trace_blocked(helper: Helper, mm: &MmWithUser, range: Range, reasons: Reasons) {
    if let Some(reason) = reasons.left {
        tracepoints::blocked(helper, mm, range, Side::Left, reason);
    }
    if let Some(reason) = reasons.right {
        tracepoints::blocked(helper, mm, range, Side::Right, reason);
    }
}

/// How it has ended, and what has kept VMAs from joining the range.
#[inline(always)]
fn ended(helper: Helper, range: Range, ending: Ending, reasons: Reasons) {
    match ending {
        Ending::Both
        | Ending::LeftWhole
        | Ending::LeftPart
        | Ending::RightWhole
        | Ending::RightPart => tracepoints::merge(helper, range, ending),
        Ending::SplitStart
        | Ending::SplitEnd
        | Ending::SplitBoth
        | Ending::Split
        | Ending::Limit
        | Ending::Refused => tracepoints::split(helper, range, ending),
        Ending::Whole
        | Ending::NotMerged
        | Ending::Expanded
        | Ending::Shrunk
        | Ending::NoMemory => {}
    }
    stats::count_call(helper, ending, reasons.left, reasons.right);
}
