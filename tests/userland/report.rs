// SPDX-License-Identifier: GPL-2.0

//! Counts everything that the engine does, so that tests can check that they have covered all of it.

use crate::vma::{
    compat::{
        Blocker,
        Reduction, //
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
        Cut,
        Modified,
        ModifyError,
        Outcome, //
    },
    new_range::Placed,
    plan::{
        Plan,
        Shape,
        Unjoined, //
    },
    sys::{
        Result,
        Vma, //
    },
};
use core::{
    ffi::{
        c_char,
        c_ulong,
        c_void,
        CStr, //
    },
    sync::atomic::{
        AtomicU64,
        Ordering, //
    },
};
use std::{
    ffi::CString,
    sync::LazyLock, //
};

#[path = "sys"]
pub(crate) mod sys {
    pub(crate) mod events;
}

use sys::events::TracedMemory;

pub(crate) mod helper {
    //! The functions through which C calls the engine.

    /// A function through which C calls the engine.
    #[derive(Clone, Copy)]
    pub(crate) enum Helper {
        ModifyFlags,
        ModifyName,
        ModifyPolicy,
        ModifyFlagsUffd,
        MergeNewRange,
        MergeCopiedRange,
        MergeExtend,
        Split,
        SplitPastLimit,
        Expand,
        Shrink,
        ModifyFlagsName,
        Modify,
        MergeExistingRange,
    }

    impl Helper {
        /// Returns this function as a call by C, the only caller here.
        pub(crate) const fn by_kernel(self) -> Self {
            self
        }
    }
}

pub(crate) mod ending {
    //! The endings of calls that report their own ending.

    /// The end of a call.
    #[derive(Clone, Copy)]
    pub(crate) enum Ending {
        Shrunk,
    }
}

use ending::Ending;
use helper::Helper;

macro_rules! things {
    ($($thing:ident => $name:literal,)*) => {
        /// A thing that the engine may do.
        #[derive(Clone, Copy)]
        enum Thing {
            $($thing,)*
        }

        /// The names of the things, as they are shown.
        const NAMES: &[&CStr] = &[$($name,)*];
    };
}

things! {
    EnteredModifyFlags => c"entry: vma_modify_flags",
    EnteredModifyName => c"entry: vma_modify_name",
    EnteredModifyPolicy => c"entry: vma_modify_policy",
    EnteredModifyFlagsUffd => c"entry: vma_modify_flags_uffd",
    EnteredMergeNewRange => c"entry: vma_merge_new_range",
    EnteredMergeCopiedRange => c"entry: vma_merge_copied_range",
    EnteredMergeExtend => c"entry: vma_merge_extend",
    EnteredSplit => c"entry: split_vma",
    EnteredSplitPastLimit => c"entry: __split_vma",
    EnteredExpand => c"entry: vma_expand",
    EnteredShrink => c"entry: vma_shrink",
    EnteredModifyFlagsName => c"entry: vma_modify_flags_name",
    EnteredModify => c"entry: vma_modify",
    EnteredMergeExistingRange => c"entry: vma_merge_existing_range",
    NextStays => c"reduction: NextStays",
    NextStaysNew => c"reduction: NextStays, new range",
    Both => c"plan: Both",
    PrevWhole => c"plan: PrevWhole",
    PrevPart => c"plan: PrevPart",
    NextWhole => c"plan: NextWhole",
    NextPart => c"plan: NextPart",
    BothNew => c"plan: Both, new range",
    PrevNew => c"plan: PrevWhole, new range",
    NextNew => c"plan: NextWhole, new range",
    AbandonBoth => c"abandoned: Both",
    AbandonPrev => c"abandoned: PrevWhole",
    AbandonNext => c"abandoned: NextWhole",
    CutStart => c"cut: Start",
    CutEnd => c"cut: End",
    CutBoth => c"cut: Both",
    Whole => c"whole",
    TooManyVmas => c"split error: TooManyVmas",
    Driver => c"split error: Driver",
    NoMemoryToSplit => c"split error: NoMemory",
    FirstSplitFailed => c"failed: the only split, or the first",
    SecondSplitFailed => c"failed: the second split",
    NoMemoryToMerge => c"failed: no memory to merge",
    GaveUpMerge => c"gave up: no memory to merge",
    NoMemoryForNew => c"failed: no memory to merge a new range",
    GaveUpNew => c"gave up: no memory to merge a new range",
    NoAnonVmaToExpand => c"failed: no memory for the anon_vma of an expansion",
    NoMemoryToExpand => c"failed: no memory for the store of an expansion",
    NoMemoryToShrink => c"failed: no memory to shrink",
}

/// The number of times that each thing was done.
static TIMES: [AtomicU64; NAMES.len()] = [const { AtomicU64::new(0) }; NAMES.len()];

/// The number of times that each rule kept a VMA from joining a range.
static BLOCKED: [AtomicU64; Blocker::COUNT] = [const { AtomicU64::new(0) }; Blocker::COUNT];

/// The names of the rules, as they are shown.
static BLOCKERS: LazyLock<[CString; Blocker::COUNT]> = LazyLock::new(|| {
    Blocker::ALL.map(|blocker| {
        CString::new(format!("blocker: {blocker:?}")).expect("a name has no zero byte")
    })
});

fn count(thing: Thing) {
    if let Some(times) = TIMES.get(thing as usize) {
        times.fetch_add(1, Ordering::Relaxed);
    }
}

/// Calls `show` with each thing that the engine may do and the number of times that it was done.
#[no_mangle]
pub(crate) extern "C" fn rust_vma_tally(
    show: extern "C" fn(*mut c_void, *const c_char, c_ulong),
    data: *mut c_void,
) {
    let show = |name: &CStr, times: &AtomicU64| {
        show(
            data,
            name.as_ptr(),
            times.load(Ordering::Relaxed) as c_ulong,
        );
    };
    for (name, times) in NAMES.iter().zip(&TIMES) {
        show(name, times);
    }
    for (name, times) in BLOCKERS.iter().zip(&BLOCKED) {
        show(name, times);
    }
}

/// Resets all counts.
#[no_mangle]
pub(crate) extern "C" fn rust_vma_tally_reset() {
    for times in TIMES.iter().chain(&BLOCKED) {
        times.store(0, Ordering::Relaxed);
    }
}

/// Counts a call of the engine by C.
fn entered(helper: Helper) {
    count(match helper {
        Helper::ModifyFlags => Thing::EnteredModifyFlags,
        Helper::ModifyName => Thing::EnteredModifyName,
        Helper::ModifyPolicy => Thing::EnteredModifyPolicy,
        Helper::ModifyFlagsUffd => Thing::EnteredModifyFlagsUffd,
        Helper::MergeNewRange => Thing::EnteredMergeNewRange,
        Helper::MergeCopiedRange => Thing::EnteredMergeCopiedRange,
        Helper::MergeExtend => Thing::EnteredMergeExtend,
        Helper::Split => Thing::EnteredSplit,
        Helper::SplitPastLimit => Thing::EnteredSplitPastLimit,
        Helper::Expand => Thing::EnteredExpand,
        Helper::Shrink => Thing::EnteredShrink,
        Helper::ModifyFlagsName => Thing::EnteredModifyFlagsName,
        Helper::Modify => Thing::EnteredModify,
        Helper::MergeExistingRange => Thing::EnteredMergeExistingRange,
    });
}

/// Counts the result of a change.
pub(crate) fn modified<'a>(
    helper: Helper,
    _range: Range,
    modified: &Result<Modified<'_, '_>, ModifyError>,
    _memory: impl Fn() -> TracedMemory<'a>,
) {
    entered(helper);
    match modified {
        Ok(modified) => match &modified.outcome {
            Outcome::Merged(plan) => merged(plan),
            Outcome::Split(cut, reason) => {
                unmerged(reason);
                count(match cut {
                    Cut::Start => Thing::CutStart,
                    Cut::End => Thing::CutEnd,
                    Cut::Both => Thing::CutBoth,
                });
            }
            Outcome::Whole(reason) => {
                unmerged(reason);
                count(Thing::Whole);
            }
        },
        Err(ModifyError::NotWithinVma) => {}
        Err(ModifyError::NoMemory(_)) => count(Thing::NoMemoryToMerge),
        Err(ModifyError::Split(error, _)) => {
            count(Thing::FirstSplitFailed);
            split_error(error);
        }
        Err(ModifyError::SecondSplit(error, _)) => {
            count(Thing::SecondSplitFailed);
            split_error(error);
        }
    }
}

/// Counts the result of an attempt to merge a changed range.
pub(crate) fn attempted(attempt: &Result<Attempt<'_, '_>, NoMemory>) {
    entered(Helper::MergeExistingRange);
    match attempt {
        Ok(Attempt::Merged(_, plan)) => merged(plan),
        Ok(Attempt::NotMerged(_, _, reason)) => unmerged(reason),
        Err(NoMemory(_)) => count(Thing::NoMemoryToMerge),
    }
}

/// Counts the result of an attempt to map a new range.
pub(crate) fn placed<'a>(
    helper: Helper,
    _range: Range,
    placed: &Result<Placed<'_, '_>, NoMemory>,
    _memory: impl Fn() -> TracedMemory<'a>,
) {
    entered(helper);
    match placed {
        Ok(Placed::Merged(_, plan)) => {
            other_side(plan, Thing::NextStaysNew);
            count(match plan.shape {
                Shape::Both => Thing::BothNew,
                Shape::PrevWhole | Shape::PrevPart { .. } => Thing::PrevNew,
                Shape::NextWhole | Shape::NextPart { .. } => Thing::NextNew,
            });
        }
        Ok(Placed::NotMerged(Unmerged::GaveUp(_))) => count(Thing::GaveUpNew),
        Ok(Placed::NotMerged(reason)) => unmerged(reason),
        Err(NoMemory(_)) => count(Thing::NoMemoryForNew),
    }
}

/// Counts the result of a split.
pub(crate) fn split<'a>(
    helper: Helper,
    _range: Range,
    split: &Result<Vma<'_, '_>, SplitError>,
    _memory: impl Fn() -> TracedMemory<'a>,
) {
    entered(helper);
    if let Err(error) = split {
        split_error(error);
    }
}

/// Counts the result of an expansion.
pub(crate) fn expanded(helper: Helper, expanded: &Result<Vma<'_, '_>, ExpandError>) {
    entered(helper);
    match expanded {
        Ok(_) => {}
        Err(ExpandError::AnonVma) => count(Thing::NoAnonVmaToExpand),
        Err(ExpandError::Store) => count(Thing::NoMemoryToExpand),
    }
}

/// Counts the result of a call, which is `done` unless it failed.
pub(crate) fn finished(helper: Helper, done: Ending, result: &Result<Vma<'_, '_>>) {
    entered(helper);
    match (done, result) {
        (_, Ok(_)) => {}
        (Ending::Shrunk, Err(_)) => count(Thing::NoMemoryToShrink),
    }
}

fn merged(plan: &Plan) {
    other_side(plan, Thing::NextStays);
    count(match plan.shape {
        Shape::Both => Thing::Both,
        Shape::PrevWhole => Thing::PrevWhole,
        Shape::PrevPart { .. } => Thing::PrevPart,
        Shape::NextWhole => Thing::NextWhole,
        Shape::NextPart { .. } => Thing::NextPart,
    });
}

fn other_side(plan: &Plan, next_stays: Thing) {
    match plan.other_side {
        None => {}
        Some(Unjoined::Blocked(reason)) => blocked(reason),
        Some(Unjoined::Reduced(Reduction::NextStays)) => count(next_stays),
    }
}

fn unmerged(unmerged: &Unmerged) {
    match unmerged {
        Unmerged::Blocked(blockers) => {
            blocked(blockers.prev);
            blocked(blockers.next);
        }
        Unmerged::MustNotDisappear(plan) => count(match plan.shape {
            Shape::Both => Thing::AbandonBoth,
            Shape::PrevWhole | Shape::PrevPart { .. } => Thing::AbandonPrev,
            Shape::NextWhole | Shape::NextPart { .. } => Thing::AbandonNext,
        }),
        Unmerged::GaveUp(_) => count(Thing::GaveUpMerge),
    }
}

fn split_error(error: &SplitError) {
    count(match error {
        SplitError::TooManyVmas(_) => Thing::TooManyVmas,
        SplitError::Driver(_) => Thing::Driver,
        SplitError::NoMemory => Thing::NoMemoryToSplit,
    });
}

fn blocked(blocker: Blocker) {
    BLOCKED[blocker as usize].fetch_add(1, Ordering::Relaxed);
}
