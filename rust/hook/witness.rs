// SPDX-License-Identifier: GPL-2.0

//! The reports of the hook's entries: what came of a call of the kernel's, and that something is wrong.

use super::fallback::{
    fault,
    leave_to_c,
    Fault, //
};
pub(crate) use crate::report::helper::Helper;
use crate::{
    report,
    vma::{
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
        sys::{
            MmWithUser,
            Vma, //
        },
    },
};
use kernel::error::Result;

/// The arguments have no meaning in the engine's terms, and the body in C serves the call.
#[cold]
pub(crate) fn refused(helper: Helper) {
    leave_to_c(helper);
}

/// A modify has ended.
#[inline(always)]
pub(crate) fn modified(helper: Helper, range: Range, result: &Result<Modified<'_>, ModifyError>) {
    report::modified(helper.by_kernel(), range, result);
    if let Ok(modified) = result {
        if let Outcome::Split(_, unmerged) | Outcome::Whole(unmerged) = &modified.outcome {
            not_merged(helper, unmerged);
        }
    }
}

/// An attempt to map a range by letting its neighbours grow has ended.
#[inline(always)]
pub(crate) fn placed(
    helper: Helper,
    mm: &MmWithUser,
    range: Range,
    result: &Result<Placed<'_>, NoMemory>,
) {
    report::placed(helper.by_kernel(), mm, range, result);
    if let Ok(Placed::NotMerged(unmerged)) = result {
        not_merged(helper, unmerged);
    }
}

#[inline(always)]
fn not_merged(helper: Helper, unmerged: &Unmerged) {
    if let Unmerged::Misfit(_) = unmerged {
        fault(helper, Fault::Misplanned);
    }
}

/// A split has ended.
#[inline(always)]
pub(crate) fn split(helper: Helper, range: Range, result: &Result<Vma<'_>, SplitError>) {
    report::split(helper.by_kernel(), range, result);
}

/// An expansion has ended.
#[inline(always)]
pub(crate) fn expanded(helper: Helper, result: &Result<Vma<'_>, ExpandError>) {
    report::expanded(helper.by_kernel(), result);
}

/// A shrinking has ended.
#[inline(always)]
pub(crate) fn shrunk(helper: Helper, result: &Result<Vma<'_>>) {
    report::shrunk(helper.by_kernel(), result);
}
