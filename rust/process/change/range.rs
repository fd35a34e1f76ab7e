// SPDX-License-Identifier: GPL-2.0

//! The walk over the VMAs of a range, which changes one VMA after another.
//!
//! If a VMA cannot be changed, or memory runs out, the VMAs below stay changed, as with the system calls. The outcome
//! lists them.

use super::{
    failure::Failure,
    range_change::{
        Holes,
        RangeChange, //
    },
    space::AddressSpace,
    subject::Subject, //
};
use crate::vma::{
    compat::Attributes,
    extent::Range,
    sys::ENOMEM, //
};

/// Changes all VMAs of a range.
pub(super) fn change_range<'t, A: AddressSpace<'t>>(
    space: &mut A,
    range: Range,
    change: &impl RangeChange<'t>,
) -> Result<(), Failure> {
    check_range(space, range, change)?;

    let mut from = range.start();
    while let Some(vma) = first_of(space, from, range) {
        let (part, before, end) = (part_of(vma, range)?, vma.vma_flags(), end_of(vma));
        let stopped = |obstacle| Failure::Stopped(part, obstacle);
        let call = change.want(vma, part).map_err(stopped);
        if !space.goes_on() {
            break;
        }
        from = match call? {
            None => {
                space.keep(part);
                end
            }
            Some(call) => {
                let changed = space.modify(part, change, call).map_err(stopped)?;
                change.count(part, before, changed.flags);
                changed.end
            }
        };
    }
    Ok(())
}

/// Checks that the change is allowed for all VMAs of the range, and that holes in the range are allowed.
fn check_range<'t, A: AddressSpace<'t>>(
    space: &mut A,
    range: Range,
    change: &impl RangeChange<'t>,
) -> Result<(), Failure> {
    let mut coverage = Coverage::new(range, change.holes());
    let mut from = range.start();
    for _ in 0..A::MOST_CHECKED {
        let Some(vma) = first_of(space, from, range) else {
            return coverage.finish();
        };
        coverage.add(vma)?;
        let part = part_of(vma, range)?;
        from = end_of(vma);
        change
            .check(vma, part)
            .map_err(|obstacle| Failure::Stopped(part, obstacle))?;
    }
    Ok(())
}

/// Returns the first VMA of the range that ends above `from` (bytes).
pub(super) fn first_of<'v, 't, A: AddressSpace<'t>>(
    space: &'v mut A,
    from: usize,
    range: Range,
) -> Option<&'v A::Vma> {
    if from >= range.end() {
        return None;
    }
    let first = space.around(from).at;
    first.filter(|vma| vma.extent().range.start() < range.end())
}

/// The coverage of a range by its VMAs.
struct Coverage {
    range: Range,
    holes: Holes,
    /// The end of the covered part, in bytes.
    covered: usize,
    nothing_mapped: bool,
}

impl Coverage {
    /// Returns the coverage before the first VMA.
    fn new(range: Range, holes: Holes) -> Self {
        Self {
            range,
            holes,
            covered: range.start(),
            nothing_mapped: true,
        }
    }

    /// Adds the next VMA of the range.
    fn add(&mut self, vma: &impl Subject) -> Result<(), Failure> {
        match self.holes {
            Holes::Forbidden(errno) if vma.extent().range.start() > self.covered => {
                return Err(Failure::Hole(self.covered, errno));
            }
            _ => self.covered = end_of(vma),
        }
        self.nothing_mapped = false;
        Ok(())
    }

    /// Checks the coverage after the last VMA.
    fn finish(&self) -> Result<(), Failure> {
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

/// Returns the part of a VMA that lies in a range. The two have to overlap.
pub(super) fn part_of(vma: &impl Subject, range: Range) -> Result<Range, Failure> {
    let whole = vma.extent().range;
    let start = whole.start().max(range.start());
    let end = whole.end().min(range.end());
    Range::new(start, end).map_err(|_| Failure::Hole(start, ENOMEM))
}

/// Returns the end of a VMA (bytes).
fn end_of(vma: &impl Subject) -> usize {
    vma.extent().range.end()
}
