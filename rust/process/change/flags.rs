// SPDX-License-Identifier: GPL-2.0

//! The verb `flags`: sets and clears flags that are advice, as `madvise()` does.

use super::{
    failure::Obstacle,
    flag_change::FlagChange,
    range_change::{
        HelperCall,
        Holes,
        Part,
        RangeChange, //
    },
};
use crate::vma::{
    compat::Attributes,
    extent::Range,
    flags,
    modify::Modified,
    sys::{
        VmaRef,
        ENOMEM, //
    },
};

/// Applies a change of flags.
pub(super) struct NewFlags(pub(super) FlagChange);

impl RangeChange for NewFlags {
    fn holes(&self) -> Holes {
        Holes::Forbidden(ENOMEM)
    }

    fn want(&self, vma: &VmaRef, _part: Range) -> Result<Option<HelperCall<'_>>, Obstacle> {
        if let Some(obstacle) = forbidden(&self.0, vma) {
            return Err(obstacle);
        }
        let flags = self.0.apply(vma.vma_flags());
        Ok((flags != vma.vma_flags()).then_some(HelperCall::Flags(flags)))
    }

    fn carry_out<'i, 'g>(&self, part: Part<'i, 'g, '_>) -> Result<Modified<'i, 'g>, Obstacle> {
        let (mut modified, flags) = part.merge_or_split(self)?;
        modified.vma.set_advice(flags);
        Ok(modified)
    }
}

/// Returns the reason for which `madvise()` refuses a change. Sealing is not one.
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
