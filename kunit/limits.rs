// SPDX-License-Identifier: GPL-2.0

//! The limit `vm.max_map_count`: splits need room, merges do not.

use crate::{
    twin::{
        Act,
        Expect,
        Kind,
        Pages,
        Scenario,
        Step, //
    },
    vma::flags::DONTCOPY,
};
use kernel::prelude::*;

/// Plays a scene with room for this many more VMAs.
fn scene(before: &[Step], room: i32, pages: Pages, expect: Expect) -> bool {
    Scenario::new(before, pages, Act::Set(DONTCOPY), expect)
        .with_room(room)
        .play()
}

#[kunit_tests(rust_vma_limits)]
mod max_map_count {
    use super::*;

    const ONE: [Step; 2] = [
        Step::Map(Kind::Anonymous, Pages(0, 8)),
        Step::Write(Pages(0, 8)),
    ];

    #[test]
    fn no_room_to_split() {
        assert!(scene(&ONE, 0, Pages(0, 4), Expect::SplitFails(ENOMEM)));
    }

    #[test]
    fn room_for_one_split() {
        assert!(scene(&ONE, 1, Pages(0, 4), Expect::SplitEnd));
    }

    #[test]
    fn room_for_one_split_of_two() {
        assert!(scene(
            &ONE,
            1,
            Pages(2, 4),
            Expect::SecondSplitFails(ENOMEM)
        ));
    }

    #[test]
    fn room_for_two_splits() {
        assert!(scene(&ONE, 2, Pages(2, 4), Expect::SplitBoth));
    }

    #[test]
    fn merging_needs_no_room() {
        let before = [
            Step::Map(Kind::Anonymous, Pages(0, 8)),
            Step::Set(Pages(0, 4), DONTCOPY),
        ];
        assert!(scene(&before, 0, Pages(4, 6), Expect::PrevPart));
    }

    #[test]
    fn staying_whole_needs_no_room() {
        assert!(scene(&ONE, 0, Pages(0, 8), Expect::NOTHING_BESIDE));
    }
}
