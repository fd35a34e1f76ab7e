// SPDX-License-Identifier: GPL-2.0

//! The counters of calls that the kernel may make, but never makes in a guest. (tests/guest/stats_test covers
//! the other counters.)

use crate::{
    fixture::{
        Action,
        Ask,
        Backing,
        Engine,
        TestFile,
        TestMm, //
    },
    report::{
        ending::Ending,
        helper::Helper,
        sys::counters::Counts, //
    },
    vma::{
        compat::Side,
        extent::PAGE_SIZE,
        reason::Reason, //
    },
    words::{
        address,
        Pages, //
    },
};
use kernel::prelude::*;

fn nothing_yet() -> Result<KBox<Counts>> {
    KBox::init(pin_init::init_zeroed(), GFP_KERNEL)
}

/// Makes a call, and returns the counts that it has added.
fn counted(call: impl FnOnce() -> Result) -> Result<KBox<Counts>> {
    let (mut before, mut after) = (nothing_yet()?, nothing_yet()?);
    before.update();
    call()?;
    after.update();
    after.take_off(&before);
    Ok(after)
}

/// Returns whether one new range was counted, with this ending, and these reasons below and above.
fn is_one(counts: &Counts, ending: Ending, below: Option<Reason>, above: Option<Reason>) -> bool {
    let once = |is_it: bool| u64::from(is_it);
    let ends = |e: &Ending| counts.endings(Helper::MergeNewRange, *e) == once(*e == ending);
    let blames = |reason: Reason| {
        counts.blocked(reason, Side::Below) == once(below == Some(reason))
            && counts.blocked(reason, Side::Above) == once(above == Some(reason))
    };
    Ending::ALL.iter().all(ends) && Reason::all().all(blames)
}

/// Returns whether a new range that cannot merge for lack of memory is counted as such.
fn gives_up() -> Result<bool> {
    let mm = TestMm::new()?;
    let (below, range) = (Pages(0, 4).range()?, Pages(4, 8).range()?);
    mm.map(&Backing::Anonymous, below, 0)?;
    let flags = mm.flags_at(below.start())?;
    let mut said_so = false;
    let counts = counted(|| {
        said_so = mm.ask_to_give_up(range, flags)?;
        Ok(())
    })?;
    Ok(said_so && is_one(&counts, Ending::NoMemory, None, None))
}

/// Returns whether the close hook of next is counted as the reason why a new range merges with prev alone.
fn next_stays() -> Result<bool> {
    let (mm, file) = (TestMm::new()?, TestFile::of_driver()?);
    let backing = &Backing::Shared(&file);
    for pages in [Pages(0, 4), Pages(8, 12)] {
        mm.map(backing, pages.range()?, pages.0 * PAGE_SIZE)?;
    }
    let gap = Pages(4, 8);
    let ask = Ask::Map {
        backing,
        flags: mm.flags_at(address(0))?,
        pgoff: gap.0,
    };
    let counts = counted(|| {
        let action = Action::Ask(ask);
        mm.act(Engine::RustByRequest, &action, gap.range()?, None, None)?;
        Ok(())
    })?;
    Ok(is_one(
        &counts,
        Ending::PrevWhole,
        None,
        Some(Reason::Close),
    ))
}

/// Returns whether a run without a call passes for a new range.
fn nothing_counts_as_one() -> Result<bool> {
    let counts = counted(|| Ok(()))?;
    Ok(is_one(&counts, Ending::PrevWhole, None, None))
}

#[kunit_tests(rust_vma_counters)]
mod one_new_range {
    use super::*;

    #[test]
    fn a_merge_that_is_given_up() {
        assert_eq!(gives_up(), Ok(true));
    }

    #[test]
    fn a_merge_that_leaves_next() {
        assert_eq!(next_stays(), Ok(true));
    }

    /// A run without a call does not pass for a new range.
    #[test]
    fn no_merge() {
        assert_eq!(nothing_counts_as_one(), Ok(false));
    }
}
