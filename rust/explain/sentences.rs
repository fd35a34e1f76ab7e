// SPDX-License-Identifier: GPL-2.0

//! The answer in sentences, which are the same for people and for programs.

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
    tally::{
        Tally,
        Unseen, //
    }, //
};
use crate::vma::causes::Cause;
use core::fmt;

/// A sentence of the answer, without a full stop or a newline.
pub(super) enum Sentence {
    /// The other process that asked the question.
    AskedBy(i32),
    /// All VMAs are mergeable, or there is only one.
    NothingApart(Certainty),
    /// No causes keep as many as `least` VMAs apart.
    NothingWrong { least: usize, certainty: Certainty },
    /// The causes that are worth most.
    Main {
        step: Step,
        /// The number of boundaries at which anything keeps two VMAs apart.
        apart: usize,
        /// The number of VMAs that remain if no cause is removed.
        remaining: usize,
        certainty: Certainty,
    },
    /// The causes that are worth most after those of the previous sentence.
    Then(Step, Certainty),
    /// There may be causes that could not be seen.
    Unseen(Unseen),
    /// Not all sets of causes were compared.
    Partial,
    /// The limit is near, and can be raised.
    NearLimit,
}

/// Returns the sentences in order.
pub(super) fn sentences<'a, P: Places>(
    tally: &Tally<P>,
    answer: &'a Answer,
    about: &About<'_>,
) -> impl Iterator<Item = Sentence> + use<'a, P> {
    let apart = tally.boundaries - tally.mergeable;
    let remaining = tally.remaining();
    let certainty = Certainty::of(tally.unseen);
    let main = match answer.steps().next() {
        Some(first) => Sentence::Main {
            step: *first,
            apart,
            remaining,
            certainty,
        },
        None if apart == 0 => Sentence::NothingApart(certainty),
        None => Sentence::NothingWrong {
            least: answer.least,
            certainty,
        },
    };
    let is_near_limit = match about.scope {
        Scope::Process {
            max_map_count: Some(limit),
        } => tally.vmas.saturating_mul(2) > usize::try_from(limit).unwrap_or(0),
        Scope::Process {
            max_map_count: None,
        }
        | Scope::Range => false,
    };
    let asker = about.asked_by.map(Sentence::AskedBy).into_iter();
    asker
        .chain(core::iter::once(main))
        .chain(
            answer
                .steps()
                .skip(1)
                .map(move |step| Sentence::Then(*step, certainty)),
        )
        .chain((certainty == Certainty::OrMore).then_some(Sentence::Unseen(tally.unseen)))
        .chain(answer.is_partial.then_some(Sentence::Partial))
        .chain(is_near_limit.then_some(Sentence::NearLimit))
}

impl Sentence {
    /// Returns the causes that the sentence names.
    pub(super) fn causes(&self) -> CauseSet {
        match self {
            Self::Main { step, .. } | Self::Then(step, _) => step.causes,
            Self::AskedBy(_)
            | Self::NothingApart(_)
            | Self::NothingWrong { .. }
            | Self::Unseen(_)
            | Self::Partial
            | Self::NearLimit => CauseSet::NONE,
        }
    }
}

impl fmt::Display for Sentence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AskedBy(pid) => AskedBy(*pid).fmt(f),
            Self::NothingApart(Certainty::Exactly) => f.write_str("nothing keeps VMAs apart"),
            Self::NothingApart(Certainty::OrMore) => {
                f.write_str("nothing that could be seen keeps VMAs apart")
            }
            Self::NothingWrong { least, certainty } => {
                f.write_str(match certainty {
                    Certainty::Exactly => "nothing is wrong",
                    Certainty::OrMore => "nothing is wrong as far as could be seen",
                })?;
                match least {
                    1 => Ok(()),
                    _ => write!(
                        f,
                        ": no cause, and no set of causes, keeps {least} VMAs apart"
                    ),
                }
            }
            Self::Main {
                step,
                apart,
                remaining,
                certainty,
            } => {
                write!(f, "main cause: {}", Together(step.causes))?;
                if step.boundaries != 0 {
                    let share = step.boundaries.saturating_mul(100) / (*apart).max(1);
                    let at = step.boundaries;
                    write!(f, ", at {at} of {apart} boundaries ({share}%)")?;
                }
                write!(
                    f,
                    "; without {}, {certainty}{} would remain, not {remaining}",
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
            Self::Then(step, certainty) => write!(
                f,
                "then: {}; without {} as well, {certainty}{} would remain",
                Together(step.causes),
                Them(step.causes),
                Vmas(step.remaining)
            ),
            Self::Unseen(Unseen {
                boundaries, causes, ..
            }) => write!(
                f,
                "at {}, there may be other causes that could not be seen ({})",
                Boundaries(*boundaries),
                Listed(*causes)
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

/// Whether a number of remaining VMAs is exact, or a minimum because some causes could not be seen.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Certainty {
    /// Exactly this many.
    Exactly,
    /// This many or more.
    OrMore,
}

impl Certainty {
    fn of(unseen: Unseen) -> Self {
        match unseen.boundaries {
            0 => Self::Exactly,
            _ => Self::OrMore,
        }
    }
}

impl fmt::Display for Certainty {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Exactly => "",
            Self::OrMore => "at least ",
        })
    }
}

/// A number of VMAs, in words.
pub(super) struct Vmas(pub(super) usize);

impl fmt::Display for Vmas {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            1 => f.write_str("1 VMA"),
            vmas => write!(f, "{vmas} VMAs"),
        }
    }
}

/// A number of boundaries, in words.
struct Boundaries(usize);

impl fmt::Display for Boundaries {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            1 => f.write_str("1 boundary"),
            boundaries => write!(f, "{boundaries} boundaries"),
        }
    }
}

/// Causes, separated by commas.
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

/// A pronoun for all of these causes, which were named before.
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

/// A number of causes, spelled out if it is small.
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
