// SPDX-License-Identifier: GPL-2.0

//! The trace events, which rust/helpers/rust_vma_trace.h declares. A disabled event costs one no-op.

use crate::{
    report::{
        ending::Ending,
        helper::Helper,
        reason::Reason, //
    },
    vma::{
        compat::Side,
        extent::Range,
        sys::{
            bindings,
            MmWithUser, //
        },
    },
};
use kernel::{
    jump_label::static_branch_unlikely,
    prelude::*, //
};

/// Traces an event. Out of line, because the event is rarely enabled.
#[cold]
#[inline(never)]
fn tell(
    event: unsafe extern "C" fn(*const c_char, *const c_char, usize, usize),
    helper: Helper,
    range: Range,
    ending: Ending,
) {
    let (helper, ending) = (helper.name().as_char_ptr(), ending.name().as_char_ptr());
    // SAFETY: `event` is the function of a trace point, and the names are C strings.
    unsafe { event(helper, ending, range.start(), range.end()) };
}

/// Defines a function that traces the ending of a call if the event is enabled.
macro_rules! event {
    ($(#[$attribute:meta])* $name:ident, $tracepoint:ident, $call:ident) => {
        $(#[$attribute])*
        #[inline(always)]
        pub(crate) fn $name(helper: Helper, range: Range, ending: Ending) {
            // SAFETY: The key is the static key of a trace point.
            if unsafe {
                static_branch_unlikely!(bindings::$tracepoint, bindings::tracepoint, key)
            } {
                tell(bindings::$call, helper, range, ending);
            }
        }
    };
}

event! {
    /// Traces the end of a helper that makes a range ready for a change.
    modify, __tracepoint_vma_modify, rust_do_trace_vma_modify
}

event! {
    /// Traces that a range has become part of a VMA beside it.
    merge, __tracepoint_vma_merge, rust_do_trace_vma_merge
}

event! {
    /// Traces that a VMA was cut, or could not be.
    split, __tracepoint_vma_split, rust_do_trace_vma_split
}

/// Traces the reason why the VMA on this side of the range has not joined it.
#[inline(always)]
pub(crate) fn blocked(helper: Helper, mm: &MmWithUser, range: Range, side: Side, reason: Reason) {
    // SAFETY: The key is the static key of a trace point.
    if unsafe {
        static_branch_unlikely!(
            bindings::__tracepoint_vma_blocked,
            bindings::tracepoint,
            key
        )
    } {
        tell_blocked(helper, mm, range, side, reason);
    }
}

#[cold]
#[inline(never)]
fn tell_blocked(helper: Helper, mm: &MmWithUser, range: Range, side: Side, reason: Reason) {
    let (side, beside) = match side {
        Side::Below => (c"below", range.start().wrapping_sub(1)),
        Side::Above => (c"above", range.end()),
    };
    let (mut start, mut end) = (0, 0);
    // SAFETY: The mm is valid, and its tree may be searched at any time. The names are C strings.
    unsafe {
        bindings::rust_vma_range_at(mm.as_raw(), beside, &mut start, &mut end);
        bindings::rust_do_trace_vma_blocked(
            helper.name().as_char_ptr(),
            side.as_char_ptr(),
            reason.name().as_char_ptr(),
            range.start(),
            range.end(),
            start,
            end,
        );
    }
}
