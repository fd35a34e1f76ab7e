// SPDX-License-Identifier: GPL-2.0

//! Mapping a new range beside VMAs.
//!
//! The scene is twelve pages, of which four in the middle are free:
//!
//! ```text
//!   0        4        8        12
//!   |--prev--|        |--next--|
//! ```

use crate::{
    fixture::{
        Context,
        Placement,
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
};
use kernel::prelude::*;

const ALL: Pages = Pages(0, 12);
const PREV: Pages = Pages(0, 4);
const GAP: Pages = Pages(4, 8);
const NEXT: Pages = Pages(8, 12);

/// Makes a suite for memory that is mapped in one way.
macro_rules! new_ranges {
    (suite: $suite:ident, module: $module:ident, kind: $kind:expr, before: [$($more:expr),*]) => {
        #[kunit_tests($suite)]
        mod $module {
            use super::*;

            const EMPTY: VmaFlags = VmaFlags::EMPTY;

            /// Plays the scene with these flags on prev and on next.
            fn scene(prev: VmaFlags, next: VmaFlags, pages: Pages, expect: Expect) -> bool {
                let before = [
                    Step::Map($kind, ALL),
                    $($more,)*
                    Step::Unmap(GAP),
                    Step::Set(PREV, prev),
                    Step::Set(NEXT, next),
                ];
                let act = Act::Map($kind, EMPTY);
                Scenario::new(&before, pages, act, expect).play()
            }

            #[test]
            fn joins_both() {
                assert!(scene(EMPTY, EMPTY, GAP, Expect::Both));
            }

            #[test]
            fn joins_prev() {
                assert!(scene(EMPTY, SEQ_READ, GAP, Expect::PrevWhole));
            }

            #[test]
            fn joins_next() {
                assert!(scene(SEQ_READ, EMPTY, GAP, Expect::NextWhole));
            }

            #[test]
            fn joins_neither() {
                let apart = Expect::Apart(Blocker::Flags, Blocker::Flags);
                assert!(scene(SEQ_READ, SEQ_READ, GAP, apart));
            }

            #[test]
            fn touches_prev_only() {
                assert!(scene(EMPTY, EMPTY, Pages(4, 6), Expect::PrevWhole));
            }

            #[test]
            fn touches_next_only() {
                assert!(scene(EMPTY, EMPTY, Pages(6, 8), Expect::NextWhole));
            }

            #[test]
            fn touches_neither() {
                let apart = Expect::Apart(Blocker::NotAdjacent, Blocker::NotAdjacent);
                assert!(scene(EMPTY, EMPTY, Pages(5, 7), apart));
            }

            #[test]
            fn flags_of_its_own() {
                let before = [Step::Map($kind, ALL), $($more,)* Step::Unmap(GAP)];
                let apart = Expect::Apart(Blocker::Flags, Blocker::Flags);
                assert!(Scenario::new(&before, GAP, Act::Map($kind, SEQ_READ), apart).play());
            }

            #[test]
            fn special() {
                let before = [
                    Step::Map($kind, ALL),
                    $($more,)*
                    Step::Unmap(GAP),
                    Step::Force(0, DONTEXPAND),
                    Step::Force(8, DONTEXPAND),
                ];
                let apart = Expect::Apart(Blocker::SpecialMapping, Blocker::SpecialMapping);
                assert!(Scenario::new(&before, GAP, Act::Map($kind, DONTEXPAND), apart).play());
            }
        }
    };
}

new_ranges! {
    suite: rust_vma_new_anonymous,
    module: anonymous,
    kind: Kind::Anonymous,
    before: []
}
new_ranges! {
    suite: rust_vma_new_anonymous_faulted,
    module: anonymous_faulted,
    kind: Kind::Anonymous,
    before: [Step::Write(ALL), Step::Rewrite(PREV)]
}
new_ranges! {
    suite: rust_vma_new_private,
    module: private,
    kind: Kind::Private,
    before: [Step::Read(ALL)]
}
new_ranges! {
    suite: rust_vma_new_shared,
    module: shared,
    kind: Kind::Shared,
    before: [Step::Read(ALL)]
}

#[kunit_tests(rust_vma_new_range)]
mod one_by_one {
    use super::*;

    const MAP: Act = Act::Map(Kind::Anonymous, VmaFlags::EMPTY);

    /// Plays the scene in anonymous memory. The steps `more` follow the mapping.
    fn scene<const N: usize>(more: [Step; N], expect: Expect) -> bool {
        let mut before = [Step::Unmap(GAP); 8];
        before[0] = Step::Map(Kind::Anonymous, ALL);
        for (step, more) in before.iter_mut().skip(2).zip(more) {
            *step = more;
        }
        let before = before.get(..N + 2).unwrap_or(&[]);
        Scenario::new(before, GAP, MAP, expect).play()
    }

    #[test]
    fn nothing_around() {
        let apart = Expect::Apart(Blocker::NotAdjacent, Blocker::NotAdjacent);
        assert!(Scenario::new(&[], GAP, MAP, apart).play());
    }

    #[test]
    fn prev_was_written_to() {
        assert!(scene([Step::Write(PREV)], Expect::Both));
    }

    #[test]
    fn next_was_written_to() {
        assert!(scene([Step::Write(NEXT)], Expect::Both));
    }

    #[test]
    fn both_were_written_to_apart() {
        let written = [Step::Write(PREV), Step::Write(NEXT)];
        assert!(scene(written, Expect::PrevWhole));
    }

    #[test]
    fn neighbours_have_names() {
        let named = [Step::Name(PREV, Title::Heap), Step::Name(NEXT, Title::Heap)];
        assert!(scene(named, Expect::Apart(Blocker::Name, Blocker::Name)));
    }

    #[test]
    fn prev_has_a_name() {
        assert!(scene([Step::Name(PREV, Title::Heap)], Expect::NextWhole));
    }

    #[test]
    fn neighbours_have_policies() {
        let placed = [
            Step::Place(PREV, Placement::Node0),
            Step::Place(NEXT, Placement::Node1),
        ];
        assert!(scene(
            placed,
            Expect::Apart(Blocker::Policy, Blocker::Policy)
        ));
    }

    #[test]
    fn neighbours_have_userfaultfds() {
        let registered = [
            Step::Register(PREV, Context::Staying),
            Step::Register(NEXT, Context::Following),
        ];
        let apart = Expect::Apart(Blocker::UserfaultfdContext, Blocker::UserfaultfdContext);
        assert!(scene(registered, apart));
    }

    #[test]
    fn guards_in_prev_stick() {
        assert!(scene([Step::Force(0, MAYBE_GUARD)], Expect::Both));
    }

    #[test]
    fn guards_in_next_stick() {
        assert!(scene([Step::Force(8, MAYBE_GUARD)], Expect::Both));
    }

    #[test]
    fn guards_in_what_is_new_stick() {
        let before = [Step::Map(Kind::Anonymous, ALL), Step::Unmap(GAP)];
        let act = Act::Map(Kind::Anonymous, MAYBE_GUARD);
        assert!(Scenario::new(&before, GAP, act, Expect::Both).play());
    }

    #[test]
    fn another_file() {
        let before = [Step::Map(Kind::Shared, ALL), Step::Unmap(GAP)];
        let act = Act::Map(Kind::OtherShared, VmaFlags::EMPTY);
        let apart = Expect::Apart(Blocker::File, Blocker::File);
        assert!(Scenario::new(&before, GAP, act, apart).play());
    }

    #[test]
    fn another_place_in_the_file() {
        let before = [Step::Map(Kind::Shared, ALL), Step::Unmap(GAP)];
        let act = Act::MapFrom(Kind::Shared, 20);
        let apart = Expect::Apart(Blocker::PageOffset, Blocker::PageOffset);
        assert!(Scenario::new(&before, GAP, act, apart).play());
    }

    #[test]
    fn the_file_goes_on_in_next_only() {
        let before = [
            Step::MapFrom(Kind::Shared, PREV, 20),
            Step::Map(Kind::Shared, NEXT),
        ];
        let act = Act::Map(Kind::Shared, VmaFlags::EMPTY);
        assert!(Scenario::new(&before, GAP, act, Expect::NextWhole).play());
    }

    #[test]
    fn pages_that_came_from_elsewhere() {
        let before = [
            Step::Map(Kind::Private, PREV),
            Step::CameFrom(0, 40),
            Step::Write(PREV),
            Step::Map(Kind::Private, NEXT),
            Step::CameFrom(8, 60),
            Step::Write(NEXT),
        ];
        let act = Act::Map(Kind::Private, VmaFlags::EMPTY);
        let apart = Expect::Apart(Blocker::AnonPageOffset, Blocker::AnonPageOffset);
        assert!(Scenario::new(&before, GAP, act, apart).play());
    }

    #[test]
    fn next_must_not_disappear() {
        let before = [
            Step::Map(Kind::Closing, PREV),
            Step::Map(Kind::Closing, NEXT),
        ];
        let act = Act::Map(Kind::Closing, VmaFlags::EMPTY);
        assert!(Scenario::new(&before, GAP, act, Expect::PrevWhole).play());
    }

    #[test]
    fn next_that_must_not_disappear_grows() {
        let before = [Step::Map(Kind::Closing, NEXT)];
        let act = Act::Map(Kind::Closing, VmaFlags::EMPTY);
        assert!(Scenario::new(&before, GAP, act, Expect::NextWhole).play());
    }

    #[test]
    fn where_anonymous_offsets_do_not_matter() {
        // The rules do not compare names of shared mappings, but a merge carries the names along.
        let before = [Step::Map(Kind::Shared, NEXT), Step::CameFrom(8, 40)];
        let act = Act::Map(Kind::Shared, VmaFlags::EMPTY);
        assert!(Scenario::new(&before, GAP, act, Expect::NextWhole).play());
    }
}

#[kunit_tests(rust_vma_brk)]
mod brk {
    use super::*;

    fn scene(before: &[Step], expect: Expect) -> bool {
        Scenario::new(before, GAP, Act::Brk, expect).play()
    }

    #[test]
    fn the_heap_grows() {
        assert!(scene(
            &[Step::Map(Kind::Anonymous, PREV)],
            Expect::PrevWhole
        ));
    }

    #[test]
    fn the_heap_grows_after_use() {
        let before = [Step::Map(Kind::Anonymous, PREV), Step::Write(PREV)];
        assert!(scene(&before, Expect::PrevWhole));
    }

    #[test]
    fn a_vma_above_is_left_alone() {
        let before = [Step::Map(Kind::Anonymous, ALL), Step::Unmap(GAP)];
        assert!(scene(&before, Expect::PrevWhole));
    }

    #[test]
    fn a_heap_with_other_flags_stays() {
        let before = [
            Step::Map(Kind::Anonymous, ALL),
            Step::Unmap(GAP),
            Step::Set(PREV, SEQ_READ),
        ];
        assert!(scene(
            &before,
            Expect::Apart(Blocker::Flags, Blocker::ExpandOnly)
        ));
    }

    #[test]
    fn guards_stick() {
        let before = [
            Step::Map(Kind::Anonymous, PREV),
            Step::Force(0, MAYBE_GUARD),
        ];
        assert!(scene(&before, Expect::PrevWhole));
    }
}
