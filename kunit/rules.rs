// SPDX-License-Identifier: GPL-2.0

//! The rules, one by one, each in a scene in which all other rules would allow a merge.

use crate::{
    fixture::{
        DONTEXPAND,
        MAYBE_GUARD, //
    },
    twin::{
        Act,
        Expect,
        Kind,
        Pages,
        Scenario,
        Step, //
    },
    vma::{
        compat::Blocker,
        flags::{
            DONTCOPY,
            SEALED,
            SEQ_READ, //
        },
    },
};
use kernel::prelude::*;

const SPECIAL: Expect = Expect::Apart(Blocker::SpecialMapping, Blocker::SpecialMapping);

/// Returns the expectation that this blocker prevents a merge below, and that there is no VMA above.
const fn below(blocker: Blocker) -> Expect {
    Expect::Apart(blocker, Blocker::NotAdjacent)
}

/// Returns the expectation that this blocker prevents a merge above, and that there is no VMA below.
const fn above(blocker: Blocker) -> Expect {
    Expect::Apart(Blocker::NotAdjacent, blocker)
}

/// Plays a scene in which `pages` get the flag that their neighbours have.
fn scene(before: &[Step], pages: Pages, expect: Expect) -> bool {
    Scenario::new(before, pages, Act::Set(DONTCOPY), expect).play()
}

#[kunit_tests(rust_vma_rules)]
mod one_by_one {
    use super::*;

    #[test]
    fn a_gap_below_keeps_apart() {
        let before = [
            Step::Map(Kind::Anonymous, Pages(0, 4)),
            Step::Set(Pages(0, 4), DONTCOPY),
            Step::Map(Kind::Anonymous, Pages(5, 9)),
        ];
        assert!(scene(&before, Pages(5, 9), Expect::NOTHING_BESIDE));
    }

    #[test]
    fn a_gap_above_keeps_apart() {
        let before = [
            Step::Map(Kind::Anonymous, Pages(0, 4)),
            Step::Map(Kind::Anonymous, Pages(5, 9)),
            Step::Set(Pages(5, 9), DONTCOPY),
        ];
        assert!(scene(&before, Pages(0, 4), Expect::NOTHING_BESIDE));
    }

    #[test]
    fn a_gap_below_keeps_apart_though_the_file_goes_on() {
        let before = [
            Step::Map(Kind::Shared, Pages(0, 4)),
            Step::Set(Pages(0, 4), DONTCOPY),
            Step::MapFrom(Kind::Shared, Pages(5, 9), 4),
        ];
        assert!(scene(&before, Pages(5, 9), Expect::NOTHING_BESIDE));
    }

    #[test]
    fn a_gap_above_keeps_apart_though_the_file_goes_on() {
        let before = [
            Step::Map(Kind::Shared, Pages(0, 4)),
            Step::MapFrom(Kind::Shared, Pages(5, 9), 4),
            Step::Set(Pages(5, 9), DONTCOPY),
        ];
        assert!(scene(&before, Pages(0, 4), Expect::NOTHING_BESIDE));
    }

    #[test]
    fn another_file_at_the_next_offset() {
        let before = [
            Step::Map(Kind::Shared, Pages(0, 4)),
            Step::Set(Pages(0, 4), DONTCOPY),
            Step::Map(Kind::OtherShared, Pages(4, 8)),
        ];
        assert!(scene(&before, Pages(4, 8), below(Blocker::File)));
    }

    #[test]
    fn nothing_around() {
        let before = [Step::Map(Kind::Anonymous, Pages(0, 4))];
        assert!(scene(&before, Pages(0, 4), Expect::NOTHING_BESIDE));
    }

    #[test]
    fn a_single_page_between() {
        let before = [
            Step::Map(Kind::Anonymous, Pages(0, 3)),
            Step::Set(Pages(0, 1), DONTCOPY),
            Step::Set(Pages(2, 3), DONTCOPY),
        ];
        assert!(scene(&before, Pages(1, 2), Expect::Both));
    }

    #[test]
    fn a_file_and_no_file() {
        let before = [
            Step::Map(Kind::Private, Pages(0, 4)),
            Step::Set(Pages(0, 4), DONTCOPY),
            Step::Map(Kind::Anonymous, Pages(4, 8)),
        ];
        assert!(scene(&before, Pages(4, 8), below(Blocker::File)));
    }

    #[test]
    fn private_and_shared() {
        let before = [
            Step::Map(Kind::Private, Pages(0, 4)),
            Step::Set(Pages(0, 4), DONTCOPY),
            Step::Map(Kind::Shared, Pages(4, 8)),
        ];
        assert!(scene(&before, Pages(4, 8), below(Blocker::Flags)));
    }

    #[test]
    fn the_file_goes_on_elsewhere() {
        let before = [
            Step::Map(Kind::Shared, Pages(0, 4)),
            Step::Set(Pages(0, 4), DONTCOPY),
            Step::MapFrom(Kind::Shared, Pages(4, 8), 20),
        ];
        assert!(scene(&before, Pages(4, 8), below(Blocker::PageOffset)));
    }

    #[test]
    fn the_file_comes_from_elsewhere() {
        let before = [
            Step::MapFrom(Kind::Shared, Pages(0, 4), 20),
            Step::Map(Kind::Shared, Pages(4, 8)),
            Step::Set(Pages(4, 8), DONTCOPY),
        ];
        assert!(scene(&before, Pages(0, 4), above(Blocker::PageOffset)));
    }

    #[test]
    fn special_mappings_stay_whole() {
        let before = [
            Step::Map(Kind::Anonymous, Pages(0, 12)),
            Step::Set(Pages(0, 4), DONTCOPY),
            Step::Set(Pages(8, 12), DONTCOPY),
            Step::Force(0, DONTEXPAND),
            Step::Force(4, DONTEXPAND),
            Step::Force(8, DONTEXPAND),
        ];
        assert!(scene(&before, Pages(4, 8), SPECIAL));
    }

    #[test]
    fn special_mappings_split() {
        let before = [
            Step::Map(Kind::Anonymous, Pages(0, 8)),
            Step::Set(Pages(0, 4), DONTCOPY),
            Step::Force(0, DONTEXPAND),
            Step::Force(4, DONTEXPAND),
        ];
        assert!(scene(&before, Pages(4, 6), Expect::SplitEnd));
    }

    #[test]
    fn sealed_and_not_sealed() {
        let before = [
            Step::Map(Kind::Anonymous, Pages(0, 8)),
            Step::Set(Pages(0, 4), DONTCOPY),
            Step::Force(0, SEALED),
        ];
        assert!(scene(&before, Pages(4, 8), below(Blocker::Flags)));
    }

    #[test]
    fn sealed_both() {
        let before = [
            Step::Map(Kind::Anonymous, Pages(0, 8)),
            Step::Set(Pages(0, 4), DONTCOPY),
            Step::Force(0, SEALED),
            Step::Force(4, SEALED),
        ];
        assert!(scene(&before, Pages(4, 8), Expect::PrevWhole));
    }

    #[test]
    fn a_second_flag_differs() {
        let before = [
            Step::Map(Kind::Anonymous, Pages(0, 8)),
            Step::Set(Pages(0, 4), DONTCOPY.union(SEQ_READ)),
        ];
        assert!(scene(&before, Pages(4, 8), below(Blocker::Flags)));
    }

    #[test]
    fn guards_in_prev_stick() {
        let before = [
            Step::Map(Kind::Anonymous, Pages(0, 12)),
            Step::Set(Pages(0, 4), DONTCOPY),
            Step::Set(Pages(8, 12), DONTCOPY),
            Step::Force(0, MAYBE_GUARD),
        ];
        assert!(scene(&before, Pages(4, 8), Expect::Both));
    }

    #[test]
    fn guards_in_middle_stick() {
        let before = [
            Step::Map(Kind::Anonymous, Pages(0, 8)),
            Step::Set(Pages(0, 4), DONTCOPY),
            Step::Force(4, MAYBE_GUARD),
        ];
        assert!(scene(&before, Pages(4, 6), Expect::PrevPart));
    }

    #[test]
    fn guards_in_next_stick() {
        let before = [
            Step::Map(Kind::Anonymous, Pages(0, 12)),
            Step::Set(Pages(0, 4), DONTCOPY),
            Step::Set(Pages(8, 12), DONTCOPY),
            Step::Force(8, MAYBE_GUARD),
        ];
        assert!(scene(&before, Pages(4, 8), Expect::Both));
    }
}
