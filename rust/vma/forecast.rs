// SPDX-License-Identifier: GPL-2.0

//! What the VMAs will be: the layout that a decision leads to, with nothing carried out.
//!
//! Pure, like the decisions. The engine itself does not need it: it is for those who want to know
//! beforehand, or to compare with what somebody else did.

use super::{
    extent::{
        Extent,
        Range, //
    },
    plan::{
        Decision,
        Plan,
        Shape, //
    },
    split::SplitError,
    sys::{
        Error,
        ENOMEM, //
    },
};

/// Which VMA it is, by what it was before.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Who {
    /// The one before.
    Prev,
    /// The one that the call is about.
    Middle,
    /// The one after.
    Next,
    /// One that was not there.
    New,
}

impl Who {
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
    pub(crate) who: Who,
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
    pub(crate) fn push(&mut self, who: Who, extent: Extent) {
        if let Some(piece) = self.pieces.get_mut(self.count) {
            *piece = Some(Piece { who, extent });
        }
        self.count += 1;
    }

    /// Appends one, if it is there.
    fn push_some(&mut self, who: Who, extent: Option<Extent>) {
        if let Some(extent) = extent {
            self.push(who, extent);
        }
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
    Vma(Who),
    /// No VMA: nothing has merged.
    NotMerged,
    /// That it is done.
    Done,
    /// An error.
    Fails(Error),
}

/// What a call will do, if there is memory.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) struct Forecast {
    /// What it returns.
    pub(crate) answer: Answer,
    /// What it leaves.
    pub(crate) layout: Layout,
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
    fn layout(&self) -> Layout {
        let mut layout = Layout::new();
        layout.push_some(Who::Prev, self.prev);
        layout.push_some(Who::Middle, self.middle);
        layout.push_some(Who::Next, self.next);
        layout
    }

    /// Nothing changes.
    fn unchanged(&self, answer: Answer) -> Forecast {
        Forecast {
            answer,
            layout: self.layout(),
        }
    }

    /// A merge.
    fn merged(&self, plan: &Plan) -> Forecast {
        let mut layout = Layout::new();
        if plan.shape.grows_prev() {
            layout.push(Who::Prev, plan.grown);
        } else {
            layout.push_some(Who::Prev, self.prev);
        }
        if let Shape::LeftPart { rest } | Shape::RightPart { rest } = plan.shape {
            layout.push(Who::Middle, rest);
        }
        match plan.shape {
            Shape::Both => {}
            Shape::LeftWhole | Shape::LeftPart { .. } => layout.push_some(Who::Next, self.next),
            Shape::RightWhole | Shape::RightPart { .. } => layout.push(Who::Next, plan.grown),
        }
        let grown = if plan.shape.grows_prev() {
            Who::Prev
        } else {
            Who::Next
        };
        Forecast {
            answer: Answer::Vma(grown),
            layout,
        }
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

        let mut layout = Layout::new();
        layout.push_some(Who::Prev, self.prev);
        let (mut kept, mut cuts) = (middle, 0);
        let mut answer = Answer::Vma(Who::Middle);
        if let Some((below, rest)) = kept.range.cut(range.start()) {
            if let Err(error) = may_split(range.start(), cuts) {
                return self.unchanged(Answer::Fails(error.into()));
            }
            layout.push(Who::New, kept.seen_through(below));
            kept = kept.seen_through(rest);
            cuts += 1;
        }
        match kept.range.cut(range.end()) {
            None => layout.push(Who::Middle, kept),
            Some((within, above)) => match may_split(range.end(), cuts) {
                Ok(()) => {
                    layout.push(Who::Middle, kept.seen_through(within));
                    layout.push(Who::New, kept.seen_through(above));
                }
                Err(error) => {
                    layout.push(Who::Middle, kept);
                    answer = Answer::Fails(error.into());
                }
            },
        }
        layout.push_some(Who::Next, self.next);
        Forecast { answer, layout }
    }

    /// Something is mapped. Answers to `vma_merge_new_range()`.
    pub(crate) fn placed(&self, decision: &Decision) -> Forecast {
        match decision {
            Decision::Merge(plan) => self.merged(plan),
            Decision::Abandon(_) | Decision::Keep(_) => self.unchanged(Answer::NotMerged),
        }
    }

    /// The middle is cut in two, `below` and `above`, one of which is new; the driver says whether it
    /// may. Answers to `__split_vma()`.
    pub(crate) fn split(
        &self,
        (below, above): ((Who, Range), (Who, Range)),
        driver: Result<(), SplitError>,
    ) -> Forecast {
        let Some(middle) = self.middle else {
            return self.unchanged(Answer::Done);
        };
        if let Err(error) = driver {
            return self.unchanged(Answer::Fails(error.into()));
        }
        let mut layout = Layout::new();
        for (who, range) in [below, above] {
            layout.push(who, middle.seen_through(range));
        }
        Forecast {
            answer: Answer::Done,
            layout,
        }
    }

    /// The middle becomes `to`, and nothing else is left of the others. Answers to `vma_expand()` and
    /// `vma_shrink()`.
    pub(crate) fn resized(&self, to: Extent) -> Forecast {
        let mut layout = Layout::new();
        layout.push(Who::Middle, to);
        Forecast {
            answer: Answer::Done,
            layout,
        }
    }
}

impl Answer {
    /// Whether it says that there was no memory.
    pub(crate) fn is_no_memory(&self) -> bool {
        matches!(self, Self::Fails(error) if *error == ENOMEM)
    }
}
