// SPDX-License-Identifier: GPL-2.0

//! What the VMAs will be: the layout that a decision leads to, with nothing carried out.
//!
//! Pure, like the decisions. The engine itself does not need it: it is for those who want to know
//! beforehand, or to compare with what somebody else did.

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

/// Which VMA it is, by what it was before.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum WhichVma {
    /// The one before.
    Prev,
    /// The one that the call is about.
    Middle,
    /// The one after.
    Next,
    /// One that was not there.
    New,
}

impl WhichVma {
    /// What it is called.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Prev => "prev",
            Self::Middle => "middle",
            Self::Next => "next",
            Self::New => "new",
        }
    }
}

/// A VMA, and where it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Piece {
    /// Which one it is.
    pub(crate) who: WhichVma,
    /// Where it lies and what it maps.
    pub(crate) extent: Extent,
}

/// The most VMAs there are in a layout: a middle that was cut twice, and one on either side.
const MOST: usize = 5;

/// Some VMAs, one after the other.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Layout {
    pieces: [Option<Piece>; MOST],
    /// How many there are, even if not all are known.
    count: usize,
}

impl Layout {
    /// None.
    pub(crate) const fn new() -> Self {
        Self {
            pieces: [None; MOST],
            count: 0,
        }
    }

    /// Appends one.
    pub(crate) fn push(&mut self, who: WhichVma, extent: Extent) {
        if let Some(piece) = self.pieces.get_mut(self.count) {
            *piece = Some(Piece { who, extent });
        }
        self.count += 1;
    }

    /// Appends one, if it is there.
    fn push_some(&mut self, who: WhichVma, extent: Option<Extent>) {
        if let Some(extent) = extent {
            self.push(who, extent);
        }
    }

    /// How many there are.
    pub(crate) const fn count(&self) -> usize {
        self.count
    }

    /// Those that are known.
    pub(crate) fn pieces(&self) -> impl Iterator<Item = &Piece> {
        self.pieces.iter().flatten()
    }
}

/// What a call returns.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) enum Answer {
    /// This VMA.
    Vma(WhichVma),
    /// No VMA: nothing has merged.
    NotMerged,
    /// That it is done.
    Done,
    /// An error.
    Fails(Error),
}

/// What a call will do, if there is memory.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Forecast {
    /// What it returns.
    pub(crate) answer: Answer,
    /// What it leaves.
    pub(crate) layout: Layout,
    /// What it leaves if there is memory for the first of two cuts only.
    pub(crate) halfway: Option<Layout>,
    /// The error of the cut that stops it.
    pub(crate) stopped_by: Option<SplitError>,
}

/// The VMAs that a call is about, as they are before it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Before {
    /// The one before.
    pub(crate) prev: Option<Extent>,
    /// The one that changes; none if something is mapped.
    pub(crate) middle: Option<Extent>,
    /// The one after, as far as it matters.
    pub(crate) next: Option<Extent>,
}

impl Before {
    /// All of them.
    pub(crate) fn layout(&self) -> Layout {
        let mut layout = Layout::new();
        layout.push_some(WhichVma::Prev, self.prev);
        layout.push_some(WhichVma::Middle, self.middle);
        layout.push_some(WhichVma::Next, self.next);
        layout
    }

    /// Nothing changes.
    fn unchanged(&self, answer: Answer) -> Forecast {
        Forecast::new(answer, self.layout())
    }

    /// A merge.
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

    /// A part of the middle changes. `may_split` says whether a VMA may be cut at an address (bytes)
    /// after that many other cuts.
    ///
    /// Answers to `vma_modify()`.
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
            forecast.halfway = second.map(|_| forecast.layout);
        }
        if let Some(second) = second {
            match may_split(second.addr(), i32::from(first.is_some())) {
                Ok(()) => forecast.layout = self.cut([first, Some(second)]),
                Err(error) => return forecast.stopped_by(error),
            }
        }
        forecast
    }

    /// The middle is cut like this, from below to above.
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

    /// Something is mapped. Answers to `vma_merge_new_range()`.
    pub(crate) fn placed(&self, decision: &Decision) -> Forecast {
        match decision {
            Decision::Merge(plan) => self.merged(plan),
            Decision::Abandon(_) | Decision::Keep(_) => self.unchanged(Answer::NotMerged),
        }
    }

    /// The middle is cut in two; the driver says whether it may. Answers to `__split_vma()`.
    pub(crate) fn split(&self, split: Split, driver: Result<(), SplitError>) -> Forecast {
        match driver {
            Ok(()) => Forecast::new(Answer::Done, self.cut([Some(split), None])),
            Err(error) => self.unchanged(Answer::Done).stopped_by(error),
        }
    }

    /// A part of the middle is unmapped. What is left of the middle on either side is a new VMA. Answers to
    /// `vms_gather_munmap_vmas()` and what follows it.
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

    /// The middle becomes `to`, and nothing else is left of the others. Answers to `vma_expand()` and
    /// `vma_shrink()`.
    pub(crate) fn resized(&self, to: Extent) -> Forecast {
        let mut layout = Layout::new();
        layout.push(WhichVma::Middle, to);
        Forecast::new(Answer::Done, layout)
    }
}

impl Forecast {
    /// With no stage in between.
    pub(crate) const fn new(answer: Answer, layout: Layout) -> Self {
        Self {
            answer,
            layout,
            halfway: None,
            stopped_by: None,
        }
    }

    /// It leaves the same, but fails, with the error of a cut.
    fn stopped_by(self, error: SplitError) -> Self {
        Self {
            answer: Answer::Fails(error.into()),
            stopped_by: Some(error),
            ..self
        }
    }
}

impl Answer {
    /// Whether it says that the range has merged.
    pub(crate) fn is_merge(&self) -> bool {
        matches!(self, Self::Vma(WhichVma::Prev | WhichVma::Next))
    }

    /// Whether it is an error other than that there was no memory.
    pub(crate) fn is_failure_but_no_memory(&self) -> bool {
        matches!(self, Self::Fails(error) if *error != ENOMEM)
    }

    /// Whether it says that there was no memory.
    pub(crate) fn is_no_memory(&self) -> bool {
        matches!(self, Self::Fails(error) if *error == ENOMEM)
    }
}
