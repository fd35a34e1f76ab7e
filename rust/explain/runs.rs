// SPDX-License-Identifier: GPL-2.0

//! The longest runs of VMAs, each kept apart from the next by the same causes.

use super::{
    boundary::Boundary,
    cause_set::CauseSet, //
};
use crate::vma::extent::Range;

/// The number of runs in an answer.
const RUNS: usize = 5;

/// VMAs one above another, each kept apart from the next by the same causes.
#[derive(Clone, Copy)]
pub(crate) struct Run {
    /// The range from the start of the first VMA to the end of the last.
    pub(crate) range: Range,
    /// The number of VMAs.
    pub(crate) vmas: usize,
    /// The causes.
    pub(crate) causes: CauseSet,
}

/// The longest runs so far.
pub(crate) struct Runs {
    current: Option<Run>,
    longest: [Option<Run>; RUNS],
}

impl Runs {
    /// Creates an empty list of runs.
    pub(super) const fn new() -> Self {
        Self {
            current: None,
            longest: [None; RUNS],
        }
    }

    /// Adds the next boundary.
    pub(super) fn add(&mut self, boundary: &Boundary) {
        match &mut self.current {
            Some(run) if run.causes == boundary.causes => {
                run.vmas += 1;
                run.range = run.range.through(boundary.next.range);
            }
            _ => {
                self.end();
                self.current = (boundary.causes != CauseSet::NONE).then(|| Run {
                    range: boundary.prev.range.through(boundary.next.range),
                    vmas: 2,
                    causes: boundary.causes,
                });
            }
        }
    }

    /// Ends the current run: no more VMAs follow, or the next VMA is not kept apart by the same causes.
    pub(super) fn end(&mut self) {
        insert(&mut self.longest, self.current.take(), |run, other| {
            run.vmas > other.vmas
        });
    }

    /// Returns the longest runs, the longest first.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Run> {
        self.longest.iter().flatten()
    }
}

/// Inserts `item` before the first element that comes after it. The elements from there on move by one place, and the
/// last one is dropped if there is no place for it.
pub(super) fn insert<T>(
    places: &mut [Option<T>],
    item: Option<T>,
    is_before: impl Fn(&T, &T) -> bool,
) {
    let Some(item) = item else { return };
    let place = places.iter().position(|place| match place {
        Some(other) => is_before(&item, other),
        None => true,
    });
    if let Some(rest) = place.and_then(|place| places.get_mut(place..)) {
        rest.rotate_right(1);
        if let Some(first) = rest.first_mut() {
            *first = Some(item);
        }
    }
}
