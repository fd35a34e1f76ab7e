// SPDX-License-Identifier: GPL-2.0

//! The per-CPU counters of the engine's calls.

use crate::{
    report::{
        ending::Ending,
        helper::{
            Call,
            Caller,
            Helper, //
        },
    },
    vma::{
        compat::{
            BlockerSet,
            Side, //
        },
        reason::Reason,
        sys::bindings, //
    },
};
use kernel::prelude::*;

// rust/helpers/counts.h defines a counter for each member of the vocabularies, and spare counters for reasons, so that
// a new rule needs no change in that file.
const _: () = assert!(
    Helper::COUNT == bindings::RUST_VMA_HELPERS as usize
        && Call::COUNT == bindings::RUST_VMA_KINDS_OF_CALLS as usize
        && Ending::COUNT == bindings::RUST_VMA_ENDINGS as usize
        && NO_REASON == BlockerSet::ROOM + 1
);

/// The index for a missing reason.
const NO_REASON: usize = bindings::RUST_VMA_REASONS as usize;

// rust_vma_count_call() counts the reasons below at index 0, and above at index 1.
const _: () = assert!(Side::Below as usize == 0 && Side::Above as usize == 1);

/// Counts a call by its ending, and the reasons why the VMAs below and above have not joined its range.
#[inline(always)]
pub(crate) fn count_call(call: Call, ending: Ending, prev: Option<Reason>, next: Option<Reason>) {
    let index = |reason: Option<Reason>| reason.map_or(NO_REASON, Reason::index) as u32;
    // SAFETY: The function increments counters. The numbers are in range by the assertions above.
    unsafe {
        bindings::rust_vma_count_call(call.index() as u32, ending as u32, index(prev), index(next));
    };
    if call.caller == Caller::Shadow {
        // SAFETY: The function increments a counter that every helper has.
        unsafe { bindings::rust_vma_count_shadowed(call.helper as u32) };
    }
}

/// Returns the number of calls of this kind with this ending, on all CPUs.
fn count_of(call: Call, ending: Ending) -> u64 {
    // SAFETY: The function reads counters. The numbers are in range by the assertions above.
    unsafe { bindings::rust_vma_endings(call.index() as u32, ending as u32) }
}

/// Returns the number of the kernel's calls to this helper that Rust has executed.
pub(crate) fn executed(helper: Helper) -> u64 {
    let of_kernel = |ending| count_of(helper.by_kernel(), ending);
    Ending::ALL.into_iter().map(of_kernel).sum()
}

/// Returns the number of the kernel's calls to this helper that C has executed while the shadow watched.
pub(crate) fn shadowed(helper: Helper) -> u64 {
    // SAFETY: The function reads a counter that every helper has.
    unsafe { bindings::rust_vma_shadowed(helper as u32) }
}

/// All counters, summed over the CPUs. Counters of calls are also summed over the callers.
#[derive(Zeroable)]
pub(crate) struct Counts {
    endings: [[u64; Ending::COUNT]; Helper::COUNT],
    blocked: [[u64; 2]; Reason::COUNT],
}

impl Counts {
    /// Sets the counts to the current values of the counters.
    pub(crate) fn update(&mut self) {
        for (helper, endings) in Helper::ALL.into_iter().zip(&mut self.endings) {
            for (ending, count) in Ending::ALL.into_iter().zip(endings) {
                // Calls that the shadow watches are counted with those of ctl.
                *count = count_of(helper.by_kernel(), ending) + count_of(helper.by_ctl(), ending);
            }
        }
        for (reason, sides) in self.blocked.iter_mut().enumerate() {
            for (side, count) in sides.iter_mut().enumerate() {
                // SAFETY: The function reads counters. The numbers are in range by the assertions above.
                *count = unsafe { bindings::rust_vma_blocked(reason as u32, side as u32) };
            }
        }
    }

    /// Subtracts the counts of an earlier time.
    pub(crate) fn take_off(&mut self, earlier: &Self) {
        let endings = self.endings.iter_mut().flatten();
        for (count, before) in endings.zip(earlier.endings.iter().flatten()) {
            *count = count.wrapping_sub(*before);
        }
        let blocked = self.blocked.iter_mut().flatten();
        for (count, before) in blocked.zip(earlier.blocked.iter().flatten()) {
            *count = count.wrapping_sub(*before);
        }
    }

    /// Returns the number of calls to this helper with this ending.
    pub(crate) fn endings(&self, helper: Helper, ending: Ending) -> u64 {
        let endings = self.endings.get(helper as usize);
        endings
            .and_then(|endings| endings.get(ending as usize))
            .map_or(0, |count| *count)
    }

    /// Returns the number of calls in which this was the reason on this side.
    pub(crate) fn blocked(&self, reason: Reason, side: Side) -> u64 {
        let sides = self.blocked.get(reason.index());
        sides
            .and_then(|sides| sides.get(side as usize))
            .map_or(0, |count| *count)
    }
}
