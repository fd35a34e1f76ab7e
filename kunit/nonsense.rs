// SPDX-License-Identifier: GPL-2.0

//! Calls that make no sense to Rust fall back to C, which is the engine from then on
//! (tests/guest/engine_test and wrong_rule_test rely on it).

use crate::{
    fixture::TestMm,
    hook::fallback,
    vma::extent::Range,
    words::Pages, //
};
use kernel::prelude::*;

#[kunit_tests(rust_vma_nonsense)]
mod what_makes_no_sense {
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

    /// C serves such a call, and the shadow says that Rust would not.
    #[test]
    fn is_noticed_by_the_shadow() {
        let before = fallback::refused();
        let asked = pages().and_then(|(mm, range)| mm.ask_shadow_for_nonsense(range));
        assert_eq!(asked, Ok(true));
        assert_eq!(fallback::refused(), before + 1);
    }
}
