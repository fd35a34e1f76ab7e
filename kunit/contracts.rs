// SPDX-License-Identifier: GPL-2.0

//! Calls that break the contract of a hooked helper. C warns (`VM_WARN_ON` and the like, with
//! CONFIG_DEBUG_VM), and Rust warns equally often.

use crate::{
    fixture::{
        Backing,
        Breach,
        Engine,
        TestMm, //
    },
    words::Pages, //
};
use kernel::prelude::*;

/// Returns the number of warnings that a breach causes with this engine.
fn warnings(breach: Breach, engine: Engine) -> Result<u32> {
    let mm = TestMm::new()?;
    let (below, above) = (Pages(0, 4).range()?, Pages(8, 12).range()?);
    mm.map(&Backing::Anonymous, below, 0)?;
    mm.map(&Backing::Anonymous, above, 0)?;
    mm.break_contract(below.start(), breach, engine)
}

/// Returns whether both engines warn, and equally often.
fn is_noticed(breach: Breach) -> bool {
    let (c, rust) = (
        warnings(breach, Engine::C),
        warnings(breach, Engine::Rust), //
    );
    let noticed = match (c, rust) {
        // C also warns where it reads the name, which Rust does not read yet.
        (Ok(c), Ok(rust)) if breach.reads_name_unlocked() => c > 0 && rust > 0,
        (Ok(c), Ok(rust)) => c > 0 && c == rust,
        _ => false,
    };
    if !noticed {
        pr_err!("{breach:?}: C {c:?}, Rust {rust:?}\n");
    }
    noticed
}

/// Defines a case for each breach.
macro_rules! breaches {
    ($($case:ident: $breach:ident,)*) => {
        #[kunit_tests(rust_vma_contracts)]
        mod noticed {
            use super::*;

            $(
                #[test]
                fn $case() {
                    assert!(is_noticed(Breach::$breach));
                }
            )*

            /// A call that breaks no contract causes no warning.
            #[test]
            fn no_breach() {
                assert!(!is_noticed(Breach::None));
            }
        }
    };
}

breaches! {
    modify_unlocked: ModifyUnlocked,
    modify_prev_above: ModifyPrevAbove,
    modify_empty: ModifyEmpty,
    modify_inside: ModifyInside,
    modify_beyond: ModifyBeyond,
    modify_iterator: ModifyIterator,
    modify_part_unfailing: ModifyPartUnfailing,
    new_unlocked: NewUnlocked,
    new_middle: NewMiddle,
    new_target: NewTarget,
    new_iterator: NewIterator,
    copied_target: CopiedTarget,
    copied_iterator: CopiedIterator,
    extend_unlocked: ExtendUnlocked,
    expand_unlocked: ExpandUnlocked,
    expand_over_close: ExpandOverClose,
    expand_over_part: ExpandOverPart,
    expand_narrower: ExpandNarrower,
    shrink_beyond: ShrinkBeyond,
    split_at_start: SplitAtStart,
    split_at_end: SplitAtEnd,
}
