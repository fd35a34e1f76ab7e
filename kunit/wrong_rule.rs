// SPDX-License-Identifier: GPL-2.0

//! Wrong rules, so that tests can check that the shadow notices them (tests/guest/wrong_rule_test).

use crate::{
    hook::shadow::rules::Rules,
    module_parameters,
    report::helper::Helper,
    vma::{
        compat::Blocker,
        cut::{
            Split,
            SplitError, //
        },
        extent::{
            Extent,
            PageOffset,
            Range,
            PAGE_SIZE, //
        },
        forecast::{
            Answer,
            Before,
            Forecast,
            Layout,
            Piece,
            WhichVma, //
        },
        plan::{
            Blockers,
            Decision,
            Plan,
            Shape, //
        },
    },
};
use kernel::prelude::*;

/// The rules of the test module. Its parameter `wrong` selects what is wrong with them.
pub(crate) struct WrongRule;

/// A fault of the rules.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Wrong {
    /// Each function makes one wrong decision. None concerns calls that every program makes, such as those
    /// that grow its heap.
    Decisions,
    /// Every forecast is a failure; everything else is right.
    Answers,
    /// Page offsets are one too large; everything else is right.
    Offsets,
    /// Anonymous page offsets are one too large; everything else is right.
    AnonOffsets,
    /// VMAs end a page too late; everything else is right.
    Ranges,
    /// A process may have any number of VMAs.
    NoLimit,
    /// Drivers allow every cut.
    NoDriver,
    /// Drivers allow no cut.
    StubbornDriver,
    /// The first of two cuts is undone if the second one fails.
    NoStage,
    /// A merge ends a page too early.
    Narrow,
    /// The number of pages that change decides what is wrong: the VMA, `Ranges`, `Offsets`, or `Answers`.
    ByLength,
}

impl Wrong {
    /// All faults, in the order of their numbers in the parameter.
    const ALL: [Self; 11] = [
        Self::Decisions,
        Self::Answers,
        Self::Offsets,
        Self::AnonOffsets,
        Self::Ranges,
        Self::NoLimit,
        Self::NoDriver,
        Self::StubbornDriver,
        Self::NoStage,
        Self::Narrow,
        Self::ByLength,
    ];

    /// Returns the fault that the parameter selects.
    fn now() -> Self {
        let number = usize::try_from(module_parameters::wrong.value()).ok();
        number
            .and_then(|number| Self::ALL.get(number).copied())
            .unwrap_or(Self::Decisions)
    }

    /// Makes a correct forecast wrong.
    fn of(self, mut forecast: Forecast) -> Forecast {
        match self {
            Self::Answers => forecast.answer = Answer::Fails(EINVAL),
            Self::Offsets => change_each(&mut forecast.layout, |piece| {
                piece.extent.pgoff = after(piece.extent.pgoff);
            }),
            Self::AnonOffsets => change_each(&mut forecast.layout, |piece| {
                piece.extent.anon_pgoff = after(piece.extent.anon_pgoff);
            }),
            Self::Ranges => change_each(&mut forecast.layout, |piece| {
                let range = piece.extent.range;
                if let Ok(longer) = Range::new(range.start(), range.end() + PAGE_SIZE) {
                    piece.extent.range = longer;
                }
            }),
            Self::NoStage => forecast.first_of_two = None,
            Self::Decisions
            | Self::NoLimit
            | Self::NoDriver
            | Self::StubbornDriver
            | Self::Narrow
            | Self::ByLength => {}
        }
        forecast
    }

    /// Returns the answer of the limit and the driver to a cut, or a wrong answer.
    fn of_cut(self, right: Result<(), SplitError>) -> Result<(), SplitError> {
        match (self, right) {
            (Self::NoLimit, Err(SplitError::TooManyVmas(_)))
            | (Self::NoDriver, Err(SplitError::Driver(_))) => Ok(()),
            (Self::StubbornDriver, _) => Err(SplitError::Driver(EINVAL)),
            (_, right) => right,
        }
    }
}

fn after(offset: PageOffset) -> PageOffset {
    PageOffset::new(offset.pages().wrapping_add(1))
}

fn shorter(extent: Extent) -> Extent {
    let range = extent.range;
    match Range::new(range.start(), range.end() - PAGE_SIZE) {
        Ok(range) => extent.seen_through(range),
        Err(_) => extent,
    }
}

fn change_each(layout: &mut Layout, change: impl Fn(&mut Piece)) {
    let mut changed = Layout::new();
    for piece in layout.pieces() {
        let mut piece = *piece;
        change(&mut piece);
        changed.push(piece.who, piece.extent);
    }
    *layout = changed;
}

const KEEP: Decision = Decision::Keep(Blockers {
    prev: Blocker::NotAdjacent,
    next: Blocker::NotAdjacent,
});

impl Rules for WrongRule {
    /// With `Decisions`, no changed range merges below, no new range merges with both VMAs, and no copied or
    /// extended range merges at all. With `Narrow`, every merge ends a page too early.
    fn decided(helper: Helper, decision: Decision) -> Decision {
        match (Wrong::now(), helper, &decision) {
            (
                Wrong::Decisions,
                Helper::ModifyFlags
                | Helper::ModifyName
                | Helper::ModifyPolicy
                | Helper::ModifyFlagsUffd,
                Decision::Merge(plan),
            ) if plan.shape.grows_prev() => KEEP,
            (Wrong::Decisions, Helper::MergeNewRange, Decision::Merge(plan))
                if plan.shape == Shape::Both =>
            {
                KEEP
            }
            (
                Wrong::Decisions,
                Helper::MergeCopiedRange | Helper::MergeExtend,
                Decision::Merge(_),
            ) => KEEP,
            (Wrong::Narrow, _, Decision::Merge(plan)) => Decision::Merge(Plan {
                shape: match plan.shape {
                    Shape::NextPart { rest } => Shape::NextPart {
                        rest: shorter(rest),
                    },
                    shape => shape,
                },
                grown: shorter(plan.grown),
                ..*plan
            }),
            _ => decision,
        }
    }

    fn modified(
        before: &Before,
        decision: &Decision,
        range: Range,
        mut may_split: impl FnMut(usize, i32) -> Result<(), SplitError>,
    ) -> Forecast {
        let wrong = Wrong::now();
        let may_split = |addr, cuts| wrong.of_cut(may_split(addr, cuts));
        let mut forecast = before.modified(decision, range, may_split);
        if wrong != Wrong::ByLength {
            return wrong.of(forecast);
        }
        match (range.end() - range.start()) / PAGE_SIZE {
            1 => change_each(&mut forecast.layout, |piece| piece.who = WhichVma::New),
            2 => forecast = Wrong::Ranges.of(forecast),
            3 => forecast = Wrong::Offsets.of(forecast),
            _ => forecast = Wrong::Answers.of(forecast),
        }
        forecast
    }

    fn placed(before: &Before, decision: &Decision) -> Forecast {
        Wrong::now().of(before.placed(decision))
    }

    /// With `Decisions`, the wrong part of a split is the new VMA.
    fn split(before: &Before, split: Split, driver: Result<(), SplitError>) -> Forecast {
        let wrong = Wrong::now();
        let split = match (wrong, split) {
            (Wrong::Decisions, Split::NewBelow { new, kept }) => Split::NewAbove {
                kept: new,
                new: kept,
            },
            (Wrong::Decisions, Split::NewAbove { kept, new }) => Split::NewBelow {
                new: kept,
                kept: new,
            },
            (_, split) => split,
        };
        wrong.of(before.split(split, wrong.of_cut(driver)))
    }

    /// With `Decisions`, the VMA stays as it is.
    fn resized(before: &Before, to: Extent) -> Forecast {
        match Wrong::now() {
            Wrong::Decisions => before.resized(before.middle.unwrap_or(to)),
            wrong => wrong.of(before.resized(to)),
        }
    }
}
