// SPDX-License-Identifier: GPL-2.0

//! The real address space, in which verbs are carried out.

use super::{
    extend,
    failure::{
        Failure,
        Obstacle, //
    },
    new,
    progress::Progress,
    range_change::{
        HelperCall,
        Part,
        RangeChange, //
    },
    space::{
        AddressSpace,
        Changed, //
    },
    split, //
};
use crate::{
    process::sys::{
        find::Process,
        populate, //
    },
    vma::{
        compat::Attributes,
        cut::Split,
        extent::Range,
        flags::VmaFlags,
        modify::{
            Modified,
            ModifyError, //
        },
        sys::{
            Around,
            MmWithUser,
            MmapWriteGuard, //
        },
    },
};
use core::marker::PhantomData;
use kernel::task::Task;

/// The address space of a process, with its mmap lock held for write.
pub(super) struct Live<'t, 'a> {
    guard: MmapWriteGuard<'t>,
    task: &'t Task,
    to_populate: Option<Range>,
    _tale: PhantomData<Progress<'a>>,
}

impl<'t, 'a> Live<'t, 'a> {
    /// Takes the mmap lock, lets `act` change the address space, and does what has to wait until the lock is
    /// released.
    pub(super) fn enter(
        process: &'t Process,
        act: impl FnOnce(&mut Self) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        let mut live = Self {
            guard: MmapWriteGuard::lock_killable(&process.mm).map_err(|_| Failure::Killed)?,
            task: &process.task,
            to_populate: None,
            _tale: PhantomData,
        };
        let result = act(&mut live);
        let Self {
            guard, to_populate, ..
        } = live;
        drop(guard);
        if let Some(range) = to_populate {
            populate(process, range);
        }
        result
    }
}

impl<'t, 'a> AddressSpace<'t> for Live<'t, 'a> {
    type Tale = Progress<'a>;

    const MOST_CHECKED: usize = usize::MAX;

    fn mm(&self) -> &'t MmWithUser {
        self.guard.mm()
    }

    fn task(&self) -> &'t Task {
        self.task
    }

    fn around(&mut self, addr: usize) -> Around<'_> {
        self.guard.around(addr)
    }

    fn keep(&mut self, progress: &mut Progress<'a>, part: Range) {
        progress.unchanged(part);
    }

    fn modify<C: RangeChange>(
        &mut self,
        progress: &mut Progress<'a>,
        part: Range,
        change: &C,
        call: HelperCall<'_>,
    ) -> Result<Changed, Obstacle> {
        let mut iter = self.guard.iter_at(part.start());
        let site = iter.site_at(part.start());
        let site = site.ok_or(Obstacle::Modify(ModifyError::NotWithinVma))?;
        match change.carry_out(Part::new(site, part, call)) {
            Ok(Modified { vma, outcome }) => {
                progress.modified(part, vma.range(), &outcome);
                Ok(Changed {
                    end: vma.range().end(),
                    flags: vma.vma_flags(),
                })
            }
            Err(obstacle) => {
                if let Some(half) = obstacle.leaves() {
                    progress.half(part, half);
                }
                Err(obstacle)
            }
        }
    }

    fn map(
        &mut self,
        progress: &mut Progress<'a>,
        range: Range,
        flags: VmaFlags,
    ) -> Result<(), Obstacle> {
        let locked = new::of_engine(&mut self.guard, range, flags, progress)?;
        self.to_populate = locked.then_some(range);
        Ok(())
    }

    fn extend(&mut self, progress: &mut Progress<'a>, range: Range) -> Result<(), Obstacle> {
        let locked = extend::of_engine(&mut self.guard, range, progress)?;
        self.to_populate = locked.then_some(range);
        Ok(())
    }

    fn cut(
        &mut self,
        progress: &mut Progress<'a>,
        whole: Range,
        cut: Split,
    ) -> Result<(), Failure> {
        split::of_engine(&mut self.guard, whole, cut)?;
        progress.cut(whole, cut.addr());
        Ok(())
    }

    fn populate(&mut self, range: Range) {
        self.to_populate = Some(range);
    }
}
