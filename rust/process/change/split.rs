// SPDX-License-Identifier: GPL-2.0

//! The verb `split`: cuts a VMA in two. No system call does that and nothing else; it is what
//! `munmap()` of a part of a VMA begins with. The part above becomes the new VMA.

use super::{
    failure::Failure,
    progress::Progress,
    Target, //
};
use crate::{
    report::{
        self,
        Helper, //
    },
    vma::{
        compat::Side,
        cut::Split,
        split::split_vma, //
    },
};

/// Cuts the VMA at `addr` (bytes).
pub(super) fn split(
    target: &mut Target<'_>,
    addr: usize,
    progress: &mut Progress<'_>,
) -> Result<(), Failure> {
    let mut iter = target.mm.iter_at(addr);
    let site = iter.site_at(addr).ok_or(Failure::NotInside(addr))?;
    let (iter, _, vma, _) = site.into_parts();
    let whole = vma.range();
    let cut = Split::at(whole, addr, Side::Right).ok_or(Failure::NotInside(addr))?;

    let result = split_vma(iter, vma, cut);
    report::split(Helper::SplitVma, whole, &result);
    result.map_err(|error| Failure::Split(whole, error))?;
    progress.cut(whole, addr);
    Ok(())
}
