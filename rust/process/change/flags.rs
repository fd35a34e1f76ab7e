// SPDX-License-Identifier: GPL-2.0

//! The verb `flags`: sets and clears flags that are advice, as `madvise()` does.

use super::{
    failure::Obstacle,
    range::{
        Holes,
        RangeChange, //
    },
};
use crate::{
    debugfs::command,
    report::{
        self,
        Helper, //
    },
    vma::{
        compat::Attributes,
        extent::Range,
        flags::{
            self,
            VmaFlags, //
        },
        modify::{
            vma_modify_flags,
            Change,
            Modified, //
        },
        sys::{
            Site,
            VmaRef,
            ENOMEM, //
        },
    },
};

/// Sets and clears these.
pub(super) struct NewFlags(pub(super) command::Change);

impl RangeChange for NewFlags {
    type Wanted = VmaFlags;

    fn holes(&self) -> Holes {
        Holes::Forbidden(ENOMEM)
    }

    fn want(&self, vma: &VmaRef, _part: Range) -> Result<Option<VmaFlags>, Obstacle> {
        if let Some(obstacle) = forbidden(&self.0, vma) {
            return Err(obstacle);
        }
        let flags = self.0.apply(vma.vma_flags());
        Ok((flags != vma.vma_flags()).then_some(flags))
    }

    fn as_change(&self, flags: &VmaFlags) -> Change<'_> {
        Change {
            flags: Some(*flags),
            ..Change::default()
        }
    }

    fn change<'i>(
        &self,
        site: Site<'i, '_>,
        part: Range,
        flags: VmaFlags,
    ) -> Result<Modified<'i>, Obstacle> {
        let modified = vma_modify_flags(site, part, flags);
        report::modified(Helper::ModifyFlags, part, &modified);
        let mut modified = modified?;
        modified.vma.set_advice(flags);
        Ok(modified)
    }
}

/// What madvise has against such a change to such a VMA. Sealing does not stop it.
fn forbidden(change: &command::Change, vma: &VmaRef) -> Option<Obstacle> {
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
