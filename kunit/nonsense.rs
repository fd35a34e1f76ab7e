// SPDX-License-Identifier: GPL-2.0

//! Calls that make no sense to Rust fall back to C, which is the engine from then on (tests/guest/engine_test
//! and wrong_rule_test rely on that). CONFIG_DEBUG_VM finds most of these calls.

use crate::{
    fixture::{
        Backing,
        TestMm, //
    },
    hook::fallback,
    report::helper::Helper,
    vma::extent::Range,
    words::Pages, //
};
use kernel::prelude::*;

#[kunit_tests(rust_vma_nonsense)]
mod a_call_that_makes_no_sense {
    use super::*;

    fn pages() -> Result<(TestMm, Range)> {
        Ok((TestMm::new()?, Pages(0, 4).range()?))
    }

    #[test]
    fn is_left_to_c() {
        let before = fallback::refused();
        let asked = pages().and_then(|(mm, range)| mm.ask_for_nonsense(range));
        assert_eq!(asked, Ok(true));
        assert_eq!(fallback::refused(), before + 1);
    }

    /// C executes such a call, and the call is counted for its own helper only.
    #[test]
    fn counts_for_its_helper() {
        let left_to_c = || Helper::HOOKED.map(fallback::left_to_c);
        let mut expected = left_to_c();
        let asked = pages().and_then(|(mm, range)| {
            mm.map(&Backing::Anonymous, Pages(8, 12).range()?, 0)?;
            mm.ask_for_nonsense_about_a_copy(range)
        });
        expected[Helper::MergeCopiedRange as usize] += 1;
        assert_eq!(asked, Ok(true));
        assert_eq!(left_to_c(), expected);
    }

    /// C executes such a call, and the shadow reports that Rust would refuse it.
    #[test]
    fn is_noticed_by_the_shadow() {
        let before = fallback::refused();
        let asked = pages().and_then(|(mm, range)| mm.ask_shadow_for_nonsense(range));
        assert_eq!(asked, Ok(true));
        assert_eq!(fallback::refused(), before + 1);
    }
}
