// SPDX-License-Identifier: GPL-2.0

//! The counters of calls that the kernel may make, but never makes. (tests/guest/stats_test has those of
//! the others.)

use crate::{
    fixture::{
        Backing,
        TestMm, //
    },
    report::{
        ending::Ending,
        helper::Helper,
        reason::Reason,
        sys::counters::Counts, //
    },
    vma::compat::Side,
    words::Pages, //
};
use kernel::prelude::*;

fn nothing_yet() -> Result<KBox<Counts>> {
    KBox::init(pin_init::init_zeroed(), GFP_KERNEL)
}

/// Returns whether a new range that cannot merge for lack of memory counts as just that.
fn gives_up() -> Result<bool> {
    let mm = TestMm::new()?;
    let (below, range) = (Pages(0, 4).range()?, Pages(4, 8).range()?);
    mm.map(&Backing::Anonymous, below, 0)?;
    let flags = mm.flags_at(below.start())?;
    let (mut before, mut after) = (nothing_yet()?, nothing_yet()?);

    before.update();
    let said_so = mm.ask_to_give_up(range, flags)?;
    after.update();
    after.take_off(&before);

    let is_right = |ending: &Ending| {
        let count = u64::from(*ending == Ending::NoMemory);
        after.endings(Helper::MergeNewRange, *ending) == count
    };
    let nobody_is_blamed = Reason::all().all(|reason| {
        after.blocked(reason, Side::Below) == 0 && after.blocked(reason, Side::Above) == 0
    });
    Ok(said_so && Ending::ALL.iter().all(is_right) && nobody_is_blamed)
}

#[kunit_tests(rust_vma_counters)]
mod without_memory {
    use super::*;

    #[test]
    fn a_merge_that_is_given_up() {
        assert_eq!(gives_up(), Ok(true));
    }
}
