// SPDX-License-Identifier: GPL-2.0

//! The verb `flags`: sets and clears flags that are advice, as `madvise()` does.

use super::{
    failure::Obstacle,
    flag_change::FlagChange,
    range_change::{
        Ask,
        Holes,
        RangeChange, //
    },
};
use crate::vma::{
    compat::Attributes,
    extent::Range,
    flags::{
        self,
        VmaFlags, //
    },
    sys::{
        Site,
        Vma,
        VmaRef,
        ENOMEM, //
    },
};

/// Sets and clears these.
pub(super) struct NewFlags(pub(super) FlagChange);

impl RangeChange for NewFlags {
    type Ready = ();

    fn holes(&self) -> Holes {
        Holes::Forbidden(ENOMEM)
    }

    fn want(&self, vma: &VmaRef, _part: Range) -> Result<Option<Ask<'_>>, Obstacle> {
        if let Some(obstacle) = forbidden(&self.0, vma) {
            return Err(obstacle);
        }
        let flags = self.0.apply(vma.vma_flags());
        Ok((flags != vma.vma_flags()).then_some(Ask::Flags(flags)))
    }

    fn make_ready(
        &self,
        _site: &mut Site<'_, '_>,
        _part: Range,
        _flags: VmaFlags,
    ) -> Result<(), Obstacle> {
        Ok(())
    }

    fn finish(
        &self,
        _part: Range,
        _ready: (),
        vma: &mut Vma<'_>,
        flags: VmaFlags,
    ) -> Result<(), Obstacle> {
        vma.set_advice(flags);
        Ok(())
    }
}

/// Returns what `madvise()` has against such a change to such a VMA. Sealing does not stop it.
fn forbidden(change: &FlagChange, vma: &VmaRef) -> Option<Obstacle> {
    let special = vma.vma_flags().intersects(flags::SPECIAL);
    let hugetlb = vma.vma_flags().contains(flags::HUGETLB);

    if change.clears(flags::DONTCOPY) && special {
        return Some(Obstacle::Special);
    }
    if change.clears(flags::DONTDUMP) {
        if special && !hugetlb {
            return Some(Obstacle::Special);
        }
        if vma.vma_flags().contains(flags::DROPPABLE) {
            return Some(Obstacle::Droppable);
        }
    }
    None
}
