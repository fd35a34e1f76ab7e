// SPDX-License-Identifier: GPL-2.0

//! The longest runs of VMAs, each kept apart from the next by the same causes.

use super::{
    boundary::Boundary,
    cause_set::CauseSet, //
};
use crate::vma::extent::Range;

/// The number of runs that are told.
const RUNS: usize = 5;

/// VMAs one above the other, each kept apart from the next by the same causes.
#[derive(Clone, Copy)]
pub(crate) struct Run {
    /// From the first one's start to the last one's end.
    pub(crate) range: Range,
    /// The number of VMAs.
    pub(crate) vmas: usize,
    /// The causes.
    pub(crate) causes: CauseSet,
}

/// The longest runs of those that came one after the other.
pub(crate) struct Runs {
    current: Option<Run>,
    longest: [Option<Run>; RUNS],
}

impl Runs {
    /// There were none.
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

    /// No more VMAs come, or none that is kept apart like the last ones.
    pub(super) fn end(&mut self) {
        insert(&mut self.longest, self.current.take(), |run, other| {
            run.vmas > other.vmas
        });
    }

    /// The longest runs, the longest first.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Run> {
        self.longest.iter().flatten()
    }
}

/// Puts `item` before the first one that comes after it; the others move on, and the one that has no place
/// any more is forgotten.
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
