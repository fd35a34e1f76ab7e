// SPDX-License-Identifier: GPL-2.0

//! The answer in sentences, the same ones for people and for programs.

use super::{
    about::{
        About,
        AskedBy,
        Scope, //
    },
    answer::{
        Answer,
        Step, //
    },
    cause_set::CauseSet,
    counts::Places,
    tally::Tally, //
};
use crate::vma::causes::Cause;
use core::fmt;

/// A sentence of the answer, with neither a full stop nor a newline.
pub(super) enum Sentence {
    /// The question is that of this other process.
    AskedBy(i32),
    /// All VMAs are mergeable, or there is only one.
    NothingApart,
    /// No causes keep so many VMAs apart.
    NothingWrong { least: usize },
    /// The causes that are worth most.
    Main {
        step: Step,
        /// The number of boundaries at which anything keeps two VMAs apart.
        apart: usize,
        /// The number of VMAs that remain with all causes.
        remaining: usize,
    },
    /// The causes that are worth most after those of the sentence before.
    Then(Step),
    /// Not all sets of causes were compared.
    Partial,
    /// The limit is near, and can be raised.
    NearLimit,
}

/// The sentences, in their order.
pub(super) fn sentences<'a, P: Places>(
    tally: &Tally<P>,
    answer: &'a Answer,
    about: &About<'_>,
) -> impl Iterator<Item = Sentence> + use<'a, P> {
    let apart = tally.boundaries - tally.mergeable;
    let remaining = tally.remaining();
    let main = match answer.steps().next() {
        Some(first) => Sentence::Main {
            step: *first,
            apart,
            remaining,
        },
        None if apart == 0 => Sentence::NothingApart,
        None => Sentence::NothingWrong {
            least: answer.least,
        },
    };
    let is_near_limit = match about.scope {
        Scope::Process { max_map_count } => {
            tally.vmas.saturating_mul(2) > usize::try_from(max_map_count).unwrap_or(0)
        }
        Scope::Range => false,
    };
    let asker = about.asked_by.map(Sentence::AskedBy).into_iter();
    asker
        .chain(core::iter::once(main))
        .chain(answer.steps().skip(1).copied().map(Sentence::Then))
        .chain(answer.is_partial.then_some(Sentence::Partial))
        .chain(is_near_limit.then_some(Sentence::NearLimit))
}

impl Sentence {
    /// The causes that it names.
    pub(super) fn causes(&self) -> CauseSet {
        match self {
            Self::Main { step, .. } | Self::Then(step) => step.causes,
            Self::AskedBy(_)
            | Self::NothingApart
            | Self::NothingWrong { .. }
            | Self::Partial
            | Self::NearLimit => CauseSet::NONE,
        }
    }
}

impl fmt::Display for Sentence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AskedBy(pid) => AskedBy(*pid).fmt(f),
            Self::NothingApart => f.write_str("nothing keeps VMAs apart"),
            Self::NothingWrong { least: 1 } => f.write_str("nothing is wrong"),
            Self::NothingWrong { least } => {
                write!(
                    f,
                    "nothing is wrong: no cause, and none that act together, keep {least} VMAs apart"
                )
            }
            Self::Main {
                step,
                apart,
                remaining,
            } => {
                write!(f, "main cause: {}", Together(step.causes))?;
                if step.boundaries != 0 {
                    let share = step.boundaries.saturating_mul(100) / (*apart).max(1);
                    let at = step.boundaries;
                    write!(f, ", at {at} of {apart} boundaries ({share}%)")?;
                }
                write!(
                    f,
                    "; without {}, {} would remain, not {remaining}",
                    Them(step.causes),
                    Vmas(step.remaining)
                )?;
                match step.causes.count() {
                    1 => Ok(()),
                    2 => write!(f, "; without only one of them, {}", step.if_one_stays),
                    count => write!(
                        f,
                        "; without only {} of them, {}",
                        Number(count - 1),
                        step.if_one_stays
                    ),
                }
            }
            Self::Then(step) => write!(
                f,
                "then: {}; without {} as well, {} would remain",
                Together(step.causes),
                Them(step.causes),
                Vmas(step.remaining)
            ),
            Self::Partial => f.write_str(
                "there are too many causes to compare all sets of them: another set may help more",
            ),
            Self::NearLimit => f.write_str(
                "more than half of vm.max_map_count is used: raising it makes room for more VMAs, which take 200 \
                 to 500 bytes of kernel memory each",
            ),
        }
    }
}

/// So many VMAs.
pub(super) struct Vmas(pub(super) usize);

impl fmt::Display for Vmas {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            1 => f.write_str("1 VMA"),
            vmas => write!(f, "{vmas} VMAs"),
        }
    }
}

/// Causes, with commas between them.
pub(super) struct Listed(pub(super) CauseSet);

impl fmt::Display for Listed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut separator = "";
        for cause in self.0.iter().map(Cause::name) {
            f.write_str(separator)?;
            f.write_str(cause)?;
            separator = ", ";
        }
        Ok(())
    }
}

/// One cause, or several that act together.
struct Together(CauseSet);

impl fmt::Display for Together {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Listed(self.0).fmt(f)?;
        f.write_str(if self.0.is_one() { "" } else { " together" })
    }
}

/// All of these causes, which were named before.
struct Them(CauseSet);

impl fmt::Display for Them {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.count() {
            1 => f.write_str("it"),
            2 => f.write_str("both"),
            count => write!(f, "all {}", Number(count)),
        }
    }
}

/// A number of causes, in words if it is small.
struct Number(usize);

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            2 => f.write_str("two"),
            3 => f.write_str("three"),
            4 => f.write_str("four"),
            5 => f.write_str("five"),
            number => write!(f, "{number}"),
        }
    }
}
