// SPDX-License-Identifier: GPL-2.0

//! Tests of the oracle: it has to notice a faulty engine, and complain of exactly that fault.
//!
//! Each case has an engine with one flaw. The flaw is real until it is undone, before it can do harm.
//!
//! ```text
//!   facts.rs         flaws for all facts that are compared
//!     calls.rs           ... and for the calls of leaves
//!   judgement.rs     flaws for everything besides facts by which a play is judged
//!   expectations.rs  reports of an engine, and the expectations that they meet
//! ```

mod calls;
mod expectations;
mod facts;
mod judgement;

use crate::{
    fixture::{
        Context,
        Placement, //
    },
    twin::{
        Act,
        Complaint,
        Expect,
        Kind,
        Pages,
        Scenario,
        Step,
        Title,
        Who,
        HUGE, //
    },
    vma::flags::{
        VmaFlags,
        SEQ_READ, //
    },
};
use kernel::prelude::*;

const LOW: Pages = Pages(0, 4);
const FAR: Pages = Pages(8, 12);
const START: Pages = Pages(0, 2);
const SET: Act = Act::Set(SEQ_READ);
const MAP: Act = Act::Map(Kind::Anonymous, VmaFlags::EMPTY);

/// A scenario in which a VMA is cut in two, and a third one, far from it, has every attribute of anonymous
/// memory.
const ANONYMOUS: Scenario<'_> = Scenario::new(
    &[
        Step::Map(Kind::Anonymous, LOW),
        Step::Map(Kind::Anonymous, FAR),
        Step::Write(FAR),
        Step::Place(FAR, Placement::Node0),
        Step::Name(FAR, Title::Heap),
        Step::Register(FAR, Context::Following),
    ],
    START,
    SET,
    Expect::SplitEnd,
);

/// The scenario of [`ANONYMOUS`], in a file.
const FILE: Scenario<'_> = Scenario::new(
    &[Step::Map(Kind::Private, LOW), Step::Map(Kind::Private, FAR)],
    START,
    SET,
    Expect::SplitEnd,
);

/// The scenario of [`FILE`], with huge pages beside it.
const HUGE_FILE: Scenario<'_> = Scenario::new(
    &[
        Step::Map(Kind::Anonymous, LOW),
        Step::Map(Kind::HugeShared, Pages(HUGE, 2 * HUGE)),
    ],
    START,
    SET,
    Expect::SplitEnd,
);

/// The scenario of [`ANONYMOUS`], after a fork.
const FORKED: Scenario<'_> = Scenario::new(
    &[
        Step::Map(Kind::Anonymous, LOW),
        Step::Write(LOW),
        Step::Fork(Who::Child),
    ],
    START,
    SET,
    Expect::SplitEnd,
);

/// A scenario in which a hole between two VMAs is mapped, for which C is called through a request.
const REQUEST: Scenario<'_> = Scenario::new(
    &[
        Step::Map(Kind::Anonymous, LOW),
        Step::Map(Kind::Anonymous, FAR),
    ],
    Pages(4, 8),
    MAP,
    Expect::Both,
);

/// A scenario with two VMAs, one of which changes as a whole, so that write-locking it is the only call of a
/// leaf.
const WHOLE: Scenario<'_> = Scenario::new(
    &[
        Step::Map(Kind::Anonymous, LOW),
        Step::Map(Kind::Anonymous, FAR),
    ],
    LOW,
    SET,
    Expect::NOTHING_BESIDE,
);

/// The number of the third VMA of a scene, counted from zero.
const THIRD: usize = 2;

/// Returns whether a play ends with these complaints, in this order, and no others.
fn comes_to(scenario: &Scenario<'_>, expected: &[Complaint]) -> bool {
    judge(scenario, expected, |found| found == expected)
}

/// Returns whether this complaint is among those of a play.
fn is_noticed(scenario: &Scenario<'_>, expected: Complaint) -> bool {
    judge(scenario, &[expected], |found| found.contains(&expected))
}

fn judge(
    scenario: &Scenario<'_>,
    expected: &[Complaint],
    is_right: impl FnOnce(&[Complaint]) -> bool,
) -> bool {
    let found = scenario.complaints();
    let right = matches!(&found, Ok(found) if is_right(found));
    if !right {
        pr_err!("expected {expected:?}, found {found:?}\n");
    }
    right
}
