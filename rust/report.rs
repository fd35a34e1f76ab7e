// SPDX-License-Identifier: GPL-2.0

//! What came of each call of the engine, said once, for those who count and for those who trace.
//!
//! Whoever calls a helper for C (`witness.rs`) or for `ctl` reports here how that has ended:
//!
//! ```text
//!   sys/hook.rs  ->  witness.rs \
//!                                report.rs  ->  sys/stats.rs        counters, which debugfs/stats.rs shows
//!   process/change/             /           \  sys/tracepoints.rs  trace events
//! ```

use crate::{
    sys::{
        stats,
        tracepoints, //
    },
    vma::{
        compat::{
            Blocker,
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
            Cut,
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

/// A helper of the engine, as it was called.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Helper {
    /// `vma_modify_flags()`, by `ctl`.
    ModifyFlags,
    /// `vma_modify_name()`, by `ctl`.
    ModifyName,
    /// `vma_modify_policy()`, by `ctl`.
    ModifyPolicy,
    /// `vma_modify_uffd()`, by `ctl`.
    ModifyUffd,
    /// `vma_merge_new_vma()`, by `ctl`.
    MergeNewVma,
    /// `vma_merge_extend()`, by `ctl`.
    MergeExtend,
    /// `split_vma()`, by `ctl`.
    SplitVma,
    /// `vma_modify()`, by the kernel.
    Modify,
    /// `vma_merge_existing_range()`, by tests only.
    MergeExistingRange,
    /// `vma_merge_new_range()`, by the kernel.
    MergeNewRange,
    /// `__split_vma()`, by the kernel.
    Split,
    /// `vma_expand()`, by the kernel.
    Expand,
    /// `vma_shrink()`, by the kernel.
    Shrink,
}

impl Helper {
    /// All of them: those of `ctl`, then those of the kernel.
    pub(crate) const ALL: [Self; 13] = [
        Self::ModifyFlags,
        Self::ModifyName,
        Self::ModifyPolicy,
        Self::ModifyUffd,
        Self::MergeNewVma,
        Self::MergeExtend,
        Self::SplitVma,
        Self::Modify,
        Self::MergeExistingRange,
        Self::MergeNewRange,
        Self::Split,
        Self::Expand,
        Self::Shrink,
    ];

    /// What it is called.
    pub(crate) const fn name(self) -> &'static CStr {
        match self {
            Self::ModifyFlags => c"vma_modify_flags",
            Self::ModifyName => c"vma_modify_name",
            Self::ModifyPolicy => c"vma_modify_policy",
            Self::ModifyUffd => c"vma_modify_uffd",
            Self::MergeNewVma => c"vma_merge_new_vma",
            Self::MergeExtend => c"vma_merge_extend",
            Self::SplitVma => c"split_vma",
            Self::Modify => c"vma_modify",
            Self::MergeExistingRange => c"vma_merge_existing_range",
            Self::MergeNewRange => c"vma_merge_new_range",
            Self::Split => c"__split_vma",
            Self::Expand => c"vma_expand",
            Self::Shrink => c"vma_shrink",
        }
    }
}

/// How a call has ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Ending {
    /// The range and both VMAs beside it have become one.
    Both,
    /// The VMA before has taken over a whole VMA, or a range that is new.
    LeftWhole,
    /// The VMA before has taken over the beginning of a VMA.
    LeftPart,
    /// The VMA after has taken over a whole VMA, or a range that is new.
    RightWhole,
    /// The VMA after has taken over the end of a VMA.
    RightPart,
    /// The range was cut off where it starts.
    SplitStart,
    /// The range was cut off where it ends.
    SplitEnd,
    /// The range was cut out.
    SplitBoth,
    /// Nothing merged, and there was nothing to cut: the range is a VMA.
    Whole,
    /// Nothing beside it takes the range.
    NotMerged,
    /// A VMA was cut in two.
    Split,
    /// A VMA has grown.
    Expanded,
    /// A VMA ends earlier.
    Shrunk,
    /// There was no memory.
    NoMemory,
    /// The process has as many VMAs as it may have.
    Limit,
    /// The driver did not allow it, or it could not be meant.
    Refused,
}

impl Ending {
    /// All of them.
    pub(crate) const ALL: [Self; 16] = [
        Self::Both,
        Self::LeftWhole,
        Self::LeftPart,
        Self::RightWhole,
        Self::RightPart,
        Self::SplitStart,
        Self::SplitEnd,
        Self::SplitBoth,
        Self::Whole,
        Self::NotMerged,
        Self::Split,
        Self::Expanded,
        Self::Shrunk,
        Self::NoMemory,
        Self::Limit,
        Self::Refused,
    ];

    /// What it is called.
    pub(crate) const fn name(self) -> &'static CStr {
        match self {
            Self::Both => c"both",
            Self::LeftWhole => c"left-whole",
            Self::LeftPart => c"left-part",
            Self::RightWhole => c"right-whole",
            Self::RightPart => c"right-part",
            Self::SplitStart => c"split-start",
            Self::SplitEnd => c"split-end",
            Self::SplitBoth => c"split-both",
            Self::Whole => c"whole",
            Self::NotMerged => c"not-merged",
            Self::Split => c"split",
            Self::Expanded => c"expanded",
            Self::Shrunk => c"shrunk",
            Self::NoMemory => c"no-memory",
            Self::Limit => c"limit",
            Self::Refused => c"refused",
        }
    }

    const fn of_shape(shape: Shape) -> Self {
        match shape {
            Shape::Both => Self::Both,
            Shape::LeftWhole => Self::LeftWhole,
            Shape::LeftPart { .. } => Self::LeftPart,
            Shape::RightWhole => Self::RightWhole,
            Shape::RightPart { .. } => Self::RightPart,
        }
    }

    const fn of_cut(cut: Cut) -> Self {
        match cut {
            Cut::Start => Self::SplitStart,
            Cut::End => Self::SplitEnd,
            Cut::Both => Self::SplitBoth,
        }
    }

    const fn of_split_error(error: SplitError) -> Self {
        match error {
            SplitError::TooManyVmas(_) => Self::Limit,
            SplitError::Driver(_) => Self::Refused,
            SplitError::NoMemory => Self::NoMemory,
        }
    }
}

/// Why a VMA has not joined.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Reason {
    /// A rule forbids it.
    Rule(Blocker),
    /// A driver has to see the VMA closed that would disappear.
    Close,
}

impl Reason {
    /// How many there are.
    pub(crate) const COUNT: usize = Blocker::ALL.len() + 1;

    /// All of them.
    pub(crate) fn all() -> impl Iterator<Item = Self> {
        (0..Self::COUNT).map(|index| match Blocker::ALL.get(index) {
            Some(blocker) => Self::Rule(*blocker),
            None => Self::Close,
        })
    }

    /// What it is called.
    pub(crate) const fn name(self) -> &'static CStr {
        match self {
            Self::Rule(blocker) => blocker.name(),
            Self::Close => c"close",
        }
    }

    /// Its place among all.
    pub(crate) const fn index(self) -> usize {
        match self {
            Self::Rule(blocker) => blocker as usize,
            Self::Close => Blocker::ALL.len(),
        }
    }
}

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
