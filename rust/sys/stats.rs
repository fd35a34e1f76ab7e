// SPDX-License-Identifier: GPL-2.0

//! The counters of what the engine does, one of each for every processor.

use crate::{
    report::words::{
        Ending,
        Helper,
        Reason, //
    },
    vma::{
        compat::Side,
        sys::bindings, //
    },
};
use kernel::prelude::*;

// The counters in rust/helpers/counts.h have room for all of them.
const _: () = assert!(
    Helper::COUNT == bindings::RUST_VMA_HELPERS as usize
        && Ending::COUNT == bindings::RUST_VMA_ENDINGS as usize
        && Reason::COUNT == bindings::RUST_VMA_REASONS as usize
);

// They are counted for each side of the range.
const _: () = assert!(Side::Left as usize == 0 && Side::Right as usize == 1);

/// Counts a call of this helper that has ended like this, and what has kept the VMAs on the left and on the
/// right from joining its range.
#[inline(always)]
pub(crate) fn count_call(
    helper: Helper,
    ending: Ending,
    left: Option<Reason>,
    right: Option<Reason>,
) {
    let index = |reason: Option<Reason>| reason.map_or(Reason::COUNT, Reason::index) as u32;
    // SAFETY: Counts something of its own, for numbers that are in range, as asserted above.
    unsafe {
        bindings::rust_vma_count_call(helper as u32, ending as u32, index(left), index(right));
    };
}

/// How many calls of this helper have ended, all in all.
pub(crate) fn calls(helper: Helper) -> u64 {
    // SAFETY: As in `count_call()`; reads numbers.
    let count = |ending| unsafe { bindings::rust_vma_endings(helper as u32, ending as u32) };
    Ending::ALL.into_iter().map(count).sum()
}

/// How often everything has happened.
#[derive(Zeroable)]
pub(crate) struct Counts {
    endings: [[u64; Ending::COUNT]; Helper::COUNT],
    blocked: [[u64; 2]; Reason::COUNT],
}

impl Counts {
    /// Takes all that was counted so far, on all processors.
    pub(crate) fn update(&mut self) {
        for (helper, endings) in self.endings.iter_mut().enumerate() {
            for (ending, count) in endings.iter_mut().enumerate() {
                // SAFETY: As in `count_call()`; reads numbers.
                *count = unsafe { bindings::rust_vma_endings(helper as u32, ending as u32) };
            }
        }
        for (reason, sides) in self.blocked.iter_mut().enumerate() {
            for (side, count) in sides.iter_mut().enumerate() {
                // SAFETY: As above.
                *count = unsafe { bindings::rust_vma_blocked(reason as u32, side as u32) };
            }
        }
    }

    /// Takes off what was counted earlier.
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

    /// How often a call of this helper has ended like this.
    pub(crate) fn endings(&self, helper: Helper, ending: Ending) -> u64 {
        let endings = self.endings.get(helper as usize);
        endings
            .and_then(|endings| endings.get(ending as usize))
            .map_or(0, |count| *count)
    }

    /// How often this kept a VMA from joining a range, on this side of the range.
    pub(crate) fn blocked(&self, reason: Reason, side: Side) -> u64 {
        let sides = self.blocked.get(reason.index());
        sides
            .and_then(|sides| sides.get(side as usize))
            .map_or(0, |count| *count)
    }
}
