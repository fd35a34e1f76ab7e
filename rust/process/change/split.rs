// SPDX-License-Identifier: GPL-2.0

//! The verb `split`: cuts a VMA in two, like the first step of `munmap()` on a part of a VMA. The part above becomes
//! the new VMA.

use super::{
    failure::Failure,
    space::AddressSpace, //
};
use crate::{
    report::{
        self,
        helper::Helper,
        sys::events::TracedMemory, //
    },
    vma::{
        compat::{
            Attributes,
            Side, //
        },
        cut::Split,
        extent::Range,
        split::split_vma,
        sys::{
            MmapWriteGuard,
            Splitting, //
        },
    },
};

/// Cuts the VMA that covers `addr` (bytes) at that address.
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
    guard.with_iter_at(addr, |iter| {
        let (mm, site) = (iter.mm(), iter.site_at(addr));
        let site = site.ok_or(Failure::NotInside(addr))?;
        let (mut cursor, _, vma, _) = site.into_parts();
        let splitting = Splitting::at(vma.alone(), addr, Side::Above);
        let splitting = splitting.ok_or(Failure::NotInside(addr))?;
        let new_part = splitting.split().new_part();
        let result = split_vma(&mut cursor, splitting);
        let memory = || TracedMemory::part(mm, None);
        report::split(Helper::Split.by_ctl(), new_part, &result, memory);
        result
            .map(|_| ())
            .map_err(|error| Failure::Split(whole, error))
    })
}
