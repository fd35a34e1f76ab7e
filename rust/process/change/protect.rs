// SPDX-License-Identifier: GPL-2.0

//! The verb `protect`: changes how memory may be accessed, as `mprotect()` does.

use super::{
    failure::Obstacle,
    range::{
        Holes,
        RangeChange, //
    },
};
use crate::{
    process::sys::{
        account::{
            recount,
            uncharge,
            Charge,
            Limits, //
        },
        find::reading_implies_executing,
        is_anonymous,
        protection::{
            architecture_allows,
            denies_write_exec,
            driver_allows,
            flags_protected,
            may_become_inaccessible,
            protect,
            security_allows,
            Protection, //
        },
        tell_perf,
    },
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

use core::cell::Cell;
use kernel::{
    mm::MmWithUser,
    task::Task, //
};

/// Allows this, and nothing else.
pub(super) struct NewProtection {
    protection: Protection,
    /// Whether what can be read can be executed, too, where that is possible.
    reading_implies_executing: bool,
    denies_write_exec: bool,
    limits: Limits,
    /// From the first locked part that can be written now to the last.
    to_populate: Cell<Option<Range>>,
}

impl NewProtection {
    pub(super) fn new(mm: &MmWithUser, task: &Task, protection: Protection) -> Self {
        Self {
            protection,
            reading_implies_executing: reading_implies_executing(task),
            denies_write_exec: denies_write_exec(mm),
            limits: Limits::of(task),
            to_populate: Cell::new(None),
        }
    }

    /// In this range, what is locked has to be made present.
    pub(super) fn to_populate(&self) -> Option<Range> {
        self.to_populate.get()
    }

    /// What a VMA will allow.
    fn protection_of(&self, vma: &VmaRef) -> Protection {
        let implied = self.reading_implies_executing
            && self.protection.has(Protection::READ)
            && vma.vma_flags().contains(flags::MAYEXEC);
        if implied {
            self.protection.or(Protection::EXEC)
        } else {
            self.protection
        }
    }

    /// Whether a VMA may have these flags. What it takes to commit memory to it is for later.
    fn allowed(&self, vma: &VmaRef, flags: VmaFlags) -> Result<(), Obstacle> {
        let before = vma.vma_flags();
        let rights = [
            (flags::READ, flags::MAYREAD),
            (flags::WRITE, flags::MAYWRITE),
            (flags::EXEC, flags::MAYEXEC),
        ];
        if rights
            .into_iter()
            .any(|(does, may)| flags.contains(does) && !flags.contains(may))
        {
            return Err(Obstacle::Access);
        }
        if self.denies_write_exec && becomes_executable(before, flags) {
            return Err(Obstacle::WriteExec);
        }
        if !architecture_allows(flags) {
            return Err(Obstacle::Architecture);
        }
        security_allows(vma, self.protection, self.protection_of(vma))
            .map_err(Obstacle::Security)?;
        if before.contains(flags::SEALED) {
            return Err(Obstacle::Sealed);
        }
        Ok(())
    }
}

/// What one VMA gets.
pub(super) struct Wanted {
    flags: VmaFlags,
    /// So many pages have to be charged for.
    charge: usize,
}

impl RangeChange for NewProtection {
    type Wanted = Wanted;

    fn holes(&self) -> Holes {
        Holes::Forbidden(ENOMEM)
    }

    fn want(&self, vma: &VmaRef, part: Range) -> Result<Option<Wanted>, Obstacle> {
        let protection = self.protection_of(vma);
        let flags = flags_protected(vma, protection).map_err(|_| Obstacle::ProtectionKey)?;
        self.allowed(vma, flags)?;
        if flags == vma.vma_flags() {
            return Ok(None);
        }
        commit(&self.limits, vma, part, flags).map(Some)
    }

    fn as_change(&self, wanted: &Wanted) -> Change<'_> {
        Change {
            flags: Some(wanted.flags),
            ..Change::default()
        }
    }

    fn change<'i>(
        &self,
        mut site: Site<'i, '_>,
        part: Range,
        wanted: Wanted,
    ) -> Result<Modified<'i>, Obstacle> {
        let before = site.middle().vma_flags();
        driver_allows(&mut site, part, wanted.flags).map_err(Obstacle::Driver)?;
        if before.intersects(flags::PAGE_FRAMES) && !wanted.flags.intersects(flags::ACCESS) {
            may_become_inaccessible(&mut site, part, wanted.flags).map_err(Obstacle::Driver)?;
        }

        let charge = Charge::new(site.middle().mm(), wanted.charge);
        let charge = charge.map_err(|_| Obstacle::Overcommit)?;
        let modified = vma_modify_flags(site, part, wanted.flags);
        report::modified(Helper::ModifyFlags, part, &modified);
        let mut modified = modified?;
        let flags = modified.flags(wanted.flags);
        let vma = &mut modified.vma;
        protect(vma, part, flags);

        charge.keep();
        if before.contains(flags::ACCOUNT) && !flags.contains(flags::ACCOUNT) {
            uncharge(part.pages());
        }
        // What is locked stays present: pages that can be written now are copied before somebody does.
        let unwritable = !before.intersects(flags::WRITE.union(flags::SHARED));
        if flags.contains(flags::WRITE) && before.contains(flags::LOCK) && unwritable {
            let first = self.to_populate.get().unwrap_or(part);
            self.to_populate.set(Some(first.through(part)));
        }
        recount(vma, before, flags, part.pages());
        tell_perf(vma);
        Ok(modified)
    }
}

/// Whether `PR_SET_MDWE` is against such a change.
pub(super) fn becomes_executable(before: VmaFlags, flags: VmaFlags) -> bool {
    flags.contains(flags::EXEC) && (flags.contains(flags::WRITE) || !before.contains(flags::EXEC))
}

/// What has to be charged for if a part of a VMA gets these flags, and the flags that this leads to:
/// there has to be memory for private pages that can be written.
fn commit(limits: &Limits, vma: &VmaRef, part: Range, flags: VmaFlags) -> Result<Wanted, Obstacle> {
    let (before, pages) = (vma.vma_flags(), part.pages());

    if !flags.contains(flags::WRITE) {
        // What nobody has written to needs no memory any more.
        let unused = is_anonymous(vma) && vma.anon_vma().is_none();
        let flags = if before.contains(flags::ACCOUNT) && unused {
            flags.without(flags::ACCOUNT)
        } else {
            flags
        };
        return Ok(Wanted { flags, charge: 0 });
    }
    if !limits.allow(vma.mm(), flags, pages) && limits.allow(vma.mm(), before, pages) {
        return Err(Obstacle::Limit);
    }
    let committed = flags::ACCOUNT
        .union(flags::WRITE)
        .union(flags::HUGETLB)
        .union(flags::SHARED)
        .union(flags::NORESERVE);
    if before.intersects(committed) {
        return Ok(Wanted { flags, charge: 0 });
    }
    Ok(Wanted {
        flags: flags.union(flags::ACCOUNT),
        charge: pages,
    })
}
