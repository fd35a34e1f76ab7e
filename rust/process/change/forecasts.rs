// SPDX-License-Identifier: GPL-2.0

//! Predictions for the parts of a range: for each part a line, a drawing, and every reason why its neighbours do not
//! merge with it.

use super::{
    differing::Differing,
    drawing::Drawing,
    failure::Half,
    pair_counts::PairCounts,
    progress::{
        side,
        STAYS,
        UNCHANGED,
        WHOLE, //
    },
};
use crate::{
    text::{
        Full,
        Text, //
    },
    vma::{
        compat::{
            all_blockers,
            Attributes,
            Blocker,
            BlockerSet,
            Candidate,
            Joining,
            Reach,
            Side, //
        },
        cut::Split,
        extent::{
            Extent,
            Range, //
        },
        forecast::{
            Before,
            Layout,
            WhichVma, //
        },
        plan::{
            Decision,
            Shape, //
        }, //
    },
};
use kernel::prelude::*;

/// The maximum number of parts of a range that are listed.
const MOST: usize = 64;

/// The maximum number of parts of a range that are predicted, listed or not, if other changes follow.
const MOST_UNLISTED: usize = 4096;

/// The scope of a prediction.
#[derive(Default)]
pub(crate) struct Foreseen {
    /// Whether anything would change, at the end or before the change fails.
    pub(crate) would_change: bool,
    /// The number of listed parts.
    pub(crate) parts: usize,
    /// Whether the range has more parts.
    pub(crate) is_cut_short: bool,
    /// The pairs of VMAs that `merge` would find.
    pub(crate) pairs: Option<PairCounts>,
    /// The number of parts without a line.
    pub(crate) unlisted: usize,
    /// The number of VMAs that the process would have afterwards.
    pub(crate) vmas: i32,
}

/// The reason why a part of a VMA disappears.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Leaving {
    /// The part is unmapped.
    Unmapped,
    /// The part has moved elsewhere.
    Moved,
}

/// Predictions for the parts of a range.
pub(super) struct Forecasts<'d> {
    details: &'d mut Text,
    foreseen: Foreseen,
    /// Whether other changes follow, which depend on every part, even if the part is not listed.
    others_follow: bool,
}

impl<'d> Forecasts<'d> {
    /// Creates empty forecasts, which write their lines to `details`.
    pub(super) fn new(details: &'d mut Text) -> Self {
        Self {
            details,
            foreseen: Foreseen::default(),
            others_follow: false,
        }
    }

    /// Begins the forecasts for one of several changes, counted from one.
    pub(super) fn begin(&mut self, change: usize) {
        self.others_follow = true;
        // If there is no room for this line, no part of the change is listed either.
        let _ = self.details.append(fmt!("change {change}:\n"));
    }

    /// Returns the scope of the forecasts, and resets them. `vmas` is the number of VMAs that the process would have.
    pub(super) fn finish(&mut self, vmas: i32) -> Foreseen {
        Foreseen {
            vmas,
            ..core::mem::take(&mut self.foreseen)
        }
    }

    /// Returns whether there is room for another part in the forecasts, and, according to `vmas_have`, for its VMAs.
    /// If there is no room, marks the forecasts as cut short.
    pub(super) fn have_room(&mut self, vmas_have: bool) -> bool {
        let parts = self.foreseen.parts + self.foreseen.unlisted;
        let most = if self.others_follow {
            MOST_UNLISTED
        } else {
            MOST
        };
        let has_room = parts < most && vmas_have;
        self.are_cut_short_unless(has_room) && !self.foreseen.is_cut_short
    }

    /// Returns `has_room`. If there is no room, marks the forecasts as cut short.
    pub(super) fn are_cut_short_unless(&mut self, has_room: bool) -> bool {
        self.foreseen.is_cut_short |= !has_room;
        has_room
    }

    /// Adds a `part` that needs no change.
    pub(super) fn unchanged(&mut self, part: Range) {
        self.tell(part, |text| text.append(fmt!("{UNCHANGED}\n")));
    }

    /// Adds a `part` whose change would not be completed.
    #[inline(never)]
    pub(super) fn half(&mut self, part: Range, half: Half, before: &Before, after: Layout) {
        self.foreseen.would_change = true;
        self.tell(part, |text| {
            text.append(fmt!("{}\n", half.words()))?;
            Drawing::new(before, after, Some(part)).append_to(text)
        });
    }

    /// Adds a part of a VMA, the candidate, that would be changed between `prev` and `next`.
    #[inline(never)]
    pub(super) fn modified<V: Attributes>(
        &mut self,
        candidate: &Candidate<'_, V>,
        reach: Result<Reach, Blocker>,
        [prev, next]: [Option<&V>; 2],
        decision: &Decision,
        before: &Before,
        after: Layout,
    ) {
        self.foreseen.would_change = true;
        let part = candidate.extent.range;
        let is_whole = before.middle.is_some_and(|middle| middle.range == part);
        self.tell(part, |text| {
            match decision {
                Decision::Merge(plan) => text.append(fmt!("merged {}\n", side(plan.shape)))?,
                _ if is_whole => text.append(fmt!("{WHOLE}\n"))?,
                _ => text.append(fmt!("split off\n"))?,
            }
            Drawing::new(before, after, Some(part)).append_to(text)?;
            SideBlockers::new(candidate, reach, prev, next).append_to(decision, text)
        });
    }

    /// Adds a range in which nothing is mapped.
    pub(super) fn nothing_mapped(&mut self, range: Range) {
        self.tell(range, |text| {
            text.append(fmt!("unchanged: nothing is mapped there\n"))
        });
    }

    /// Adds a part of a VMA that would disappear.
    #[inline(never)]
    pub(super) fn removed(
        &mut self,
        part: Range,
        leaving: Leaving,
        before: &Before,
        after: Layout,
    ) {
        let gone = match leaving {
            Leaving::Unmapped => "unmapped",
            Leaving::Moved => "gone from here",
        };
        let whole = before.middle.map_or(part, |middle| middle.range);
        let how = match (whole.cut_before(part), whole.cut_after(part)) {
            (None, None) => ", a whole VMA",
            (Some(_), None) => ", split at its start",
            (None, Some(_)) => ", split at its end",
            (Some(_), Some(_)) => ", split at both ends",
        };
        self.foreseen.would_change = true;
        self.tell_or_count(part, |text| {
            text.append(fmt!("{gone}{how}\n"))?;
            Drawing::new(before, after, Some(part)).append_to(text)
        });
    }

    /// Adds a range, the candidate, to which `part` of a VMA would move, between `prev` and `next`.
    #[inline(never)]
    pub(super) fn copied<V: Attributes>(
        &mut self,
        part: Range,
        candidate: &Candidate<'_, V>,
        [prev, next]: [Option<&V>; 2],
        decision: &Decision,
        before: &Before,
        after: Layout,
    ) {
        let range = candidate.extent.range;
        self.foreseen.would_change = true;
        self.tell_or_count(range, |text| {
            text.append(fmt!("moved here from {part:x}, "))?;
            match decision {
                Decision::Merge(plan) => text.append(fmt!("merged {}\n", side(plan.shape)))?,
                _ => text.append(fmt!("not merged\n"))?,
            }
            Drawing::new(before, after, Some(range)).append_to(text)?;
            let reach = Reach::of_new(candidate, Joining::EitherSide);
            SideBlockers::new(candidate, reach, prev, next).append_to(decision, text)
        });
    }

    /// Adds a VMA, the candidate, that would merge with the VMA above, `upper`, or stay apart from it.
    #[inline(never)]
    pub(super) fn joined<V: Attributes>(
        &mut self,
        candidate: &Candidate<'_, V>,
        reach: Result<Reach, Blocker>,
        upper: &V,
        decision: &Decision,
        before: &Before,
        after: Layout,
    ) {
        let lower = candidate.extent.range;
        let merges = matches!(decision, Decision::Merge(_));
        self.foreseen.would_change |= merges;
        self.tell_or_count(lower, |text| {
            if merges {
                text.append(fmt!("merged above\n"))?;
                Drawing::new(before, after, Some(lower)).append_to(text)
            } else {
                text.append(fmt!("{STAYS}\n"))?;
                SideBlockers::new(candidate, reach, None, Some(upper))
                    .append_above_to(decision, text)
            }
        });
    }

    /// Records the predicted counts for pairs of VMAs.
    pub(super) fn tell_pairs(&mut self, pairs: PairCounts) {
        self.foreseen.pairs = Some(pairs);
    }

    /// Adds the VMA that covers `whole` and would be cut.
    #[inline(never)]
    pub(super) fn cut(&mut self, whole: Range, cut: Split, before: &Before, after: Layout) {
        self.foreseen.would_change = true;
        self.tell(whole, |text| {
            text.append(fmt!("split at {:x}\n", cut.addr()))?;
            Drawing::new(before, after, None).append_to(text)
        });
    }

    /// Adds a range, the candidate, that would be mapped between `prev` and `next`.
    #[inline(never)]
    pub(super) fn placed<V: Attributes>(
        &mut self,
        candidate: &Candidate<'_, V>,
        [prev, next]: [Option<&V>; 2],
        decision: &Decision,
        before: &Before,
        after: Layout,
    ) {
        let range = candidate.extent.range;
        self.foreseen.would_change = true;
        self.tell(range, |text| {
            match decision {
                Decision::Merge(plan) => text.append(fmt!("merged {}\n", side(plan.shape)))?,
                _ => text.append(fmt!("not merged\n"))?,
            }
            Drawing::new(before, after, Some(range)).append_to(text)?;
            let reach = Reach::of_new(candidate, Joining::EitherSide);
            SideBlockers::new(candidate, reach, prev, next).append_to(decision, text)
        });
    }

    /// Adds another part like [`tell`](Self::tell), or counts it if there is no room for it.
    fn tell_or_count(&mut self, part: Range, say: impl FnOnce(&mut Text) -> Result<(), Full>) {
        let told = self.foreseen.unlisted == 0
            && self.foreseen.parts < MOST
            && self.append(part, say).is_ok();
        if told {
            self.foreseen.parts += 1;
        } else {
            self.foreseen.unlisted += 1;
        }
    }

    /// Adds another part, with all of its lines or with none.
    fn tell(&mut self, part: Range, say: impl FnOnce(&mut Text) -> Result<(), Full>) {
        if self.others_follow {
            return self.tell_or_count(part, say);
        }
        match self.append(part, say) {
            Ok(()) => self.foreseen.parts += 1,
            Err(Full) => self.foreseen.is_cut_short = true,
        }
    }

    fn append(
        &mut self,
        part: Range,
        say: impl FnOnce(&mut Text) -> Result<(), Full>,
    ) -> Result<(), Full> {
        self.details.append_whole(|text| {
            text.append(fmt!("  {part:x} "))?;
            say(text)
        })
    }
}

/// Returns a layout of a new VMA and the VMAs beside it.
pub(super) fn with_new(beside: &Before, new: Extent) -> Layout {
    let mut layout = Layout::new();
    let sides = [
        beside.prev.map(|extent| (WhichVma::Prev, extent)),
        Some((WhichVma::New, new)),
        beside.next.map(|extent| (WhichVma::Next, extent)),
    ];
    for (who, extent) in sides.into_iter().flatten() {
        layout.push(who, extent);
    }
    layout
}

/// Returns the VMAs before a call about `whole`, a VMA or a new range. Only neighbours that touch `whole` are
/// included.
pub(super) fn before<V: Attributes>(
    whole: Range,
    prev: Option<&V>,
    middle: Option<&V>,
    next: Option<&V>,
) -> Before {
    let touching =
        |side, vma: Option<&V>| vma.filter(|vma| touches(whole, side, *vma)).map(V::extent);
    Before {
        prev: touching(Side::Below, prev),
        middle: middle.map(V::extent),
        next: touching(Side::Above, next),
    }
}

/// Returns whether a VMA on this side of a range touches the range.
fn touches<V: Attributes>(range: Range, side: Side, neighbour: &V) -> bool {
    let neighbour = neighbour.extent().range;
    match side {
        Side::Below => neighbour.end() == range.start(),
        Side::Above => neighbour.start() == range.end(),
    }
}

/// Every reason why the VMAs beside a range do not merge with it, by side.
struct SideBlockers {
    below: BlockerSet,
    above: BlockerSet,
    differing: Differing,
}

impl SideBlockers {
    fn new<V: Attributes>(
        candidate: &Candidate<'_, V>,
        reach: Result<Reach, Blocker>,
        prev: Option<&V>,
        next: Option<&V>,
    ) -> Self {
        let blockers = |side, neighbour: Option<&V>| match neighbour {
            Some(neighbour) if touches(candidate.extent.range, side, neighbour) => {
                all_blockers(candidate, reach, side, neighbour)
            }
            _ => match reach.and_then(|reach| reach.to(side)) {
                Err(blocker) => BlockerSet::NONE.with(blocker),
                Ok(()) => BlockerSet::NONE.with(Blocker::NotAdjacent),
            },
        };
        Self {
            below: blockers(Side::Below, prev),
            above: blockers(Side::Above, next),
            differing: Differing::of(
                candidate.extent.range,
                candidate.flags,
                [prev, None, next], //
            ),
        }
    }

    /// Appends the reasons, for each side on which the range does not merge.
    fn append_to(&self, decision: &Decision, text: &mut Text) -> Result<(), Full> {
        let merged = match decision {
            Decision::Merge(plan) => Some(plan.shape),
            _ => None,
        };
        append_closing(decision, text)?;
        let sides = [
            (
                Side::Below,
                self.below,
                merged.is_some_and(Shape::grows_prev),
            ),
            (
                Side::Above,
                self.above,
                merged.is_some_and(|shape| shape == Shape::Both || !shape.grows_prev()),
            ),
        ];
        for (side, blockers, joined) in sides {
            if joined {
                continue;
            }
            self.append_side(side, blockers, text)?;
            match decision {
                // This neighbour would merge alone, but not together with the other neighbour.
                Decision::Merge(plan) if blockers == BlockerSet::NONE => match plan.other_side {
                    Some(unjoined) => text.append(fmt!("{unjoined}\n"))?,
                    None => text.append(fmt!("\n"))?,
                },
                _ => text.append(fmt!("\n"))?,
            }
        }
        Ok(())
    }

    /// Appends the reasons for the side above, on which the range does not merge.
    fn append_above_to(&self, decision: &Decision, text: &mut Text) -> Result<(), Full> {
        append_closing(decision, text)?;
        self.append_side(Side::Above, self.above, text)?;
        text.append(fmt!("\n"))
    }

    /// Appends the reasons for one side.
    fn append_side(&self, side: Side, blockers: BlockerSet, text: &mut Text) -> Result<(), Full> {
        text.append_str(match side {
            Side::Below => "    below: ",
            Side::Above => "    above: ",
        })?;
        let mut separator = "";
        for blocker in blockers.iter() {
            let why = self.differing.told(side, blocker);
            text.append(fmt!("{separator}{why}"))?;
            separator = "; ";
        }
        Ok(())
    }
}

/// Appends a line if nothing merges because the driver of a VMA has a close hook.
fn append_closing(decision: &Decision, text: &mut Text) -> Result<(), Full> {
    match decision {
        Decision::Abandon(_) => text.append(fmt!("    its driver has to see it closed\n")),
        _ => Ok(()),
    }
}
