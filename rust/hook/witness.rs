// SPDX-License-Identifier: GPL-2.0

//! The reports of the hook's entries: the results of the kernel's calls.

use super::fallback::leave_to_c;
pub(crate) use crate::report::helper::Helper;
use crate::{
    report,
    vma::{
        cut::SplitError,
        expand::ExpandError,
        extent::Range,
        merge::NoMemory,
        modify::{
            Modified,
            ModifyError, //
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
