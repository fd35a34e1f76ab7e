// SPDX-License-Identifier: GPL-2.0

//! The report of each engine call to the counters and the trace events.
//!
//! Every caller of a helper reports the result here: the hook's entries, and the commands of `ctl`. So does the
//! shadow, for calls that C executes.
//!
//! ```text
//!   hook/sys/entry.rs   \
//!   hook/sys/shadow/     - report  ->  sys/counters.rs   the numbers in debugfs/stats.rs
//!   process/change      /          \  sys/events.rs     trace events
//! ```

pub(crate) mod ended;
pub(crate) mod ending;
pub(crate) mod helper;
pub(crate) mod sys;

use self::{
    ended::Ended,
    ending::Ending,
    helper::Call,
    sys::{
        counters,
        events::{
            self,
            TracedMemory, //
        }, //
    },
};
use crate::vma::{
    compat::Side,
    cut::SplitError,
    expand::ExpandError,
    extent::Range,
    merge::NoMemory,
    modify::{
        Modified,
        ModifyError,
        Outcome, //
    },
    new_range::Placed,
    reason::Reasons,
    sys::Vma,
};
use kernel::prelude::*;

/// Reports the result of a call that makes `range` ready for a change.
#[inline(always)]
pub(crate) fn modified<'a>(
    call: Call,
    range: Range,
    result: &Result<Modified<'_, '_>, ModifyError>,
    memory: impl Fn() -> TracedMemory<'a>,
) {
    let result = result.as_ref().map(|modified| &modified.outcome);
    modify_ended(call, range, result, memory);
}

/// Reports the result of a call that makes `range` ready for a change without considering the VMA below.
pub(crate) fn modified_without_prev<'a>(
    call: Call,
    range: Range,
    result: &Result<Modified<'_, '_>, ModifyError>,
    memory: impl Fn() -> TracedMemory<'a>,
) {
    let result = result.as_ref().map(|modified| &modified.outcome);
    let ended = Ended::modify(result).without_prev();
    report_modify(call, range, ended, result, memory);
}

/// Reports the result of an attempt to map `range` by growing its neighbours.
#[inline(always)]
pub(crate) fn placed<'a>(
    call: Call,
    range: Range,
    result: &Result<Placed<'_, '_>, NoMemory>,
    memory: impl Fn() -> TracedMemory<'a>,
) {
    let ended = match result {
        Ok(Placed::Merged(_, plan)) => Ended::merge(plan),
        Ok(Placed::NotMerged(unmerged)) => Ended::not_merged(unmerged),
        Err(NoMemory(_)) => Ended::NO_MEMORY,
    };
    call_ended(call, range, ended, memory);
}

/// Reports the result of a split that was to make `range` a separate VMA.
#[inline(always)]
pub(crate) fn split<'a>(
    call: Call,
    range: Range,
    result: &Result<Vma<'_, '_>, SplitError>,
    memory: impl Fn() -> TracedMemory<'a>,
) {
    let ended = Ended::split(result.as_ref().map(|_| ()).map_err(|error| *error));
    call_ended(call, range, ended, memory);
}

/// Reports the result of an expansion.
#[inline(always)]
pub(crate) fn expanded(call: Call, result: &Result<Vma<'_, '_>, ExpandError>) {
    count(
        call,
        Ended::with(match result {
            Ok(_) => Ending::Expanded,
            Err(ExpandError::AnonVma | ExpandError::Store) => Ending::NoMemory,
        }),
    );
}

/// Reports the result of a call that ends with `done`, or fails for lack of memory.
#[inline(always)]
pub(crate) fn finished(call: Call, done: Ending, result: &Result<Vma<'_, '_>>) {
    count(
        call,
        Ended::with(match result {
            Ok(_) => done,
            Err(_) => Ending::NoMemory,
        }),
    );
}

/// Reports the end of a call that makes `range` ready for a change.
#[inline(always)]
pub(crate) fn modify_ended<'a>(
    call: Call,
    range: Range,
    result: Result<&Outcome, &ModifyError>,
    memory: impl Fn() -> TracedMemory<'a>,
) {
    report_modify(call, range, Ended::modify(result), result, memory);
}

/// Reports a call that makes `range` ready for a change. `ended` is the end of the call, and may lack the reason for
/// the VMA below.
#[inline(always)]
fn report_modify<'a>(
    call: Call,
    range: Range,
    ended: Ended,
    result: Result<&Outcome, &ModifyError>,
    memory: impl Fn() -> TracedMemory<'a>,
) {
    // The VMA stays split at the start of the range, although the call failed.
    let is_halfway = || matches!(result, Err(ModifyError::SecondSplit(..)));
    trace_blocked(call, range, ended.reasons, &memory);
    events::modify(call, range, ended.ending, &memory);
    trace_ending(call, range, ended.ending, is_halfway, &memory);
    count(call, ended);
}

/// Reports the end of any other call that operates on `range`.
#[inline(always)]
pub(crate) fn call_ended<'a>(
    call: Call,
    range: Range,
    ended: Ended,
    memory: impl Fn() -> TracedMemory<'a>,
) {
    trace_blocked(call, range, ended.reasons, &memory);
    trace_ending(call, range, ended.ending, || false, &memory);
    count(call, ended);
}

/// Traces the reasons why the VMAs beside the range have not joined it.
#[inline(always)]
fn trace_blocked<'a>(
    call: Call,
    range: Range,
    reasons: Reasons,
    memory: &impl Fn() -> TracedMemory<'a>,
) {
    if let Some(reason) = reasons.prev {
        events::blocked(call, range, Side::Below, reason, memory);
    }
    if let Some(reason) = reasons.next {
        events::blocked(call, range, Side::Above, reason, memory);
    }
}

/// Traces a merge or a split, including a failed split. If a call failed halfway, its first split succeeded, and is
/// traced before the failed split. `is_halfway` is called only for a call that failed.
#[inline(always)]
fn trace_ending<'a>(
    call: Call,
    range: Range,
    ending: Ending,
    is_halfway: impl Fn() -> bool,
    memory: &impl Fn() -> TracedMemory<'a>,
) {
    match ending {
        Ending::Both
        | Ending::PrevWhole
        | Ending::PrevPart
        | Ending::NextWhole
        | Ending::NextPart => events::merge(call, range, ending, memory),
        Ending::SplitStart | Ending::SplitEnd | Ending::SplitBoth | Ending::Split => {
            events::split(call, range, ending, memory)
        }
        Ending::Limit | Ending::Refused | Ending::NoMemory => {
            if is_halfway() {
                events::split(call, range, Ending::SplitStart, memory);
            }
            if ending != Ending::NoMemory {
                events::split(call, range, ending, memory);
            }
        }
        Ending::Whole | Ending::NotMerged | Ending::Expanded | Ending::Shrunk => {}
    }
}

/// Counts the end of a call, and the reasons.
#[inline(always)]
pub(crate) fn count(call: Call, Ended { ending, reasons }: Ended) {
    counters::count_call(call, ending, reasons.prev, reasons.next);
}
