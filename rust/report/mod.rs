// SPDX-License-Identifier: GPL-2.0

//! The report of each call of the engine, to the counters and the trace events.
//!
//! Every caller of a helper reports the result here: the hook's entries, and the commands of `ctl`.
//!
//! ```text
//!   hook/sys/entry.rs  \
//!                         report  ->  sys/counters.rs   the numbers in debugfs/stats.rs
//!   process/change     /          \  sys/events.rs     trace events
//! ```

pub(crate) mod ending;
pub(crate) mod helper;
pub(crate) mod reason;
pub(crate) mod sys;

use self::{
    ending::Ending,
    helper::Call,
    reason::Reason,
    sys::{
        counters,
        events, //
    },
};
use crate::vma::{
    compat::{
        Reduction,
        Side, //
    },
    cut::SplitError,
    expand::ExpandError,
    extent::Range,
    merge::{
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
};
use kernel::prelude::*;

/// The reasons why the VMAs beside a range have not joined it.
#[derive(Clone, Copy)]
struct Reasons {
    prev: Option<Reason>,
    next: Option<Reason>,
}

impl Reasons {
    const NONE: Self = Self {
        prev: None,
        next: None,
    };

    #[inline(always)]
    fn of_plan(plan: &Plan) -> Self {
        let other = plan.other_side.map(|unjoined| match unjoined {
            Unjoined::Blocked(blocker) => Reason::Rule(blocker),
            Unjoined::Reduced(Reduction::NextStays) => Reason::Close,
        });
        if plan.shape.grows_prev() {
            Self {
                prev: None,
                next: other,
            }
        } else {
            Self {
                prev: other,
                next: None,
            }
        }
    }

    #[inline(always)]
    fn of_unmerged(unmerged: &Unmerged) -> Self {
        match unmerged {
            Unmerged::Blocked(Blockers { prev, next }) => Self {
                prev: Some(Reason::Rule(*prev)),
                next: Some(Reason::Rule(*next)),
            },
            Unmerged::MustNotDisappear(shape) => {
                let close = |joins: bool| joins.then_some(Reason::Close);
                Self {
                    prev: close(shape.grows_prev()),
                    next: close(!shape.grows_prev() || *shape == Shape::Both),
                }
            }
            Unmerged::GaveUp(_) => Self::NONE,
        }
    }
}

/// Reports the result of a modify of `range`.
#[inline(always)]
pub(crate) fn modified(call: Call, range: Range, result: &Result<Modified<'_, '_>, ModifyError>) {
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
        trace_blocked(call, modified.vma.mm(), range, reasons);
    }
    events::modify(call.helper, range, ending);
    ended(call, range, ending, reasons);
}

/// Reports the result of an attempt to map `range` by letting its neighbours grow.
#[inline(always)]
pub(crate) fn placed(
    call: Call,
    mm: &MmWithUser,
    range: Range,
    result: &Result<Placed<'_, '_>, NoMemory>,
) {
    match result {
        Ok(Placed::Merged(_, plan)) => merged(call, mm, range, plan),
        Ok(Placed::NotMerged(unmerged)) => not_merged(call, mm, range, unmerged),
        Err(NoMemory(_)) => ended(call, range, Ending::NoMemory, Reasons::NONE),
    }
}

/// Reports the result of a split by which `range` was to become a VMA of its own.
#[inline(always)]
pub(crate) fn split(call: Call, range: Range, result: &Result<Vma<'_, '_>, SplitError>) {
    let ending = match result {
        Ok(_) => Ending::Split,
        Err(error) => Ending::of_split_error(*error),
    };
    ended(call, range, ending, Reasons::NONE);
}

/// Reports the result of an expansion.
#[inline(always)]
pub(crate) fn expanded(call: Call, result: &Result<Vma<'_, '_>, ExpandError>) {
    let ending = match result {
        Ok(_) => Ending::Expanded,
        Err(ExpandError::AnonVma | ExpandError::Store) => Ending::NoMemory,
    };
    counters::count_call(call, ending, None, None);
}

/// Reports the result of a call that ends with `done`, or fails for lack of memory.
#[inline(always)]
pub(crate) fn finished(call: Call, done: Ending, result: &Result<Vma<'_, '_>>) {
    let ending = match result {
        Ok(_) => done,
        Err(_) => Ending::NoMemory,
    };
    counters::count_call(call, ending, None, None);
}

#[inline(always)]
fn merged(call: Call, mm: &MmWithUser, range: Range, plan: &Plan) {
    let reasons = Reasons::of_plan(plan);
    trace_blocked(call, mm, range, reasons);
    ended(call, range, Ending::of_shape(plan.shape), reasons);
}

#[inline(always)]
fn not_merged(call: Call, mm: &MmWithUser, range: Range, unmerged: &Unmerged) {
    let reasons = Reasons::of_unmerged(unmerged);
    let ending = match unmerged {
        Unmerged::GaveUp(_) => Ending::NoMemory,
        _ => Ending::NotMerged,
    };
    trace_blocked(call, mm, range, reasons);
    ended(call, range, ending, reasons);
}

/// Traces the reasons why the VMAs beside the range have not joined it.
#[inline(always)]
fn trace_blocked(call: Call, mm: &MmWithUser, range: Range, reasons: Reasons) {
    if let Some(reason) = reasons.prev {
        events::blocked(call.helper, mm, range, Side::Below, reason);
    }
    if let Some(reason) = reasons.next {
        events::blocked(call.helper, mm, range, Side::Above, reason);
    }
}

/// Traces and counts the end of a call, and counts the reasons.
#[inline(always)]
fn ended(call: Call, range: Range, ending: Ending, reasons: Reasons) {
    match ending {
        Ending::Both
        | Ending::PrevWhole
        | Ending::PrevPart
        | Ending::NextWhole
        | Ending::NextPart => events::merge(call.helper, range, ending),
        Ending::SplitStart
        | Ending::SplitEnd
        | Ending::SplitBoth
        | Ending::Split
        | Ending::Limit
        | Ending::Refused => events::split(call.helper, range, ending),
        Ending::Whole
        | Ending::NotMerged
        | Ending::Expanded
        | Ending::Shrunk
        | Ending::NoMemory => {}
    }
    counters::count_call(call, ending, reasons.prev, reasons.next);
}
