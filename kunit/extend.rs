// SPDX-License-Identifier: GPL-2.0

//! Extending a VMA up over free pages, and merging it with next if that makes the two adjacent.
//!
//! The scene is that of `new_range.rs`: prev, which is extended, four free pages, and next.

use crate::{
    fixture::{
        Backing,
        Context,
        Placement,
        TestMm,
        DONTEXPAND,
        MAYBE_GUARD, //
    },
    twin::{
        Act,
        Expect,
        Kind,
        Pages,
        Scenario,
        Step,
        Title, //
    },
    vma::{
        compat::Blocker,
        flags::{
            VmaFlags,
            SEQ_READ, //
        },
    },
    words::address,
};
use kernel::prelude::*;

const ALL: Pages = Pages(0, 12);
const PREV: Pages = Pages(0, 4);
const GAP: Pages = Pages(4, 8);
const NEXT: Pages = Pages(8, 12);

/// Makes a suite for memory that is mapped in one way.
macro_rules! extensions {
    (suite: $suite:ident, module: $module:ident, before: [$($start:expr),+ $(,)?] $(,)?) => {
        #[kunit_tests($suite)]
        mod $module {
            use super::*;

            /// Plays the scene with these flags on next.
            fn scene(next: VmaFlags, pages: Pages, expect: Expect) -> bool {
                let before = [$($start,)+ Step::Unmap(GAP), Step::Set(NEXT, next)];
                Scenario::new(&before, pages, Act::Extend, expect).play()
            }

            #[test]
            fn reaches_next_and_joins() {
                assert!(scene(VmaFlags::EMPTY, GAP, Expect::Both));
            }

            #[test]
            fn reaches_next_that_differs() {
                assert!(scene(SEQ_READ, GAP, Expect::PrevWhole));
            }

            #[test]
            fn does_not_reach_next() {
                assert!(scene(VmaFlags::EMPTY, Pages(4, 7), Expect::PrevWhole));
            }

            #[test]
            fn next_is_not_there() {
                let before = [$($start,)+ Step::Unmap(Pages(4, 12))];
                assert!(Scenario::new(&before, GAP, Act::Extend, Expect::PrevWhole).play());
            }
        }
    };
}

extensions! {
    suite: rust_vma_extend_anonymous,
    module: anonymous,
    before: [Step::Map(Kind::Anonymous, ALL)],
}
extensions! {
    suite: rust_vma_extend_anonymous_faulted,
    module: anonymous_faulted,
    before: [Step::Map(Kind::Anonymous, ALL), Step::Write(ALL)],
}
extensions! {
    suite: rust_vma_extend_private_faulted,
    module: private_faulted,
    before: [Step::Map(Kind::Private, ALL), Step::Write(ALL)],
}
extensions! {
    suite: rust_vma_extend_shared,
    module: shared,
    before: [Step::Map(Kind::Shared, ALL), Step::Write(ALL)],
}

#[kunit_tests(rust_vma_extend)]
mod one_by_one {
    use super::*;

    /// Plays the scene in anonymous memory. The steps `more` follow the mapping.
    fn scene<const N: usize>(more: [Step; N], expect: Expect) -> bool {
        let mut before = [Step::Unmap(GAP); 8];
        before[0] = Step::Map(Kind::Anonymous, ALL);
        for (step, more) in before.iter_mut().skip(2).zip(more) {
            *step = more;
        }
        let before = before.get(..N + 2).unwrap_or(&[]);
        Scenario::new(before, GAP, Act::Extend, expect).play()
    }

    #[test]
    fn only_next_was_written_to() {
        assert!(scene([Step::Write(NEXT)], Expect::Both));
    }

    #[test]
    fn both_were_written_to_apart() {
        let written = [Step::Write(PREV), Step::Write(NEXT)];
        assert!(scene(written, Expect::PrevWhole));
    }

    #[test]
    fn names_alike() {
        let named = [
            Step::Name(PREV, Title::Heap),
            Step::Name(NEXT, Title::HeapAgain),
        ];
        assert!(scene(named, Expect::Both));
    }

    #[test]
    fn names_differ() {
        let named = [Step::Name(PREV, Title::Heap)];
        assert!(scene(named, Expect::PrevWhole));
    }

    #[test]
    fn policies_alike() {
        let placed = [
            Step::Place(PREV, Placement::Node1),
            Step::Place(NEXT, Placement::Node1),
        ];
        assert!(scene(placed, Expect::Both));
    }

    #[test]
    fn policies_differ() {
        let placed = [
            Step::Place(PREV, Placement::Node0),
            Step::Place(NEXT, Placement::Interleaved),
        ];
        assert!(scene(placed, Expect::PrevWhole));
    }

    #[test]
    fn userfaultfds_alike() {
        let registered = [
            Step::Register(PREV, Context::Staying),
            Step::Register(NEXT, Context::Staying),
        ];
        assert!(scene(registered, Expect::Both));
    }

    #[test]
    fn guards_in_next_stick() {
        assert!(scene([Step::Force(8, MAYBE_GUARD)], Expect::Both));
    }

    #[test]
    fn special_mappings_do_not_grow() {
        let apart = Expect::Apart(Blocker::SpecialMapping, Blocker::SpecialMapping);
        assert!(scene([Step::Force(0, DONTEXPAND)], apart));
    }

    #[test]
    fn next_must_not_disappear() {
        let before = [
            Step::Map(Kind::Closing, PREV),
            Step::Map(Kind::Closing, NEXT),
        ];
        assert!(Scenario::new(&before, GAP, Act::Extend, Expect::PrevWhole).play());
    }
}

/// Returns whether C refuses to extend a special mapping while the shadow watches.
fn special_mapping_is_watched() -> Result<bool> {
    let mm = TestMm::new()?;
    mm.map(&Backing::Anonymous, PREV.range()?, 0)?;
    mm.force_flags(address(PREV.0), DONTEXPAND)?;
    mm.ask_shadow_to_extend(GAP.range()?)
}

/// With a wrong rule, C's result differs from the forecast of Rust (tests/guest/wrong_rule_test).
#[kunit_tests(rust_vma_extend_watched)]
mod watched {
    use super::*;

    #[test]
    fn special_mappings_do_not_grow() {
        assert_eq!(special_mapping_is_watched(), Ok(true));
    }
}
