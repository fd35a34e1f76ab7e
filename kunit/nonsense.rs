// SPDX-License-Identifier: GPL-2.0

//! What makes no sense to Rust is left to C, which serves from then on (tests/guest/engine_test sees
//! to that).

use crate::{
    fixture::TestMm,
    hook::fallback,
    words::Pages, //
};
use kernel::prelude::*;

fn asks_for_nonsense() -> Result<bool> {
    TestMm::new()?.ask_for_nonsense(Pages(0, 4).range()?)
}

#[kunit_tests(rust_vma_nonsense)]
mod what_makes_no_sense {
    use super::*;

    #[test]
    fn is_left_to_c() {
        let before = fallback::refused();
        assert_eq!(asks_for_nonsense(), Ok(true));
        assert_eq!(fallback::refused(), before + 1);
    }
}
