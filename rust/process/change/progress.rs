// SPDX-License-Identifier: GPL-2.0

//! What becomes of the VMAs in a range, one after the other: a line for each, and how many of a kind.

use crate::{
    text::Text,
    vma::{
        compat::Reduction,
        extent::Range,
        merge::Unmerged,
        modify::{
            Cut,
            Modified,
            Outcome as Done, //
        },
        plan::{
            Blockers,
            Plan,
            Shape,
            Unjoined, //
        },
        sys::Vma,
    },
};
use kernel::{
    fmt,
    prelude::*, //
};

/// How many VMAs were treated in which way.
#[derive(Default)]
pub(super) struct Counts {
    merged: usize,
    split: usize,
    whole: usize,
    unchanged: usize,
    alone: usize,
    half: usize,
}

impl Counts {
    /// Whether every VMA is as it was.
    pub(super) fn nothing_changed(&self) -> bool {
        self.merged + self.split + self.whole + self.alone + self.half == 0
    }
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} merged, {} split, {} changed whole, {} unchanged",
            self.merged, self.split, self.whole, self.unchanged
        )?;
        if self.alone > 0 {
            write!(f, ", {} mapped on its own", self.alone)?;
        }
        if self.half > 0 {
            write!(f, ", {} changed in part", self.half)?;
        }
        Ok(())
    }
}

/// Tells of one VMA after the other.
pub(super) struct Progress<'a> {
    details: &'a mut Text,
    counts: Counts,
    unlisted: usize,
}

impl<'a> Progress<'a> {
    /// Nothing was done yet; lines will go to `details`.
    pub(super) fn new(details: &'a mut Text) -> Self {
        Self {
            details,
            counts: Counts::default(),
            unlisted: 0,
        }
    }

    /// How many there were, and of how many there is no line because there was no more room.
    pub(super) fn finish(self) -> (Counts, usize) {
        (self.counts, self.unlisted)
    }

    /// `part` needed no change.
    pub(super) fn unchanged(&mut self, part: Range) {
        self.counts.unchanged += 1;
        self.list(part, fmt!("unchanged: it is so already"));
    }

    /// `part` was made ready and changed.
    pub(super) fn modified(&mut self, part: Range, modified: &Modified<'_>) {
        let now = modified.vma.range();
        match modified.outcome {
            Done::Merged(plan) => {
                self.counts.merged += 1;
                self.list_merged(part, now, &plan);
            }
            Done::Split(cut, unmerged) => {
                self.counts.split += 1;
                let place = match cut {
                    Cut::Start => "at its start",
                    Cut::End => "at its end",
                    Cut::Both => "at both ends",
                };
                self.list(part, fmt!("split {place}: {unmerged}"));
            }
            Done::Whole(unmerged) => {
                self.counts.whole += 1;
                self.list(part, fmt!("changed, its extent unchanged: {unmerged}"));
            }
        }
    }

    /// `range` was mapped, and became part of a VMA, which is `vma` now.
    pub(super) fn placed(&mut self, range: Range, vma: &Vma<'_>, plan: &Plan) {
        self.counts.merged += 1;
        self.list_merged(range, vma.range(), plan);
    }

    /// `range` was mapped, and is a VMA of its own; because there was no memory, if that is not why.
    pub(super) fn placed_alone(&mut self, range: Range, unmerged: Option<&Unmerged>) {
        self.counts.alone += 1;
        match unmerged {
            Some(unmerged) => self.list(range, fmt!("is a VMA of its own: {unmerged}")),
            None => self.list(range, fmt!("is a VMA of its own: no memory")),
        }
    }

    /// The VMA that covered `whole` was cut at `addr` (bytes).
    pub(super) fn cut(&mut self, whole: Range, addr: usize) {
        self.counts.split += 1;
        self.list(whole, fmt!("split at {addr:x}"));
    }

    /// `part` was split at its start and could not be at its end, so it was not changed.
    pub(super) fn half_split(&mut self, part: Range) {
        self.counts.split += 1;
        self.list(part, fmt!("split at its start only, and not changed"));
    }

    /// `part` is not as it was, and not as it was to be.
    pub(super) fn half_changed(&mut self, part: Range) {
        self.counts.half += 1;
        self.list(part, fmt!("changed in part only"));
    }

    /// Adds a line about a merge.
    fn list_merged(&mut self, part: Range, now: Range, plan: &Plan) {
        let side = match plan.shape {
            Shape::Both => "both",
            Shape::LeftWhole | Shape::LeftPart { .. } => "left",
            Shape::RightWhole | Shape::RightPart { .. } => "right",
        };
        let (start, end) = (now.start(), now.end());
        match plan.other_side {
            None => self.list(part, fmt!("merged {side}: now {start:x}-{end:x}")),
            Some(unjoined) => self.list(
                part,
                fmt!("merged {side}: now {start:x}-{end:x}; on the other side, {unjoined}"),
            ),
        }
    }

    /// Adds a line, unless there was no room for one before.
    fn list(&mut self, part: Range, what: fmt::Arguments<'_>) {
        let fits = self.unlisted == 0
            && self
                .details
                .append(fmt!("  {:x}-{:x} {what}\n", part.start(), part.end()))
                .is_ok();
        if !fits {
            self.unlisted += 1;
        }
    }
}

impl fmt::Display for Unjoined {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Blocked(blocker) => f.write_str(blocker.describe()),
            Self::Reduced(Reduction::NextStays) => f.write_str("the driver has to see it closed"),
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
            Self::GaveUp(_) => write!(f, "no memory"),
            Self::Misfit(_) => write!(f, "the plan was wrong, which is a bug"),
        }
    }
}
