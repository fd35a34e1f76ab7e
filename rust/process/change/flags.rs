// SPDX-License-Identifier: GPL-2.0

//! The verb `flags`: sets and clears advice flags, as `madvise()` does.

use super::{
    failure::Obstacle,
    flag_change::FlagChange,
    range_change::{
        HelperCall,
        Holes,
        Part,
        RangeChange, //
    },
    subject::Subject, //
};
use crate::vma::{extent::Range, flags, modify::Modified, sys::ENOMEM};

/// A change to advice flags.
pub(super) struct NewFlags(pub(super) FlagChange);

impl<'c> RangeChange<'c> for NewFlags {
    fn holes(&self) -> Holes {
        Holes::Forbidden(ENOMEM)
    }

    fn want(&self, vma: &impl Subject, _part: Range) -> Result<Option<HelperCall<'c>>, Obstacle> {
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

/// Returns the obstacle for a change that `madvise()` refuses. Sealing does not prevent a change to these flags.
fn forbidden(change: &FlagChange, vma: &impl Subject) -> Option<Obstacle> {
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
