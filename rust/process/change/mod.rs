// SPDX-License-Identifier: GPL-2.0

//! What `ctl` can do: a file for each verb, which does what the system call of the same meaning does,
//! to any process, with its merging and splitting by Rust.
//!
//! ```text
//!   flags.rs    as madvise()                  new.rs      as mmap()
//!   protect.rs  as mprotect()                 extend.rs   as mremap(), in place
//!   name.rs     as prctl(PR_SET_VMA)          split.rs    as none; what munmap() begins with
//!   policy.rs   as mbind()
//!   uffd.rs     as UFFDIO_REGISTER and UFFDIO_UNREGISTER
//!
//!   range.rs    one VMA of a range after the other
//!   progress.rs what becomes of them, in words
//!   failure.rs  why something was not done, in words
//!   foresee.rs  what would be done, for plan; drawing.rs draws it
//! ```
//!
//! Stricter than most of those system calls, a hole in the range is found before anything is changed.

mod drawing;
mod extend;
mod failure;
mod flags;
mod foresee;
mod name;
mod new;
mod policy;
mod progress;
mod protect;
mod range;
mod split;
mod uffd;

pub(crate) use self::foresee::foresee;
use self::{
    failure::Failure,
    progress::Progress,
    range::change_range, //
};
use crate::debugfs::{
    command::{
        Action,
        Command, //
    },
    outcome::{
        ErrnoName,
        Outcome, //
    },
};
use crate::{
    process::sys::{
        find::{
            Access,
            Pid, //
        },
        populate,
        userfaultfd::Modes,
    },
    vma::{
        extent::Range,
        sys::MmapWriteGuard, //
    },
};
use kernel::{
    prelude::*,
    task::Task, //
};

/// Carries out a command, and tells in `outcome` what came of it.
pub(crate) fn run(command: &Command<'_>, outcome: &mut Outcome) -> Result {
    let mut progress = Progress::new(&mut outcome.details);
    let result = act(command, &mut progress);
    let (counts, unlisted) = progress.finish();

    let result = match result {
        Ok(()) => {
            outcome.summarize(fmt!("done: {counts}"));
            Ok(())
        }
        Err(failure) if counts.nothing_changed() => {
            outcome.refuse(failure.errno(), fmt!("{failure}"))
        }
        Err(failure) => {
            let errno = failure.errno();
            outcome.summarize(fmt!(
                "stopped ({}): {failure}; up to there: {counts}",
                ErrnoName(errno)
            ));
            Err(errno)
        }
    };
    if unlisted > 0 {
        outcome.summarize(fmt!("({unlisted} more VMAs are not listed)"));
    }
    result
}

fn act(command: &Command<'_>, progress: &mut Progress<'_>) -> Result<(), Failure> {
    let pid = command.pid;
    match command.action {
        Action::Flags(range, change) => on_process(pid, |target| {
            change_range(target, range, &flags::NewFlags(change), progress)
        }),
        Action::Protect(range, protection) => on_process(pid, |target| {
            let verb = protect::NewProtection::new(target.mm.mm(), target.task, protection);
            let result = change_range(target, range, &verb, progress);
            target.to_populate = verb.to_populate();
            result
        }),
        Action::Name(range, text) => {
            let verb = name::NewName::new(text)?;
            on_process(pid, |target| change_range(target, range, &verb, progress))
        }
        Action::Policy(range, placement) => {
            let verb = policy::NewPolicy::new(placement)?;
            on_process(pid, |target| change_range(target, range, &verb, progress))
        }
        Action::Userfaultfd(range, descriptor, modes) => on_process(pid, |target| {
            let userfaultfd = uffd::find(target.mm.mm(), target.task, range, descriptor, modes)?;
            if modes == Modes::NONE {
                let verb = uffd::Unregister::new(&userfaultfd, range);
                change_range(target, range, &verb, progress)
            } else {
                let verb = uffd::Register::new(&userfaultfd, range, modes);
                change_range(target, range, &verb, progress)
            }
        }),
        Action::New(range, protection) => on_process(pid, |target| {
            new::map(target, range, protection, progress)
            //
        }),
        Action::Extend(range) => on_process(pid, |target| extend::extend(target, range, progress)),
        Action::Split(addr) => on_process(pid, |target| split::split(target, addr, progress)),
    }
}

/// The process that something is done to, with its mmap lock held for write.
struct Target<'t> {
    mm: MmapWriteGuard<'t>,
    task: &'t Task,
    /// What is locked in this range has to be made present, once the lock is released.
    to_populate: Option<Range>,
}

/// Does something to a process.
fn on_process(
    pid: i32,
    act: impl FnOnce(&mut Target<'_>) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let process = Pid::find(pid)
        .and_then(|pid| pid.process(Access::Attach))
        .map_err(Failure::NoAddressSpace)?;
    let mut target = Target {
        mm: MmapWriteGuard::lock_killable(&process.mm).map_err(|_| Failure::Killed)?,
        task: &process.task,
        to_populate: None,
    };
    let result = act(&mut target);
    let Target {
        mm, to_populate, ..
    } = target;
    drop(mm);
    if let Some(range) = to_populate {
        populate(&process, range);
    }
    result
}
