// SPDX-License-Identifier: GPL-2.0

//! Moved pages, whose new range may merge with the VMAs beside it.
//!
//! ```text
//!   0        4        8        12             20       24
//!   |--prev--|        |--next--|              |-source-|
//!             ^^^^^^^^  their new range
//! ```

use crate::{
    fixture::{
        Context,
        Placement, //
    },
    twin::{
        Act,
        Expect,
        Kind,
        Pages,
        Scenario,
        Step,
        Title,
        Who, //
    },
    vma::compat::Blocker,
};
use kernel::prelude::*;

const PREV: Pages = Pages(0, 4);
const GAP: Pages = Pages(4, 8);
const NEXT: Pages = Pages(8, 12);
const SOURCE: Pages = Pages(20, 24);

fn scene(before: &[Step], act: Act, expect: Expect) -> bool {
    Scenario::new(before, GAP, act, expect).play()
}

/// Makes a suite for VMAs that are mapped in one way.
macro_rules! copies {
    (suite: $suite:ident, module: $module:ident, kind: $kind:expr $(,)?) => {
        #[kunit_tests($suite)]
        mod $module {
            use super::*;

            const MAP_PREV: Step = Step::Map($kind, PREV);
            const MAP_NEXT: Step = Step::Map($kind, NEXT);
            const MAP_SOURCE: Step = Step::MapFrom($kind, SOURCE, 4);

            #[test]
            fn join_both() {
                let before = [MAP_PREV, MAP_NEXT, MAP_SOURCE];
                assert!(scene(&before, Act::Copy(20), Expect::Both));
            }

            #[test]
            fn join_prev() {
                let before = [MAP_PREV, MAP_SOURCE];
                assert!(scene(&before, Act::Copy(20), Expect::PrevWhole));
            }

            #[test]
            fn join_next() {
                let before = [MAP_NEXT, MAP_SOURCE];
                assert!(scene(&before, Act::Copy(20), Expect::NextWhole));
            }

            #[test]
            fn join_both_and_leave_the_source() {
                let before = [MAP_PREV, MAP_NEXT, MAP_SOURCE];
                assert!(scene(&before, Act::CopyAndKeep(20), Expect::Both));
            }

            #[test]
            fn move_between_both() {
                let before = [MAP_PREV, MAP_NEXT, MAP_SOURCE];
                assert!(scene(&before, Act::Move(20), Expect::Both));
            }

            #[test]
            fn move_below_next() {
                let before = [MAP_NEXT, MAP_SOURCE];
                assert!(scene(&before, Act::Move(20), Expect::NextWhole));
            }

            #[test]
            fn written_ones_come_home() {
                let before = [
                    MAP_PREV,
                    MAP_NEXT,
                    MAP_SOURCE,
                    Step::CameFrom(20, 4),
                    Step::Write(SOURCE),
                ];
                assert!(scene(&before, Act::Copy(20), Expect::Both));
            }

            #[test]
            fn nobody_there() {
                let apart = Expect::Apart(Blocker::NotAdjacent, Blocker::NotAdjacent);
                assert!(scene(&[MAP_SOURCE], Act::Copy(20), apart));
            }
        }
    };
}

copies! {
    suite: rust_vma_copied_anonymous,
    module: anonymous,
    kind: Kind::Anonymous,
}
copies! {
    suite: rust_vma_copied_private,
    module: private,
    kind: Kind::Private,
}

#[kunit_tests(rust_vma_copied_range)]
mod one_by_one {
    use super::*;

    #[test]
    fn shared_ones_join_both() {
        let before = [
            Step::Map(Kind::Shared, PREV),
            Step::Map(Kind::Shared, NEXT),
            Step::MapFrom(Kind::Shared, SOURCE, 4),
            Step::Write(SOURCE),
        ];
        assert!(scene(&before, Act::Copy(20), Expect::Both));
        assert!(scene(&before, Act::Move(20), Expect::Both));
    }

    #[test]
    fn written_ones_are_strangers() {
        let before = [
            Step::Map(Kind::Anonymous, PREV),
            Step::Map(Kind::Anonymous, SOURCE),
            Step::Write(SOURCE),
        ];
        let apart = Expect::Apart(Blocker::PageOffset, Blocker::NotAdjacent);
        assert!(scene(&before, Act::Copy(20), apart));
        assert!(scene(&before, Act::Move(20), apart));
    }

    #[test]
    fn written_ones_of_a_file_are_strangers() {
        let before = [
            Step::Map(Kind::Private, PREV),
            Step::Map(Kind::Private, NEXT),
            Step::MapFrom(Kind::Private, SOURCE, 4),
            Step::Write(SOURCE),
        ];
        let apart = Expect::Apart(Blocker::AnonPageOffset, Blocker::AnonPageOffset);
        assert!(scene(&before, Act::Copy(20), apart));
    }

    #[test]
    fn come_home_to_others() {
        let before = [
            Step::Map(Kind::Anonymous, PREV),
            Step::Write(PREV),
            Step::Map(Kind::Anonymous, SOURCE),
            Step::CameFrom(20, 4),
            Step::Write(SOURCE),
        ];
        let apart = Expect::Apart(Blocker::AnonVma, Blocker::NotAdjacent);
        assert!(scene(&before, Act::Copy(20), apart));
    }

    #[test]
    fn inherited_ones_keep_apart() {
        let before = [
            Step::Map(Kind::Anonymous, PREV),
            Step::Map(Kind::Anonymous, NEXT),
            Step::Map(Kind::Anonymous, SOURCE),
            Step::CameFrom(20, 4),
            Step::Write(SOURCE),
            Step::Fork(Who::Child),
        ];
        let apart = Expect::Apart(Blocker::RangeForked, Blocker::RangeForked);
        assert!(scene(&before, Act::Copy(20), apart));
    }

    #[test]
    fn names_come_along() {
        let before = [
            Step::Map(Kind::Anonymous, PREV),
            Step::Map(Kind::Anonymous, NEXT),
            Step::Name(NEXT, Title::Heap),
            Step::Map(Kind::Anonymous, SOURCE),
            Step::Name(SOURCE, Title::HeapAgain),
        ];
        assert!(scene(&before, Act::Copy(20), Expect::NextWhole));
        assert!(scene(&before, Act::Move(20), Expect::NextWhole));
    }

    #[test]
    fn policies_come_along() {
        let before = [
            Step::Map(Kind::Anonymous, PREV),
            Step::Place(PREV, Placement::Node1),
            Step::Map(Kind::Anonymous, NEXT),
            Step::Map(Kind::Anonymous, SOURCE),
            Step::Place(SOURCE, Placement::Node1),
        ];
        assert!(scene(&before, Act::Copy(20), Expect::PrevWhole));
    }

    #[test]
    fn a_userfaultfd_that_follows() {
        let before = [
            Step::Map(Kind::Anonymous, PREV),
            Step::Register(PREV, Context::Following),
            Step::Map(Kind::Anonymous, SOURCE),
            Step::Register(SOURCE, Context::Following),
        ];
        assert!(scene(&before, Act::Copy(20), Expect::PrevWhole));
    }

    #[test]
    fn a_userfaultfd_that_stays_behind() {
        let before = [
            Step::Map(Kind::Anonymous, PREV),
            Step::Register(PREV, Context::Staying),
            Step::Map(Kind::Anonymous, SOURCE),
            Step::Register(SOURCE, Context::Staying),
        ];
        let moved = Blocker::MovedUnderUserfaultfd;
        assert!(scene(&before, Act::Copy(20), Expect::Apart(moved, moved)));
        assert!(scene(&before, Act::Move(20), Expect::Apart(moved, moved)));
    }
}

/// The scenes in which the source lies beside the new range.
#[kunit_tests(rust_vma_copied_beside)]
mod beside {
    use super::*;

    const BELOW: [Step; 1] = [Step::Map(Kind::Anonymous, PREV)];
    const ABOVE: [Step; 1] = [Step::Map(Kind::Anonymous, NEXT)];
    const BOTH: [Step; 2] = [BELOW[0], ABOVE[0]];

    #[test]
    fn moves_up() {
        assert!(scene(&BELOW, Act::Copy(0), Expect::PrevWhole));
        assert!(scene(&BELOW, Act::Move(0), Expect::PrevWhole));
    }

    #[test]
    fn moves_down() {
        assert!(scene(&ABOVE, Act::Copy(8), Expect::NextWhole));
        assert!(scene(&ABOVE, Act::Move(8), Expect::NextWhole));
    }

    #[test]
    fn moves_down_to_another_and_is_replaced() {
        assert!(scene(&BOTH, Act::Copy(8), Expect::Both));
        assert!(scene(&BOTH, Act::Move(8), Expect::Both));
    }

    #[test]
    fn moves_up_but_stays() {
        let apart = Expect::Apart(Blocker::NotAdjacent, Blocker::NotAdjacent);
        assert!(scene(&BELOW, Act::CopyAndKeep(0), apart));
    }

    #[test]
    fn moves_down_but_stays() {
        let apart = Expect::Apart(Blocker::NotAdjacent, Blocker::NotAdjacent);
        assert!(scene(&ABOVE, Act::CopyAndKeep(8), apart));
    }

    #[test]
    fn moves_down_to_another_but_stays() {
        assert!(scene(&BOTH, Act::CopyAndKeep(8), Expect::PrevWhole));
    }
}
