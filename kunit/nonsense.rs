// SPDX-License-Identifier: GPL-2.0

//! What makes no sense to Rust is left to C, which serves from then on (tests/guest/engine_test and
//! wrong_rule_test see to that).

use crate::{
    fixture::{
        Engine,
        TestMm, //
    },
    sys::live,
    words::Pages, //
};
use kernel::prelude::*;

fn asks_for_nonsense(of: Engine) -> Result<bool> {
    TestMm::new()?.ask_for_nonsense(Pages(0, 4).range()?, of)
}

#[kunit_tests(rust_vma_nonsense)]
mod what_makes_no_sense {
    use super::*;

    #[test]
    fn is_left_to_c() {
        let before = live::told().refused;
        assert_eq!(asks_for_nonsense(Engine::Rust), Ok(true));
        assert_eq!(live::told().refused, before + 1);
    }

    /// The kernel's hook asks whoever serves.
    #[test]
    fn by_the_kernel() {
        assert_eq!(asks_for_nonsense(Engine::C), Ok(true));
    }
}
