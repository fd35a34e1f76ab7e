// SPDX-License-Identifier: GPL-2.0

//! The verb `uffd`: registers a range with a userfaultfd of the process, or unregisters it, as
//! `UFFDIO_REGISTER` and `UFFDIO_UNREGISTER` do.

use super::{
    failure::{
        Failure,
        Obstacle, //
    },
    range_change::{
        HelperCall,
        Holes,
        Part,
        RangeChange, //
    },
    subject::{
        page_size,
        starts_page,
        Subject, //
    },
};
use crate::{
    process::sys::userfaultfd::{
        all_flags,
        release,
        unprotect,
        BadDescriptor,
        Modes,
        Userfaultfd, //
    },
    vma::{
        compat::Attributes,
        extent::Range,
        flags,
        merge::IfNoMemory,
        modify::{
            Modified,
            ModifyError, //
        },
        sys::{
            address_space_end,
            UserfaultfdContext,
            EINVAL, //
        },
    },
};

use core::cell::Cell;
use kernel::{
    mm::MmWithUser,
    task::Task, //
};

/// Finds the userfaultfd behind this descriptor of the process, and checks that it can handle the range, in the order
/// of its ioctls.
pub(super) fn find(
    mm: &MmWithUser,
    task: &Task,
    range: Range,
    descriptor: u32,
    modes: Modes,
) -> Result<Userfaultfd, Failure> {
    let userfaultfd = Userfaultfd::of(task, descriptor).map_err(Failure::Descriptor)?;
    if !userfaultfd.is_for(mm) {
        let bad = BadDescriptor::OtherAddressSpace(descriptor);
        return Err(Failure::Descriptor(bad));
    }
    if !userfaultfd.has_modes(modes) {
        return Err(Failure::Descriptor(BadDescriptor::NoSuchModes(descriptor)));
    }
    let end = address_space_end(mm);
    if range.end() > end {
        return Err(Failure::Stopped(range, Obstacle::OutOfReach(end)));
    }
    Ok(userfaultfd)
}

/// A check that the start of the range is a multiple of the first VMA's page size, even if that VMA begins later.
struct Alignment {
    range: Range,
    first_was_seen: Cell<bool>,
}

impl Alignment {
    fn of(range: Range) -> Self {
        Self {
            range,
            first_was_seen: Cell::new(false),
        }
    }

    /// Checks the range against its next VMA. Only the first VMA matters.
    fn check(&self, vma: &impl Subject) -> Result<(), Obstacle> {
        let size = page_size(vma);
        if self.first_was_seen.replace(true) || starts_page(self.range.start(), size) {
            Ok(())
        } else {
            Err(Obstacle::HugePages(size))
        }
    }
}

/// The registration of memory.
pub(super) struct Register<'u> {
    userfaultfd: &'u Userfaultfd,
    alignment: Alignment,
    modes: Modes,
}

impl<'u> Register<'u> {
    /// Creates the registration of a range.
    pub(super) fn new(userfaultfd: &'u Userfaultfd, range: Range, modes: Modes) -> Self {
        Self {
            userfaultfd,
            alignment: Alignment::of(range),
            modes,
        }
    }
}

impl<'c> RangeChange<'c> for Register<'_> {
    fn holes(&self) -> Holes {
        Holes::Skipped(EINVAL)
    }

    fn check(&self, vma: &impl Subject, part: Range) -> Result<(), Obstacle> {
        let modes = self.modes.flags();
        if !self.userfaultfd.suits(vma.real(), modes) {
            return Err(Obstacle::NotForUserfaultfd);
        }
        if !vma.vma_flags().contains(flags::MAYWRITE) {
            return Err(Obstacle::NeverWritable);
        }
        self.alignment.check(vma)?;
        let size = page_size(vma);
        if !starts_page(part.end(), size) {
            return Err(Obstacle::HugePages(size));
        }
        let context = vma.userfaultfd_context();
        if context != UserfaultfdContext::NONE && context != self.userfaultfd.context() {
            return Err(Obstacle::OtherUserfaultfd);
        }
        // Protected pages would stay protected, although the flags would no longer show it.
        let protecting = vma.vma_flags().intersection(Modes::PROTECTING.flags());
        if !modes.contains(protecting) {
            return Err(Obstacle::StillProtected);
        }
        Ok(())
    }

    fn want(&self, vma: &impl Subject, _part: Range) -> Result<Option<HelperCall<'c>>, Obstacle> {
        let (before, modes) = (vma.vma_flags(), self.modes.flags());
        if vma.userfaultfd_context() == self.userfaultfd.context() && before.contains(modes) {
            return Ok(None);
        }
        let flags = before.without(all_flags()).union(modes);
        let context = self.userfaultfd.context();
        Ok(Some(HelperCall::FlagsUserfaultfd(
            flags,
            context,
            IfNoMemory::Fail,
        )))
    }

    fn carry_out<'i, 'g>(&self, part: Part<'i, 'g, '_>) -> Result<Modified<'i, 'g>, Obstacle> {
        let (mut modified, _) = part.merge_or_split(self)?;
        let taken = self.userfaultfd.take(&mut modified.vma, self.modes);
        taken.map_err(|_| Obstacle::NotForUserfaultfd)?;
        Ok(modified)
    }

    fn loses_what_moves(&self) -> bool {
        !self.userfaultfd.follows_moves()
    }
}

/// The removal of a registration.
pub(super) struct Unregister<'u> {
    userfaultfd: &'u Userfaultfd,
    alignment: Alignment,
}

impl<'u> Unregister<'u> {
    /// Creates the removal of the registration of a range.
    pub(super) fn new(userfaultfd: &'u Userfaultfd, range: Range) -> Self {
        Self {
            userfaultfd,
            alignment: Alignment::of(range),
        }
    }
}

impl<'c> RangeChange<'c> for Unregister<'_> {
    fn holes(&self) -> Holes {
        Holes::Skipped(EINVAL)
    }

    fn check(&self, vma: &impl Subject, _part: Range) -> Result<(), Obstacle> {
        self.alignment.check(vma)?;
        let context = vma.userfaultfd_context();
        if context != UserfaultfdContext::NONE && context != self.userfaultfd.context() {
            return Err(Obstacle::NotByThisUserfaultfd);
        }
        if !self.userfaultfd.suits(vma.real(), vma.vma_flags()) {
            return Err(Obstacle::NotForUserfaultfd);
        }
        Ok(())
    }

    fn want(&self, vma: &impl Subject, part: Range) -> Result<Option<HelperCall<'c>>, Obstacle> {
        if vma.userfaultfd_context() == UserfaultfdContext::NONE {
            return Ok(None);
        }
        let flags = vma.vma_flags().without(all_flags());
        // A whole VMA needs no split, so the call succeeds even without memory for a merge.
        let if_no_memory = if part == vma.extent().range {
            IfNoMemory::GiveUp
        } else {
            IfNoMemory::Fail
        };
        Ok(Some(HelperCall::FlagsUserfaultfd(
            flags,
            UserfaultfdContext::NONE,
            if_no_memory,
        )))
    }

    fn carry_out<'i, 'g>(&self, mut part: Part<'i, 'g, '_>) -> Result<Modified<'i, 'g>, Obstacle> {
        let before = part.site.middle().vma_flags();
        if before.intersects(Modes::MISSING.flags()) {
            self.userfaultfd.wake(part.range);
        }
        unprotect(&mut part.site, part.range);
        let (mut modified, _) = part.merge_or_split(self)?;
        release(&mut modified.vma);
        Ok(modified)
    }

    fn failed(&self, error: ModifyError) -> Obstacle {
        Obstacle::HalfUnregistered(error)
    }
}
