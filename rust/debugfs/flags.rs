// SPDX-License-Identifier: GPL-2.0

//! The verb `flags`: sets and clears flags that are advice, in all VMAs of a range.
//!
//! As madvise does, this changes one VMA after the other. If one of them refuses or memory runs
//! out, those before it stay changed, and the outcome says which. Stricter than madvise, a hole in
//! the range is found before anything is changed.

use super::{
    command::{
        Change,
        FlagsCommand, //
    },
    outcome::{
        ErrnoName,
        Outcome, //
    },
    progress::Progress, //
};
use crate::{
    sys::process::{
        NoAddressSpace,
        Pid, //
    },
    vma::{
        compat::Attributes,
        extent::Range,
        modify::{
            vma_modify_flags,
            ModifyError, //
        },
        split::SplitError,
        sys::{
            flags,
            MmapWriteGuard,
            VmaIter,
            VmaRef, //
        },
    },
};
use kernel::{
    fmt,
    prelude::*, //
};

/// Carries out a command, and tells in `outcome` what came of it.
pub(super) fn change_flags(command: &FlagsCommand, outcome: &mut Outcome) -> Result {
    let mut progress = Progress::new(&mut outcome.details);
    let result = change_range(command, &mut progress);
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

fn change_range(command: &FlagsCommand, progress: &mut Progress<'_>) -> Result<(), Failure> {
    let mm = Pid::find(command.pid)
        .and_then(|pid| pid.mm())
        .map_err(Failure::NoAddressSpace)?;
    let mut guard = MmapWriteGuard::lock_killable(&mm).map_err(|_| Failure::Killed)?;
    let mut iter = guard.iter_at(command.range.start());

    find_hole(&mut iter, command.range).map_or(Ok(()), |addr| Err(Failure::Hole(addr)))?;
    let mut from = command.range.start();
    while from < command.range.end() {
        from = change_one(&mut iter, from, command, progress)?;
    }
    Ok(())
}

/// The first address of `range` that no VMA covers.
fn find_hole(iter: &mut VmaIter<'_>, range: Range) -> Option<usize> {
    let mut covered = range.start();
    while covered < range.end() {
        match iter.find(range.end()) {
            Some(vma) if vma.start() <= covered => covered = vma.end(),
            _ => return Some(covered),
        }
    }
    None
}

/// Changes the part of the range that lies in the VMA at `from` (bytes), and returns the end of
/// that VMA.
fn change_one(
    iter: &mut VmaIter<'_>,
    from: usize,
    command: &FlagsCommand,
    progress: &mut Progress<'_>,
) -> Result<usize, Failure> {
    let site = iter.site_at(from).ok_or(Failure::Hole(from))?;
    let vma = site.middle();
    let part =
        Range::new(from, vma.end().min(command.range.end())).map_err(|_| Failure::Hole(from))?;

    if let Some(obstacle) = forbidden(&command.change, vma) {
        return Err(Failure::Stopped(part, obstacle));
    }
    let flags = command.change.apply(vma.vma_flags());
    if flags == vma.vma_flags() {
        progress.unchanged(part);
        return Ok(part.end());
    }
    let mut modified = vma_modify_flags(site, part, flags).map_err(|error| {
        if matches!(error, ModifyError::SecondSplit(_)) {
            progress.half_split(part);
        }
        Failure::Stopped(part, Obstacle::Modify(error))
    })?;
    modified.vma.set_advice(flags);
    progress.modified(part, &modified);
    Ok(modified.vma.end())
}

/// What madvise has against such a change to such a VMA. Sealing does not stop it.
fn forbidden(change: &Change, vma: &VmaRef) -> Option<Obstacle> {
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

/// Why the flags were not changed, or not in the whole range.
enum Failure {
    /// There is no address space to work on.
    NoAddressSpace(NoAddressSpace),
    /// The writer was killed while it waited for the mmap lock.
    Killed,
    /// No VMA is at this address.
    Hole(usize),
    /// This part of a VMA could not be changed.
    Stopped(Range, Obstacle),
}

/// Why a part of a VMA could not be changed.
enum Obstacle {
    /// It is special, and madvise does not let this flag be cleared there.
    Special,
    /// It may be dropped by the kernel, and so is kept out of core dumps.
    Droppable,
    /// It could not be merged or split.
    Modify(ModifyError),
}

impl Failure {
    fn errno(&self) -> Error {
        match self {
            Self::NoAddressSpace(none) => none.errno(),
            Self::Killed => EINTR,
            Self::Hole(_) => ENOMEM,
            Self::Stopped(_, Obstacle::Special | Obstacle::Droppable) => EINVAL,
            Self::Stopped(_, Obstacle::Modify(error)) => (*error).into(),
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoAddressSpace(none) => none.fmt(f),
            Self::Killed => write!(f, "killed while waiting for the mmap lock"),
            Self::Hole(addr) => write!(
                f,
                "nothing is mapped at {addr:x}; the whole range has to be mapped"
            ),
            Self::Stopped(part, obstacle) => {
                write!(f, "{:x}-{:x} ", part.start(), part.end())?;
                match obstacle {
                    Obstacle::Special => {
                        write!(
                            f,
                            "is a special mapping, of which this flag cannot be cleared"
                        )
                    }
                    Obstacle::Droppable => {
                        write!(
                            f,
                            "may be dropped by the kernel, so it stays out of core dumps"
                        )
                    }
                    Obstacle::Modify(ModifyError::NotWithinVma) => {
                        write!(f, "is not part of one VMA")
                    }
                    Obstacle::Modify(ModifyError::NoMemory(_)) => {
                        write!(f, "could not be merged: no memory")
                    }
                    Obstacle::Modify(ModifyError::Split(error)) => {
                        write!(f, "could not be split: ")?;
                        error.fmt(f)
                    }
                    Obstacle::Modify(ModifyError::SecondSplit(error)) => {
                        write!(f, "was split at its start, but could not be at its end: ")?;
                        error.fmt(f)
                    }
                }
            }
        }
    }
}

impl fmt::Display for SplitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoMemory => write!(f, "no memory"),
            Self::TooManyVmas(limit) => write!(
                f,
                "the process has all the {limit} VMAs that vm.max_map_count allows"
            ),
            Self::Driver(error) => {
                write!(f, "its driver says ")?;
                ErrnoName(*error).fmt(f)
            }
        }
    }
}
