// SPDX-License-Identifier: GPL-2.0

//! The verb `protect`: changes how memory may be accessed, as `mprotect()` does.

use super::{
    failure::Obstacle,
    range_change::{
        HelperCall,
        Holes,
        Part,
        RangeChange, //
    },
    subject::Subject, //
};
use crate::{
    process::sys::{
        account::{
            recount,
            uncharge,
            Charge,
            Limits,
            Mapped, //
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
        tell_perf, //
    },
    vma::{
        compat::Attributes,
        extent::Range,
        flags::{
            self,
            VmaFlags, //
        },
        modify::Modified,
        sys::ENOMEM, //
    },
};

use core::cell::Cell;
use kernel::{
    mm::MmWithUser,
    task::Task, //
};

/// A change that gives VMAs this protection.
pub(super) struct NewProtection {
    protection: Protection,
    /// Whether readable memory also becomes executable, where that is allowed.
    reading_implies_executing: bool,
    denies_write_exec: bool,
    limits: Limits,
    mapped: Mapped,
    /// The range from the first locked part that became writable to the last.
    to_populate: Cell<Option<Range>>,
}

impl NewProtection {
    /// Creates the change for a process whose mmap lock is held.
    pub(super) fn new(
        mm: &MmWithUser,
        task: &Task,
        mapped: Mapped,
        protection: Protection,
    ) -> Self {
        Self {
            protection,
            reading_implies_executing: reading_implies_executing(task),
            denies_write_exec: denies_write_exec(mm),
            limits: Limits::of(task),
            mapped,
            to_populate: Cell::new(None),
        }
    }

    /// Returns the range in which locked memory has to be populated.
    pub(super) fn to_populate(&self) -> Option<Range> {
        self.to_populate.get()
    }

    /// Returns the protection that a VMA will have.
    fn protection_of(&self, vma: &impl Subject) -> Protection {
        let implied = self.reading_implies_executing
            && self.protection.has(Protection::READ)
            && vma.vma_flags().contains(flags::MAYEXEC);
        if implied {
            self.protection.or(Protection::EXEC)
        } else {
            self.protection
        }
    }

    /// Checks that a VMA may have these flags, regardless of the memory limits.
    fn allowed(&self, vma: &impl Subject, flags: VmaFlags) -> Result<(), Obstacle> {
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
        // Security modules can check only real VMAs.
        if let Some(real) = vma.real() {
            security_allows(real, self.protection, self.protection_of(vma))
                .map_err(Obstacle::Security)?;
        }
        if before.contains(flags::SEALED) {
            return Err(Obstacle::Sealed);
        }
        Ok(())
    }

    /// Returns `flags`, with the flag for accounted memory set or cleared: writable private pages are charged for.
    fn committed(
        &self,
        vma: &impl Subject,
        part: Range,
        flags: VmaFlags,
    ) -> Result<VmaFlags, Obstacle> {
        let (before, pages) = (vma.vma_flags(), part.pages());

        if !flags.contains(flags::WRITE) {
            // The charge for memory that was never written to is given back.
            let unused = vma.real().is_none_or(is_anonymous) && vma.anon_vma().is_none();
            return Ok(if before.contains(flags::ACCOUNT) && unused {
                flags.without(flags::ACCOUNT)
            } else {
                flags
            });
        }
        let allow = |flags| self.limits.allow(&self.mapped, flags, pages);
        if !allow(flags) && allow(before) {
            return Err(Obstacle::Limit);
        }
        let committed = flags::ACCOUNT
            .union(flags::WRITE)
            .union(flags::HUGETLB)
            .union(flags::SHARED)
            .union(flags::NORESERVE);
        if before.intersects(committed) {
            return Ok(flags);
        }
        Ok(flags.union(flags::ACCOUNT))
    }
}

impl<'c> RangeChange<'c> for NewProtection {
    fn holes(&self) -> Holes {
        Holes::Forbidden(ENOMEM)
    }

    fn want(&self, vma: &impl Subject, part: Range) -> Result<Option<HelperCall<'c>>, Obstacle> {
        let protection = self.protection_of(vma);
        let flags = flags_protected(vma.real(), vma.vma_flags(), protection);
        let flags = flags.map_err(|_| Obstacle::ProtectionKey)?;
        self.allowed(vma, flags)?;
        if flags == vma.vma_flags() {
            return Ok(None);
        }
        let flags = self.committed(vma, part, flags)?;
        Ok(Some(HelperCall::Flags(flags)))
    }

    fn carry_out<'i, 'g>(&self, mut part: Part<'i, 'g, '_>) -> Result<Modified<'i, 'g>, Obstacle> {
        let (range, pages) = (part.range, part.range.pages());
        let (before, after) = (part.site.middle().vma_flags(), part.flags);
        driver_allows(&mut part.site, range, after).map_err(Obstacle::Driver)?;
        if before.intersects(flags::PAGE_FRAMES) && !after.intersects(flags::ACCESS) {
            may_become_inaccessible(&mut part.site, range, after).map_err(Obstacle::Driver)?;
        }
        let accounted = after.without(before).intersection(flags::ACCOUNT);
        let charge = Charge::if_accounted(part.site.middle().mm(), accounted, pages);
        let charge = charge.map_err(|_| Obstacle::Overcommit)?;

        let (mut modified, after) = part.merge_or_split(self)?;
        let vma = &mut modified.vma;
        protect(vma, range, after);
        charge.keep();
        if before.contains(flags::ACCOUNT) && !after.contains(flags::ACCOUNT) {
            uncharge(pages);
        }
        recount(vma, before, after, pages);
        tell_perf(vma);
        Ok(modified)
    }

    fn count(&self, part: Range, before: VmaFlags, after: VmaFlags) {
        self.mapped.count(part.pages(), before, after);
        // Locked memory stays present: pages that become writable are copied before the first write.
        let unwritable = !before.intersects(flags::WRITE.union(flags::SHARED));
        if after.contains(flags::WRITE) && before.contains(flags::LOCK) && unwritable {
            let first = self.to_populate.get().unwrap_or(part);
            self.to_populate.set(Some(first.through(part)));
        }
    }
}

/// Returns whether `PR_SET_MDWE` forbids the change from `before` to `flags`.
pub(super) fn becomes_executable(before: VmaFlags, flags: VmaFlags) -> bool {
    flags.contains(flags::EXEC) && (flags.contains(flags::WRITE) || !before.contains(flags::EXEC))
}
