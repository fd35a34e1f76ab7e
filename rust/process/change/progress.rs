// SPDX-License-Identifier: GPL-2.0

//! The progress of a command: one line for each VMA of a range, and counts.

use super::{
    differing::Differing,
    failure::Half,
    pair_counts::PairCounts, //
};
use crate::{
    text::Text,
    vma::{
        compat::{
            Reduction,
            Side, //
        },
        extent::Range,
        merge::Unmerged,
        modify::{
            Cut,
            Outcome, //
        },
        plan::{
            Blockers,
            Plan,
            Shape,
            Unjoined, //
        },
        sys::Vma, //
    },
};
use kernel::{
    fmt,
    prelude::*, //
};

/// The words for a part that needed no change.
pub(super) const UNCHANGED: &str = "unchanged: nothing to change";

/// The words for a part that is a whole VMA and remains one.
pub(super) const WHOLE: &str = "changed, its extent unchanged";

/// The words for a VMA that does not merge with the VMA above, although the two touch.
pub(super) const STAYS: &str = "stays apart from the VMA above";

/// Returns the side on which a range merges, as the word that follows "merged".
pub(super) fn side(shape: Shape) -> &'static str {
    match shape {
        Shape::Both => "both",
        Shape::PrevWhole | Shape::PrevPart { .. } => "below",
        Shape::NextWhole | Shape::NextPart { .. } => "above",
    }
}

/// The number of VMAs for each kind of result.
#[derive(Default)]
pub(crate) struct PartCounts {
    merged: usize,
    split: usize,
    whole: usize,
    unchanged: usize,
    alone: usize,
    half: usize,
    /// The counts of the pairs of VMAs that `merge` has found.
    pairs: Option<PairCounts>,
    /// The number of VMAs whose lines did not fit.
    pub(crate) unlisted: usize,
}

impl PartCounts {
    /// Returns whether every VMA is unchanged.
    pub(crate) fn nothing_changed(&self) -> bool {
        self.merged + self.split + self.whole + self.alone + self.half == 0
    }
}

impl fmt::Display for PartCounts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(pairs) = &self.pairs {
            return fmt::Display::fmt(pairs, f);
        }
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

/// Counts the VMAs, and writes a line about each.
pub(super) struct Progress<'a> {
    details: &'a mut Text,
    counts: PartCounts,
}

impl<'a> Progress<'a> {
    /// Creates empty progress, which writes its lines to `details`.
    pub(super) fn new(details: &'a mut Text) -> Self {
        Self {
            details,
            counts: PartCounts::default(),
        }
    }

    /// Returns the counts.
    pub(super) fn finish(self) -> PartCounts {
        self.counts
    }

    /// Adds a `part` that needed no change.
    pub(super) fn unchanged(&mut self, part: Range) {
        self.counts.unchanged += 1;
        self.list(part, fmt!("{UNCHANGED}"));
    }

    /// Adds a `part` that was changed. `now` is the range of the VMA that covers the part now.
    pub(super) fn modified(
        &mut self,
        part: Range,
        now: Range,
        outcome: &Outcome,
        differing: &Differing,
    ) {
        let why = |unmerged| WhyUnmerged(unmerged, differing);
        match outcome {
            Outcome::Merged(plan) => {
                self.counts.merged += 1;
                self.list_merged(part, now, plan, differing);
            }
            Outcome::Split(cut, unmerged) => {
                self.counts.split += 1;
                let place = match cut {
                    Cut::Start => "at its start",
                    Cut::End => "at its end",
                    Cut::Both => "at both ends",
                };
                self.list(part, fmt!("split {place}: {}", why(unmerged)));
            }
            Outcome::Whole(unmerged) => {
                self.counts.whole += 1;
                self.list(part, fmt!("{WHOLE}: {}", why(unmerged)));
            }
        }
    }

    /// Adds a VMA, `lower`, that has merged with the VMA above, so that they cover `now`, or that has not merged for
    /// the reason in `stays`.
    pub(super) fn joined(
        &mut self,
        lower: Range,
        now: Range,
        stays: Option<&Unmerged>,
        differing: &Differing,
    ) {
        match stays {
            None => {
                self.counts.merged += 1;
                self.list(lower, fmt!("merged above: now {now:x}"));
            }
            Some(Unmerged::Blocked(Blockers { next, .. })) => {
                let why = differing.told(Side::Above, *next);
                self.list(lower, fmt!("{STAYS}: {why}"));
            }
            Some(unmerged) => self.list(lower, fmt!("{STAYS}: {unmerged}")),
        }
    }

    /// Records the counts for pairs of VMAs.
    pub(super) fn tell_pairs(&mut self, pairs: PairCounts) {
        self.counts.pairs = Some(pairs);
    }

    /// Adds a `range` that was mapped and became part of `vma`.
    pub(super) fn placed(
        &mut self,
        range: Range,
        vma: &Vma<'_, '_>,
        plan: &Plan,
        differing: &Differing,
    ) {
        self.counts.merged += 1;
        self.list_merged(range, vma.range(), plan, differing);
    }

    /// Adds a `range` that was mapped as a separate VMA. `unmerged` says why; `None` means out of memory.
    pub(super) fn placed_alone(
        &mut self,
        range: Range,
        unmerged: Option<&Unmerged>,
        differing: &Differing,
    ) {
        self.counts.alone += 1;
        match unmerged {
            Some(unmerged) => {
                let why = WhyUnmerged(unmerged, differing);
                self.list(range, fmt!("is a separate VMA: {why}"));
            }
            None => self.list(range, fmt!("is a separate VMA: no memory")),
        }
    }

    /// Adds the VMA that covered `whole` and was cut at `addr` (bytes).
    pub(super) fn cut(&mut self, whole: Range, addr: usize) {
        self.counts.split += 1;
        self.list(whole, fmt!("split at {addr:x}"));
    }

    /// Adds a `part` whose change was not completed.
    pub(super) fn half(&mut self, part: Range, half: Half) {
        match half {
            Half::Split => self.counts.split += 1,
            Half::Changed => self.counts.half += 1,
        }
        self.list(part, fmt!("{}", half.words()));
    }

    /// Adds a line about a merge.
    fn list_merged(&mut self, part: Range, now: Range, plan: &Plan, differing: &Differing) {
        let side = side(plan.shape);
        let other = if plan.shape.grows_prev() {
            Side::Above
        } else {
            Side::Below
        };
        match plan.other_side {
            None => self.list(part, fmt!("merged {side}: now {now:x}")),
            Some(Unjoined::Blocked(blocker)) => {
                let why = differing.told(other, blocker);
                self.list(
                    part,
                    fmt!("merged {side}: now {now:x}; on the other side, {why}"),
                );
            }
            Some(unjoined) => self.list(
                part,
                fmt!("merged {side}: now {now:x}; on the other side, {unjoined}"),
            ),
        }
    }

    /// Adds a line, unless a previous line did not fit.
    fn list(&mut self, part: Range, what: fmt::Arguments<'_>) {
        let fits =
            self.counts.unlisted == 0 && self.details.append(fmt!("  {part:x} {what}\n")).is_ok();
        if !fits {
            self.counts.unlisted += 1;
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

/// The reasons why a range has not merged, with the flags that differ.
struct WhyUnmerged<'a>(&'a Unmerged, &'a Differing);

impl fmt::Display for WhyUnmerged<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(unmerged, differing) = self;
        match unmerged {
            Unmerged::Blocked(Blockers { prev, next }) => {
                let below = differing.told(Side::Below, *prev);
                let above = differing.told(Side::Above, *next);
                if below == above {
                    fmt::Display::fmt(&below, f)
                } else {
                    f.write_fmt(fmt!("below, {below}; above, {above}"))
                }
            }
            Unmerged::MustNotDisappear(_) => write!(f, "its driver has to see it closed"),
            Unmerged::GaveUp(_) => write!(f, "no memory"),
        }
    }
}

impl fmt::Display for Unmerged {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        WhyUnmerged(self, &Differing::NONE).fmt(f)
    }
}
