// SPDX-License-Identifier: GPL-2.0

//! Tests of the expectations: each is met by the outcome that it names, and by no other outcome.

use crate::{
    expect::Expect,
    fixture::Said,
    vma::{
        compat::Blocker,
        extent::{
            Extent,
            PageOffset,
            Range,
            PAGE_SIZE, //
        },
        merge::Unmerged,
        modify::{
            Cut,
            Outcome, //
        },
        plan::{
            Blockers,
            Plan,
            Shape, //
        },
    },
};
use kernel::prelude::*;

/// A report of Rust, the value returned, and the expectation that the two meet.
type Row = (Said, Result<Option<usize>, i32>, Expect);

const FLAGS_AND_FILE: Blockers = Blockers {
    prev: Blocker::Flags,
    next: Blocker::File,
};
const FILE_AND_FLAGS: Blockers = Blockers {
    prev: Blocker::File,
    next: Blocker::Flags,
};
const FLAGS_AND_NAME: Blockers = Blockers {
    prev: Blocker::Flags,
    next: Blocker::Name,
};

/// The return value of a success that returns a VMA.
const DONE: Result<Option<usize>, i32> = Ok(Some(PAGE_SIZE));

fn extent() -> Result<Extent> {
    Ok(Extent {
        range: Range::new(PAGE_SIZE, 2 * PAGE_SIZE).map_err(|_| EINVAL)?,
        pgoff: PageOffset::new(1),
        anon_pgoff: PageOffset::new(1),
    })
}

/// All shapes of a merge, with their expectations.
fn shapes() -> Result<[(Shape, Expect); 5]> {
    let rest = extent()?;
    Ok([
        (Shape::Both, Expect::Both),
        (Shape::PrevWhole, Expect::PrevWhole),
        (Shape::PrevPart { rest }, Expect::PrevPart),
        (Shape::NextWhole, Expect::NextWhole),
        (Shape::NextPart { rest }, Expect::NextPart),
    ])
}

/// Returns a merge of this shape.
fn plan(shape: Shape) -> Result<Plan> {
    Ok(Plan {
        shape,
        grown: extent()?,
        other_side: None,
    })
}

/// Returns the report of a change for which nothing is mergeable.
fn cut(cut: Cut) -> Said {
    Said::Modified(Outcome::Split(cut, Unmerged::Blocked(FLAGS_AND_FILE)))
}

/// Returns one row for each report, and one for each part of a report that an expectation names.
fn rows() -> Result<KVec<Row>> {
    let apart = |of: Blockers| Expect::Apart(of.prev, of.next);
    let mut rows = KVec::new();
    let mut row = |said, returned, expect| rows.push((said, returned, expect), GFP_KERNEL);
    for (shape, expect) in shapes()? {
        let plan = plan(shape)?;
        row(Said::Merged(plan), DONE, expect)?;
        row(Said::Modified(Outcome::Merged(plan)), DONE, expect)?;
    }
    row(cut(Cut::Start), DONE, Expect::SplitStart)?;
    row(cut(Cut::End), DONE, Expect::SplitEnd)?;
    row(cut(Cut::Both), DONE, Expect::SplitBoth)?;
    for of in [FLAGS_AND_FILE, FILE_AND_FLAGS, FLAGS_AND_NAME] {
        let unmerged = Unmerged::Blocked(of);
        row(Said::Modified(Outcome::Whole(unmerged)), DONE, apart(of))?;
        row(Said::NotMerged(unmerged), Ok(None), apart(of))?;
    }
    for (shape, expect) in [
        (Shape::Both, Expect::MustNot(&Expect::Both)),
        (Shape::PrevWhole, Expect::MustNot(&Expect::PrevWhole)),
    ] {
        let unmerged = Unmerged::MustNotDisappear(plan(shape)?);
        row(Said::Modified(Outcome::Whole(unmerged)), DONE, expect)?;
        row(Said::NotMerged(unmerged), Ok(None), expect)?;
    }
    let gave_up = Unmerged::GaveUp(plan(Shape::Both)?);
    row(
        Said::Modified(Outcome::Whole(gave_up)),
        DONE,
        Expect::GaveUp,
    )?;
    row(Said::NotMerged(gave_up), Ok(None), Expect::GaveUp)?;
    row(Said::Done, DONE, Expect::Done)?;
    for (shape, expect) in [
        (Shape::Both, Expect::NoMemoryFor(&Expect::Both)),
        (Shape::PrevWhole, Expect::NoMemoryFor(&Expect::PrevWhole)),
    ] {
        let said = Said::NoMemory(plan(shape)?);
        row(said, Err(ENOMEM.to_errno()), expect)?;
    }
    for error in [ENOMEM, EINVAL] {
        let returned = Err(error.to_errno());
        row(
            Said::SplitFailed(error),
            returned,
            Expect::SplitFails(error),
        )?;
        let expect = Expect::SecondSplitFails(error);
        row(Said::SecondSplitFailed(error), returned, expect)?;
        row(Said::Failed(error), returned, Expect::Fails(error))?;
    }
    Ok(rows)
}

/// Returns whether each expectation is met by its own rows, and by no others.
fn each_is_met_by_its_own() -> Result<bool> {
    let rows = rows()?;
    let mut right = true;
    for (_, _, expect) in &rows {
        for (said, returned, own) in &rows {
            if expect.is_met(*said, *returned) != (expect == own) {
                pr_err!("{expect:?}, and {said:?} that returns {returned:?}\n");
                right = false;
            }
        }
    }
    Ok(right)
}

/// Returns whether a report with a wrong return value meets no expectation.
fn none_is_met_by_another_return() -> Result<bool> {
    let mut right = true;
    for (said, returned, expect) in &rows()? {
        let others: &[_] = match (said, returned) {
            // C tells some callers only that the range did not merge.
            (Said::NoMemory(_), _) => &[DONE, Err(EINVAL.to_errno())],
            (Said::NotMerged(_), _) => &[DONE, Err(ENOMEM.to_errno())],
            (_, Ok(_)) => &[Err(ENOMEM.to_errno())],
            (_, Err(_)) => &[DONE, Ok(None), Err(EFAULT.to_errno())],
        };
        for other in others {
            if expect.is_met(*said, *other) {
                pr_err!("{expect:?}, and {said:?} that returns {other:?}\n");
                right = false;
            }
        }
    }
    Ok(right)
}

#[kunit_tests(rust_vma_oracle_expectations)]
mod each_expectation {
    use super::*;

    #[test]
    fn each_is_met_by_its_own() {
        assert_eq!(super::each_is_met_by_its_own(), Ok(true));
    }

    #[test]
    fn none_is_met_by_another_return() {
        assert_eq!(super::none_is_met_by_another_return(), Ok(true));
    }

    #[test]
    fn no_memory_may_be_kept_from_the_caller() {
        let said = plan(Shape::Both).map(Said::NoMemory);
        let expect = Expect::NoMemoryFor(&Expect::Both);
        assert_eq!(said.map(|said| expect.is_met(said, Ok(None))), Ok(true));
    }
}
