// SPDX-License-Identifier: GPL-2.0

//! Changing one VMA of a range after the other.
//!
//! As the system calls do, this changes one VMA after the other. If one of them refuses or memory
//! runs out, those before it stay changed, and the outcome says which.

use super::{
    failure::{
        Failure,
        Obstacle, //
    },
    progress::Progress,
    Target, //
};
use crate::vma::{
    extent::Range,
    modify::{
        Change,
        Modified,
        ModifyError, //
    },
    sys::{
        Error,
        Site,
        VmaIter,
        VmaRef,
        ENOMEM, //
    },
};

/// A change that can be made to each VMA of a range, or to the part of it that lies in the range.
pub(super) trait RangeChange {
    /// What one VMA needs of it.
    type Wanted;

    /// What is to be done where nothing is mapped.
    fn holes(&self) -> Holes;

    /// Whether anything forbids the change of a part of this VMA. Asked for all of them, in order,
    /// before the first is changed.
    fn check(&self, _vma: &VmaRef, _part: Range) -> Result<(), Obstacle> {
        Ok(())
    }

    /// What is to be changed about a part of this VMA; nothing, if it is so already. Changes nothing
    /// yet: plan asks this, too.
    fn want(&self, vma: &VmaRef, part: Range) -> Result<Option<Self::Wanted>, Obstacle>;

    /// The same, as the engine takes it.
    fn as_change(&self, wanted: &Self::Wanted) -> Change<'_>;

    /// Makes the change in `part`, after making it ready for that. What else may forbid it is found
    /// out here.
    fn change<'i>(
        &self,
        site: Site<'i, '_>,
        part: Range,
        wanted: Self::Wanted,
    ) -> Result<Modified<'i>, Obstacle>;
}

/// What is to be done where nothing is mapped.
#[derive(Clone, Copy)]
pub(super) enum Holes {
    /// The whole range has to be mapped; if it is not, nothing is done but to fail so.
    Forbidden(Error),
    /// They are skipped; only if nothing at all is mapped, it fails so.
    Skipped(Error),
}

/// Makes a change in all VMAs of a range.
pub(super) fn change_range(
    target: &mut Target<'_>,
    range: Range,
    change: &impl RangeChange,
    progress: &mut Progress<'_>,
) -> Result<(), Failure> {
    let mut iter = target.mm.iter_at(range.start());
    check_range(&mut iter, range, change)?;

    let mut from = range.start();
    while let Some(start) = next_mapped(&mut iter, from, range) {
        from = change_one(&mut iter, start, range, change, progress)?;
    }
    Ok(())
}

/// Whether the change may be made in all VMAs of the range, and they cover it as they have to.
fn check_range(
    iter: &mut VmaIter<'_>,
    range: Range,
    change: &impl RangeChange,
) -> Result<(), Failure> {
    let mut coverage = Coverage::new(range, change.holes());
    while let Some(vma) = iter.find(range.end()) {
        coverage.add(&vma)?;
        let part = part_of(&vma, range)?;
        change
            .check(&vma, part)
            .map_err(|obstacle| Failure::Stopped(part, obstacle))?;
        if vma.end() >= range.end() {
            return Ok(());
        }
    }
    coverage.finish()
}

/// How far the VMAs of a range cover it.
pub(super) struct Coverage {
    range: Range,
    holes: Holes,
    /// Up to where they do, in bytes.
    covered: usize,
    nothing_mapped: bool,
}

impl Coverage {
    /// No VMA was seen yet.
    pub(super) fn new(range: Range, holes: Holes) -> Self {
        Self {
            range,
            holes,
            covered: range.start(),
            nothing_mapped: true,
        }
    }

    /// The next VMA of the range is this one.
    pub(super) fn add(&mut self, vma: &VmaRef) -> Result<(), Failure> {
        match self.holes {
            Holes::Forbidden(errno) if vma.start() > self.covered => {
                return Err(Failure::Hole(self.covered, errno));
            }
            _ => self.covered = vma.end(),
        }
        self.nothing_mapped = false;
        Ok(())
    }

    /// There is no other.
    pub(super) fn finish(&self) -> Result<(), Failure> {
        match self.holes {
            Holes::Forbidden(errno) if self.covered < self.range.end() => {
                Err(Failure::Hole(self.covered, errno))
            }
            Holes::Skipped(errno) if self.nothing_mapped => {
                Err(Failure::NothingMapped(self.range, errno))
            }
            _ => Ok(()),
        }
    }
}

/// The part of a VMA that lies in a range; the two overlap.
pub(super) fn part_of(vma: &VmaRef, range: Range) -> Result<Range, Failure> {
    let (start, end) = (vma.start().max(range.start()), vma.end().min(range.end()));
    Range::new(start, end).map_err(|_| Failure::Hole(start, ENOMEM))
}

/// The first address from `from` on (bytes) that a VMA covers and that lies in `range`.
fn next_mapped(iter: &mut VmaIter<'_>, from: usize, range: Range) -> Option<usize> {
    if from >= range.end() {
        return None;
    }
    iter.set(from);
    iter.find(range.end()).map(|vma| vma.start().max(from))
}

/// Changes the part of the range that lies in the VMA at `from` (bytes), and returns the end of
/// that VMA.
fn change_one(
    iter: &mut VmaIter<'_>,
    from: usize,
    range: Range,
    change: &impl RangeChange,
    progress: &mut Progress<'_>,
) -> Result<usize, Failure> {
    let site = iter.site_at(from).ok_or(Failure::Hole(from, ENOMEM))?;
    let part = part_of(site.middle(), range)?;
    let end = site.middle().end();

    let stopped = |obstacle| Failure::Stopped(part, obstacle);
    let Some(wanted) = change.want(site.middle(), part).map_err(stopped)? else {
        progress.unchanged(part);
        return Ok(end);
    };
    match change.change(site, part, wanted) {
        Ok(modified) => {
            progress.modified(part, &modified);
            Ok(modified.vma.range().end())
        }
        Err(obstacle) => {
            match &obstacle {
                Obstacle::Modify(ModifyError::SecondSplit(_)) => progress.half_split(part),
                obstacle if obstacle.leaves_traces() => progress.half_changed(part),
                _ => {}
            }
            Err(stopped(obstacle))
        }
    }
}
