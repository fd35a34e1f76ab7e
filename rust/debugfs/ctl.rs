// SPDX-License-Identifier: GPL-2.0

//! `ctl`: does things to the VMAs of a process.
//!
//! Write a line, read what came of it:
//!
//! ```text
//! flags <pid> <start> <end> {+|-}{dontfork|dontdump|seq|rand}...
//! ```
//!
//! As madvise does, this changes one VMA after the other. If one of them refuses or memory runs
//! out, those before it stay changed, and the outcome says which. Stricter than madvise, a hole in
//! the range is found before anything is changed.
//!
//! A reader gets the outcome of the last command given through the same open file, or else the
//! outcome of the last command that anybody gave.

use super::{
    command::{
        parse,
        BadCommand,
        Change,
        FlagsCommand,
        LONGEST_LINE, //
    },
    outcome::{
        ErrnoName,
        LastOutcome,
        Outcome, //
    }, //
};
use crate::{
    sys::{
        debugfs::DebugfsFile,
        process::{
            NoAddressSpace,
            Pid, //
        }, //
    },
    text::Text,
    vma::{
        compat::{
            Attributes,
            Reduction, //
        },
        extent::Range,
        modify::{
            vma_modify_flags,
            Cut,
            Modified,
            ModifyError,
            Outcome as Done,
            SplitError,
            Unmerged, //
        },
        plan::{
            Blockers,
            Shape, //
        },
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
    prelude::*,
    sync::Arc, //
};

/// One opening of the file.
pub(super) struct Ctl {
    last: Arc<LastOutcome>,
    /// What came of the last command given through this opening.
    own: Option<Arc<Outcome>>,
    /// What is still to be read.
    unread: Unread,
}

/// What a reader has not got yet.
enum Unread {
    All(Arc<Outcome>),
    Details(Arc<Outcome>),
    Nothing,
}

impl DebugfsFile for Ctl {
    type Shared = LastOutcome;

    const LONGEST_WRITE: usize = LONGEST_LINE + 1;

    fn open(last: Arc<LastOutcome>) -> Result<Self> {
        Ok(Self {
            last,
            own: None,
            unread: Unread::Nothing,
        })
    }

    fn write(&mut self, bytes: &[u8]) -> Result {
        let (outcome, result) = match parse(bytes) {
            Ok(command) => carry_out(&command)?,
            Err(bad) => (
                Outcome::refusal(bad.errno(), fmt!("{bad}"))?,
                Err(bad.errno()),
            ),
        };
        self.remember(outcome)?;
        result
    }

    fn refuse_overlong(&mut self, length: usize) -> Error {
        let bad = BadCommand::Overlong(length);
        Outcome::refusal(bad.errno(), fmt!("{bad}"))
            .and_then(|outcome| self.remember(outcome))
            .err()
            .unwrap_or(bad.errno())
    }

    fn rewind(&mut self) -> Result {
        self.unread = match self.own.clone().or_else(|| self.last.get()) {
            Some(outcome) => Unread::All(outcome),
            None => Unread::Nothing,
        };
        Ok(())
    }

    fn produce(&mut self, text: &mut Text) -> Result {
        // Each of the two pieces fits: see their lengths in outcome.rs.
        self.unread = match core::mem::replace(&mut self.unread, Unread::Nothing) {
            Unread::All(outcome) => {
                text.append_text(&outcome.summary)?;
                Unread::Details(outcome)
            }
            Unread::Details(outcome) => {
                text.append_text(&outcome.details)?;
                Unread::Nothing
            }
            Unread::Nothing => Unread::Nothing,
        };
        Ok(())
    }
}

impl Ctl {
    fn remember(&mut self, outcome: Outcome) -> Result {
        let outcome = Arc::new(outcome, GFP_KERNEL)?;
        self.last.set(outcome.clone());
        self.own = Some(outcome);
        Ok(())
    }
}

/// Why a command was not carried out, or not to its end.
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
                    Obstacle::Modify(ModifyError::NoMemory) => {
                        write!(f, "could not be merged: no memory")
                    }
                    Obstacle::Modify(ModifyError::Split(SplitError::NoMemory)) => {
                        write!(f, "could not be split: no memory")
                    }
                    Obstacle::Modify(ModifyError::Split(SplitError::TooManyVmas(limit))) => write!(
                        f,
                        "could not be split: the process has all the {limit} VMAs that \
                         vm.max_map_count allows"
                    ),
                    Obstacle::Modify(ModifyError::Split(SplitError::Driver(error))) => {
                        write!(f, "could not be split: its driver says ")?;
                        ErrnoName(*error).fmt(f)
                    }
                }
            }
        }
    }
}

/// What became of the VMAs in the range, one after the other.
struct Progress<'a> {
    details: &'a mut Text,
    unlisted: usize,
    merged: usize,
    split: usize,
    whole: usize,
    unchanged: usize,
}

impl Progress<'_> {
    fn unchanged(&mut self, part: Range) {
        self.unchanged += 1;
        self.list(part, fmt!("unchanged: it is so already"));
    }

    fn modified(&mut self, part: Range, modified: &Modified<'_>) {
        let now = modified.vma.range();
        match modified.outcome {
            Done::Merged(plan) => {
                self.merged += 1;
                let side = match plan.shape {
                    Shape::Both => "both",
                    Shape::LeftWhole | Shape::LeftPart { .. } => "left",
                    Shape::RightWhole | Shape::RightPart { .. } => "right",
                };
                let kept = match plan.reduction {
                    None => "",
                    Some(Reduction::NextStays) => ", as the driver of the VMA above keeps that",
                };
                self.list(
                    part,
                    fmt!("merged {side}: now {:x}-{:x}{kept}", now.start(), now.end()),
                );
            }
            Done::Split(cut, unmerged) => {
                self.split += 1;
                let place = match cut {
                    Cut::Start => "at its start",
                    Cut::End => "at its end",
                    Cut::Both => "at both ends",
                };
                self.list(part, fmt!("split {place}: {unmerged}"));
            }
            Done::Whole(unmerged) => {
                self.whole += 1;
                self.list(part, fmt!("changed, its extent unchanged: {unmerged}"));
            }
        }
    }

    fn list(&mut self, part: Range, what: fmt::Arguments<'_>) {
        let fits = self
            .details
            .append(fmt!("  {:x}-{:x} {what}\n", part.start(), part.end()));
        if fits.is_err() {
            self.unlisted += 1;
        }
    }
}

impl fmt::Display for Unmerged {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Blocked(Blockers { left, right }) if left == right => {
                write!(f, "{}", left.describe())
            }
            Self::Blocked(Blockers { left, right }) => {
                write!(f, "below, {}; above, {}", left.describe(), right.describe())
            }
            Self::MustNotDisappear(_) => write!(f, "its driver has to see it closed"),
        }
    }
}

/// Carries out a command: what came of it, and the result for the writer.
fn carry_out(command: &FlagsCommand) -> Result<(Outcome, Result)> {
    let mut outcome = Outcome::new()?;
    let mut progress = Progress {
        details: &mut outcome.details,
        unlisted: 0,
        merged: 0,
        split: 0,
        whole: 0,
        unchanged: 0,
    };
    let result = change_flags(command, &mut progress);
    let Progress {
        unlisted,
        merged,
        split,
        whole,
        unchanged,
        ..
    } = progress;
    let changed = merged + split + whole;

    let result = match result {
        Ok(()) => {
            outcome.summarize(fmt!(
                "done: {merged} merged, {split} split, {whole} changed whole, {unchanged} unchanged"
            ));
            Ok(())
        }
        Err(failure) if changed == 0 => {
            outcome.summarize(fmt!(
                "refused ({}): {failure}; nothing has changed",
                ErrnoName(failure.errno())
            ));
            Err(failure.errno())
        }
        Err(failure) => {
            outcome.summarize(fmt!(
                "stopped ({}): {failure}; these before it are changed: {merged} merged, \
                 {split} split, {whole} changed whole",
                ErrnoName(failure.errno())
            ));
            Err(failure.errno())
        }
    };
    if unlisted > 0 {
        outcome.summarize(fmt!("({unlisted} more VMAs are not listed)"));
    }
    Ok((outcome, result))
}

fn change_flags(command: &FlagsCommand, progress: &mut Progress<'_>) -> Result<(), Failure> {
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
    let mut modified = vma_modify_flags(site, part, flags)
        .map_err(|error| Failure::Stopped(part, Obstacle::Modify(error)))?;
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
