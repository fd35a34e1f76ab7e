// SPDX-License-Identifier: GPL-2.0

//! The cost of reporting a call of the engine, in instructions, for `scripts/cost`.
//!
//! The processor's counter counts instructions only where QEMU supports that, and the module's parameter
//! `instructions` says so. Otherwise nothing is measured.

use crate::{
    fixture::{
        no_instructions,
        thousand_instructions,
        ticks,
        TestMm, //
    },
    module_parameters,
    report::{
        self,
        ending::Ending,
        helper::Helper,
        sys::events::{
            self,
            TracedMemory, //
        }, //
    },
    vma::{
        compat::Blocker,
        cut::SplitError,
        extent::{
            Range,
            PAGE_SIZE, //
        },
        flags::VmaFlags,
        merge::Unmerged,
        new_range::Placed,
        plan::Blockers,
        sys::{
            MmapWriteGuard,
            WriteLockedMm, //
        }, //
    },
    words::Pages,
};
use core::hint::black_box;
use kernel::prelude::*;

const TIMES: u32 = 1000;

/// The maximum number of instructions for a report: twenty for each of three counters, including the search
/// for the counter, and twenty to keep the thread on its processor meanwhile.
const MOST: u64 = 80;

fn failed_split() -> SplitError {
    black_box(SplitError::NoMemory)
}

fn make_failed_split(scene: &(WriteLockedMm<'_>, Range)) {
    let _ = black_box((scene, &Err::<(), _>(failed_split())));
}

fn report_failed_split((mm, range): &(WriteLockedMm<'_>, Range)) {
    report::split(
        Helper::SplitPastLimit.by_kernel(),
        *range,
        black_box(&Err(failed_split())),
        || TracedMemory::part(*mm, None),
    );
}

fn not_merged() -> Placed<'static, 'static> {
    Placed::NotMerged(Unmerged::Blocked(Blockers {
        prev: black_box(Blocker::Flags),
        next: black_box(Blocker::NotAdjacent),
    }))
}

fn make_not_merged(new: &(WriteLockedMm<'_>, Range)) {
    let _ = black_box((new, &Ok::<_, ()>(not_merged())));
}

fn report_not_merged((mm, range): &(WriteLockedMm<'_>, Range)) {
    let placed = Ok(not_merged());
    report::placed(
        Helper::MergeNewRange.by_kernel(),
        *range,
        black_box(&placed),
        || TracedMemory::anonymous(*mm, VmaFlags::EMPTY),
    );
}

/// Reports an event about a constant range, which takes no instruction to compute.
#[inline(always)]
fn event(mm: &WriteLockedMm<'_>) {
    if let Ok(range) = Range::new(0, PAGE_SIZE) {
        let call = Helper::SplitPastLimit.by_kernel();
        events::split(call, range, Ending::Split, &|| {
            TracedMemory::part(*mm, None)
        });
    }
}

fn two_events((mm, _): &(WriteLockedMm<'_>, Range)) {
    event(mm);
    event(mm);
}

fn three_events((mm, _): &(WriteLockedMm<'_>, Range)) {
    event(mm);
    event(mm);
    event(mm);
}

/// Returns how many more instructions `act` takes than `other`.
fn instructions<T>(act: fn(&T), other: fn(&T), subject: &T) -> u64 {
    let (more, less) = (ticks(act, subject, TIMES), ticks(other, subject, TIMES));
    more.saturating_sub(less) / u64::from(TIMES)
}

/// The numbers of instructions that were counted.
struct Counted {
    /// A thousand instructions, as a check of the counter.
    thousand: u64,
    /// The check for an event that is off.
    event: u64,
    /// A report without a blocker.
    ending: u64,
    /// A report with two blockers.
    blocked: u64,
}

/// Counts the instructions, in an address space that is locked meanwhile.
fn measure() -> Result<Counted> {
    let (mm, range) = (TestMm::new()?, Pages(0, 4).range()?);
    let mut guard = MmapWriteGuard::lock_killable(mm.mm())?;
    guard.with_iter_at(0, |iter| {
        let scene = (iter.mm(), range);
        Ok(Counted {
            thousand: instructions(thousand_instructions, no_instructions, &scene),
            event: instructions(three_events, two_events, &scene),
            ending: instructions(report_failed_split, make_failed_split, &scene),
            blocked: instructions(report_not_merged, make_not_merged, &scene),
        })
    })
}

#[kunit_tests(rust_vma_cost)]
mod instructions {
    use super::*;

    #[test]
    fn of_a_report() {
        if module_parameters::instructions.value() == 0 {
            return;
        }
        let counted = measure();
        assert!(counted.is_ok());
        let Ok(Counted {
            thousand,
            event,
            ending,
            blocked,
        }) = counted
        else {
            return;
        };

        // The counter has to count instructions.
        assert_eq!(thousand, 1000);
        pr_info!("cost: {ending} instructions to report a call\n");
        pr_info!("cost: {blocked} instructions to report one with a blocker on either side\n");
        pr_info!("cost: {event} of these for each event that is off\n");
        assert_eq!(event, 1);
        assert!(ending > 0 && ending <= MOST);
        assert!(blocked > ending && blocked <= MOST);
    }
}
