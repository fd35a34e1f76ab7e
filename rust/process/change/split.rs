// SPDX-License-Identifier: GPL-2.0

//! The verb `split`: cuts a VMA in two, as `munmap()` of a part of a VMA does first. The part above becomes the
//! new VMA.

use super::{
    failure::Failure,
    space::AddressSpace, //
};
use crate::{
    report::{
        self,
        helper::Helper, //
    },
    vma::{
        compat::{
            Attributes,
            Side, //
        },
        cut::Split,
        extent::Range,
        split::split_vma,
        sys::MmapWriteGuard, //
    },
};

/// Cuts the VMA that covers `addr` (bytes) there.
pub(super) fn split<'t, A: AddressSpace<'t>>(space: &mut A, addr: usize) -> Result<(), Failure> {
    let vma = space.around(addr).at.ok_or(Failure::NotInside(addr))?;
    let whole = vma.extent().range;
    let cut = Split::at(whole, addr, Side::Above).ok_or(Failure::NotInside(addr))?;
    space.cut(whole, cut)
}

/// Calls the engine to cut the VMA that covers `whole`.
pub(super) fn of_engine(
    guard: &mut MmapWriteGuard<'_>,
    whole: Range,
    cut: Split,
) -> Result<(), Failure> {
    let addr = cut.addr();
    let mut iter = guard.iter_at(addr);
    let site = iter.site_at(addr).ok_or(Failure::NotInside(addr))?;
    let (iter, _, vma, _) = site.into_parts();
    let result = split_vma(iter, vma, cut);
    report::split(Helper::Split.by_ctl(), whole, &result);
    result
        .map(|_| ())
        .map_err(|error| Failure::Split(whole, error))
}
