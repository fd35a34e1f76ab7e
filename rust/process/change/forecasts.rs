// SPDX-License-Identifier: GPL-2.0

//! Forecasts for the parts of a range: for each a line, a drawing, and every reason why its neighbours do not take
//! it.

use super::{
    differing::Differing,
    drawing::Drawing,
    failure::Half,
    progress::{
        side,
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

/// The most parts of a range that are listed.
const MOST: usize = 64;

/// The extent of a prediction.
#[derive(Default)]
pub(crate) struct Foreseen {
    /// Whether anything would change, at the end or before it is stopped.
    pub(crate) would_change: bool,
    /// The number of parts that are listed.
    pub(crate) parts: usize,
    /// Whether the range has more parts.
    pub(crate) is_cut_short: bool,
}

/// The forecasts for the parts of a range.
pub(super) struct Forecasts<'d> {
    details: &'d mut Text,
    foreseen: Foreseen,
}

impl<'d> Forecasts<'d> {
    /// Returns the forecasts before the first part. Lines go to `details`.
    pub(super) fn new(details: &'d mut Text) -> Self {
        Self {
            details,
            foreseen: Foreseen::default(),
        }
    }

    /// Returns how far the forecasts go.
    pub(super) fn finish(self) -> Foreseen {
        self.foreseen
    }

    /// Whether there is room for another part, here and for its VMAs. If not, the forecasts are cut short.
    pub(super) fn have_room(&mut self, vmas_have: bool) -> bool {
        self.foreseen.is_cut_short |= self.foreseen.parts == MOST || !vmas_have;
        !self.foreseen.is_cut_short
    }

    /// Adds a `part` that needs no change.
    pub(super) fn unchanged(&mut self, part: Range) {
        self.tell(part, |text| text.append(fmt!("{UNCHANGED}\n")));
    }

    /// Adds a `part` that would be left half way.
    #[inline(never)]
    pub(super) fn half(&mut self, part: Range, half: Half, before: &Before, after: Layout) {
        self.foreseen.would_change = true;
        self.tell(part, |text| {
            text.append(fmt!("{}\n", half.words()))?;
            Drawing::new(before, after, Some(part)).append_to(text)
        });
    }

    /// Adds a part of a VMA, the candidate, that would be changed between these two VMAs.
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

    /// Adds the VMA that covers `whole` and would be cut.
    #[inline(never)]
    pub(super) fn cut(&mut self, whole: Range, cut: Split, before: &Before, after: Layout) {
        self.foreseen.would_change = true;
        self.tell(whole, |text| {
            text.append(fmt!("split at {:x}\n", cut.addr()))?;
            Drawing::new(before, after, None).append_to(text)
        });
    }

    /// Adds a range, the candidate, that would be mapped between these two VMAs.
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

    /// Adds another part, with all of its lines or none.
    fn tell(&mut self, part: Range, say: impl FnOnce(&mut Text) -> Result<(), Full>) {
        let told = self.details.append_whole(|text| {
            text.append(fmt!("  {part:x} "))?;
            say(text)
        });
        match told {
            Ok(()) => self.foreseen.parts += 1,
            Err(Full) => self.foreseen.is_cut_short = true,
        }
    }
}

/// Returns a new VMA and those beside it.
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

/// Returns the VMAs before a call about `whole`, a VMA or a new range; those beside it only if they touch it.
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

/// Whether a VMA on that side of a range touches the range.
fn touches<V: Attributes>(range: Range, side: Side, neighbour: &V) -> bool {
    let neighbour = neighbour.extent().range;
    match side {
        Side::Below => neighbour.end() == range.start(),
        Side::Above => neighbour.start() == range.end(),
    }
}

/// Every reason why the VMAs beside a range do not take it, on either side.
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

    /// Appends the reasons, on each side on which the range does not merge.
    fn append_to(&self, decision: &Decision, text: &mut Text) -> Result<(), Full> {
        let merged = match decision {
            Decision::Merge(plan) => Some(plan.shape),
            Decision::Abandon(_) => {
                text.append(fmt!("    its driver has to see it closed\n"))?;
                None
            }
            Decision::Keep(_) => None,
        };
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
            match decision {
                // This side alone would join, but not together with the other side.
                Decision::Merge(plan) if separator.is_empty() => match plan.other_side {
                    Some(unjoined) => text.append(fmt!("{unjoined}\n"))?,
                    None => text.append(fmt!("\n"))?,
                },
                _ => text.append(fmt!("\n"))?,
            }
        }
        Ok(())
    }
}
