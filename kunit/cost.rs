// SPDX-License-Identifier: GPL-2.0

//! What it costs to report a call of the engine, in instructions, for `scripts/cost`.
//!
//! The processor's counter counts instructions only where QEMU lets it; then the module's parameter
//! `instructions` says so. Elsewhere nothing can be said.

use crate::{
    fixture::{
        no_instructions,
        thousand_instructions,
        ticks, //
    },
    module_parameters,
    report::{
        self,
        Helper, //
    },
    vma::{
        compat::Blocker,
        merge::Unmerged,
        new_range::Placed,
        plan::Blockers,
        split::SplitError, //
    },
};
use core::hint::black_box;
use kernel::prelude::*;

const TIMES: u32 = 1000;

/// What a report may cost: forty for each counter, on arm64, which keeps the thread on its processor
/// meanwhile, and as many to find out which they are.
const MOST: u64 = 160;

fn failed_split() -> SplitError {
    black_box(SplitError::NoMemory)
}

extern "C" fn make_failed_split() {
    let _ = black_box(&Err::<(), _>(failed_split()));
}

extern "C" fn report_failed_split() {
    report::split(Helper::Split, black_box(&Err(failed_split())));
}

fn not_merged() -> Placed<'static> {
    Placed::NotMerged(Unmerged::Blocked(Blockers {
        left: black_box(Blocker::Flags),
        right: black_box(Blocker::NotAdjacent),
    }))
}

extern "C" fn make_not_merged() {
    let _ = black_box(&Ok::<_, ()>(not_merged()));
}

extern "C" fn report_not_merged() {
    report::placed(Helper::MergeNewRange, black_box(&Ok(not_merged())));
}

/// How many instructions one call of `act` has more than one of `other`.
fn instructions(act: extern "C" fn(), other: extern "C" fn()) -> u64 {
    ticks(act, TIMES).saturating_sub(ticks(other, TIMES)) / u64::from(TIMES)
}

#[kunit_tests(rust_vma_cost)]
mod instructions {
    use super::*;

    #[test]
    fn of_a_report() {
        if module_parameters::instructions.value() == 0 {
            return;
        }
        // What is measured are instructions indeed.
        assert_eq!(instructions(thousand_instructions, no_instructions), 1000);

        let ending = instructions(report_failed_split, make_failed_split);
        let blocked = instructions(report_not_merged, make_not_merged);
        pr_info!("cost: {ending} instructions to report a call\n");
        pr_info!("cost: {blocked} instructions to report one with a blocker on either side\n");
        assert!(ending > 0 && ending <= MOST);
        assert!(blocked > ending && blocked <= MOST);
    }
}
