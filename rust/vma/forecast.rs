// SPDX-License-Identifier: GPL-2.0

//! The forecast of a decision: the VMAs that result from the decision, computed without carrying it out.
//!
//! A layout is large and the kernel's stack is small, so the functions here are not inlined into their callers.
//!
//! Forecasts are pure, like the decisions. The engine itself does not use them. They are for callers that
//! want to know the result beforehand, or to compare it with C's result.

use super::{
    cut::{
        Split,
        SplitError, //
    },
    extent::{
        Extent,
        Range, //
    },
    host::{
        Error,
        ENOMEM, //
    },
    plan::{
        Decision,
        Plan,
        Shape, //
    },
};

/// The role of a VMA in a call, by its place before the call.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum WhichVma {
    /// The VMA below.
    Prev,
    /// The VMA that the call operates on.
    Middle,
    /// The VMA above.
    Next,
    /// A VMA that did not exist before the call.
    New,
}

impl WhichVma {
    /// Returns the name of the role.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Prev => "prev",
            Self::Middle => "middle",
            Self::Next => "next",
            Self::New => "new",
        }
    }
}

/// A VMA of a layout.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Piece {
    /// The role of the VMA.
    pub(crate) who: WhichVma,
    /// The addresses and the page offsets of the VMA.
    pub(crate) extent: Extent,
}

/// The largest number of VMAs in a layout: a middle that was split twice, and a VMA on either side.
const MOST: usize = 5;

/// VMAs in the order of their addresses.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Layout {
    pieces: [Option<Piece>; MOST],
    /// The number of VMAs, including those for which `pieces` has no room.
    count: usize,
}

impl Layout {
    /// Returns an empty layout.
    pub(crate) const fn new() -> Self {
        Self {
            pieces: [None; MOST],
            count: 0,
        }
    }

    /// Appends a VMA.
    pub(crate) fn push(&mut self, who: WhichVma, extent: Extent) {
        if let Some(piece) = self.pieces.get_mut(self.count) {
            *piece = Some(Piece { who, extent });
        }
        self.count += 1;
    }

    /// Appends a VMA, if there is one.
    fn push_some(&mut self, who: WhichVma, extent: Option<Extent>) {
        if let Some(extent) = extent {
            self.push(who, extent);
        }
    }

    /// Returns the number of VMAs, including those for which there was no room.
    pub(crate) const fn count(&self) -> usize {
        self.count
    }

    /// Returns the VMAs for which there was room.
    pub(crate) fn pieces(&self) -> impl Iterator<Item = &Piece> {
        self.pieces.iter().flatten()
    }
}

/// The return value of a call.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) enum Answer {
    /// This VMA.
    Vma(WhichVma),
    /// No VMA: nothing has merged.
    NotMerged,
    /// Success, without a VMA.
    Done,
    /// An error.
    Fails(Error),
}

/// The forecast of a call that does not run out of memory.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Forecast {
    /// The return value.
    pub(crate) answer: Answer,
    /// The VMAs that the call leaves.
    pub(crate) layout: Layout,
    /// The first of two splits. The call stops after it if there is no memory for the second; see
    /// [`Before::halfway`].
    pub(crate) first_of_two: Option<Split>,
    /// The error of the split that stops the call.
    pub(crate) stopped_by: Option<SplitError>,
}

/// The VMAs that a call operates on, as they are before the call.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Before {
    /// The VMA below.
    pub(crate) prev: Option<Extent>,
    /// The VMA that changes; `None` if a range is mapped.
    pub(crate) middle: Option<Extent>,
    /// The VMA above, if it matters.
    pub(crate) next: Option<Extent>,
}

impl Before {
    /// Returns the layout of all these VMAs.
    pub(crate) fn layout(&self) -> Layout {
        let mut layout = Layout::new();
        layout.push_some(WhichVma::Prev, self.prev);
        layout.push_some(WhichVma::Middle, self.middle);
        layout.push_some(WhichVma::Next, self.next);
        layout
    }

    /// Returns the forecast of a call that changes nothing and returns `answer`.
    fn unchanged(&self, answer: Answer) -> Forecast {
        Forecast::new(answer, self.layout())
    }

    /// Returns the forecast of a merge.
    #[inline(never)]
    fn merged(&self, plan: &Plan) -> Forecast {
        let mut layout = Layout::new();
        if plan.shape.grows_prev() {
            layout.push(WhichVma::Prev, plan.grown);
        } else {
            layout.push_some(WhichVma::Prev, self.prev);
        }
        if let Shape::PrevPart { rest } | Shape::NextPart { rest } = plan.shape {
            layout.push(WhichVma::Middle, rest);
        }
        match plan.shape {
            Shape::Both => {}
            Shape::PrevWhole | Shape::PrevPart { .. } => {
                layout.push_some(WhichVma::Next, self.next)
            }
            Shape::NextWhole | Shape::NextPart { .. } => layout.push(WhichVma::Next, plan.grown),
        }
        let grown = if plan.shape.grows_prev() {
            WhichVma::Prev
        } else {
            WhichVma::Next
        };
        Forecast::new(Answer::Vma(grown), layout)
    }

    /// Returns the forecast of a change to a part of the middle. `may_split` takes an address (bytes) and the
    /// number of splits before this one, and returns `Ok` if the VMA may be split at that address.
    ///
    /// Answers to `vma_modify()`.
    #[inline(never)]
    pub(crate) fn modified(
        &self,
        decision: &Decision,
        range: Range,
        mut may_split: impl FnMut(usize, i32) -> Result<(), SplitError>,
    ) -> Forecast {
        let Some(middle) = self.middle else {
            return self.unchanged(Answer::NotMerged);
        };
        if let Decision::Merge(plan) = decision {
            return self.merged(plan);
        }

        let mut forecast = self.unchanged(Answer::Vma(WhichVma::Middle));
        let first = Split::start_of(range, middle.range);
        let rest = first.map_or(middle.range, Split::kept);
        let second = Split::end_of(range, rest);

        if let Some(first) = first {
            if let Err(error) = may_split(first.addr(), 0) {
                return forecast.stopped_by(error);
            }
            forecast.layout = self.cut([Some(first), None]);
            forecast.first_of_two = second.map(|_| first);
        }
        if let Some(second) = second {
            match may_split(second.addr(), i32::from(first.is_some())) {
                Ok(()) => forecast.layout = self.cut([first, Some(second)]),
                Err(error) => return forecast.stopped_by(error),
            }
        }
        forecast
    }

    /// Returns the layout after these splits of the middle, the lowest first.
    fn cut(&self, splits: [Option<Split>; 2]) -> Layout {
        let mut layout = Layout::new();
        layout.push_some(WhichVma::Prev, self.prev);
        if let Some(middle) = self.middle {
            let splits = splits.into_iter().flatten();
            let kept = splits.clone().last().map_or(middle.range, Split::kept);
            for split in splits.clone() {
                if let Split::NewBelow { new, .. } = split {
                    layout.push(WhichVma::New, middle.seen_through(new));
                }
            }
            layout.push(WhichVma::Middle, middle.seen_through(kept));
            for split in splits {
                if let Split::NewAbove { new, .. } = split {
                    layout.push(WhichVma::New, middle.seen_through(new));
                }
            }
        }
        layout.push_some(WhichVma::Next, self.next);
        layout
    }

    /// Returns the VMAs that a call leaves if memory suffices for only the first of two splits. Returns `None` if its
    /// forecast has no two splits.
    #[inline(never)]
    pub(crate) fn halfway(&self, forecast: &Forecast) -> Option<Layout> {
        forecast
            .first_of_two
            .map(|first| self.cut([Some(first), None]))
    }

    /// Returns the forecast of a call that maps a range. Answers to `vma_merge_new_range()`.
    pub(crate) fn placed(&self, decision: &Decision) -> Forecast {
        match decision {
            Decision::Merge(plan) => self.merged(plan),
            Decision::Abandon(_) | Decision::Keep(_) => self.unchanged(Answer::NotMerged),
        }
    }

    /// Returns the forecast of a call that splits the middle in two. `driver` is `Ok` if the driver and,
    /// where it applies, the limit on the number of VMAs allow the split. Answers to `__split_vma()`.
    pub(crate) fn split(&self, split: Split, driver: Result<(), SplitError>) -> Forecast {
        match driver {
            Ok(()) => Forecast::new(Answer::Done, self.cut([Some(split), None])),
            Err(error) => self.unchanged(Answer::Done).stopped_by(error),
        }
    }

    /// Returns the layout after a part of the middle is unmapped. The rest of the middle on either side is a
    /// new VMA. Answers to `vms_gather_munmap_vmas()` and the steps after it.
    pub(crate) fn removed(&self, part: Range) -> Layout {
        let mut layout = Layout::new();
        layout.push_some(WhichVma::Prev, self.prev);
        if let Some(middle) = self.middle {
            let below = middle.range.cut_before(part).map(|(below, _)| below);
            let above = middle.range.cut_after(part).map(|(_, above)| above);
            for rest in [below, above].into_iter().flatten() {
                layout.push(WhichVma::New, middle.seen_through(rest));
            }
        }
        layout.push_some(WhichVma::Next, self.next);
        layout
    }

    /// Returns the forecast of a call that gives the middle the extent `to` and removes the other VMAs.
    /// Answers to `vma_expand()` and `vma_shrink()`.
    pub(crate) fn resized(&self, to: Extent) -> Forecast {
        let mut layout = Layout::new();
        layout.push(WhichVma::Middle, to);
        Forecast::new(Answer::Done, layout)
    }
}

impl Forecast {
    /// Returns a forecast without an intermediate layout.
    pub(crate) const fn new(answer: Answer, layout: Layout) -> Self {
        Self {
            answer,
            layout,
            first_of_two: None,
            stopped_by: None,
        }
    }

    /// Returns the forecast of a call that leaves the same VMAs, but fails with the error of a split.
    fn stopped_by(self, error: SplitError) -> Self {
        Self {
            answer: Answer::Fails(error.into()),
            stopped_by: Some(error),
            ..self
        }
    }
}

impl Answer {
    /// Returns whether the answer means that the range has merged.
    pub(crate) fn is_merge(&self) -> bool {
        matches!(self, Self::Vma(WhichVma::Prev | WhichVma::Next))
    }

    /// Returns whether the answer is an error other than `ENOMEM`.
    pub(crate) fn is_failure_but_no_memory(&self) -> bool {
        matches!(self, Self::Fails(error) if *error != ENOMEM)
    }

    /// Returns whether the answer is `ENOMEM`.
    pub(crate) fn is_no_memory(&self) -> bool {
        matches!(self, Self::Fails(error) if *error == ENOMEM)
    }
}
