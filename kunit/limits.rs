// SPDX-License-Identifier: GPL-2.0

//! `vm.max_map_count`: splits need room, merges do not.

use crate::{
    twin::{
        play,
        Expect,
        Kind,
        Pages,
        Scenario,
        Step, //
    },
    vma::sys::flags::DONTCOPY, //
};
use kernel::prelude::*;

const NO_MEMORY: Expect = Expect::Error(kernel::bindings::ENOMEM as i32);

/// Plays a scene in which there is room for that many more VMAs.
fn scene(before: &[Step], room: i32, pages: Pages, expect: Expect) -> bool {
    play(&Scenario {
        before,
        room: Some(room),
        pages,
        set: DONTCOPY,
        expect,
    })
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
        assert!(scene(&ONE, 0, Pages(0, 4), NO_MEMORY));
    }

    #[test]
    fn room_for_one_split() {
        assert!(scene(&ONE, 1, Pages(0, 4), Expect::SplitEnd));
    }

    #[test]
    fn room_for_one_split_of_two() {
        assert!(scene(&ONE, 1, Pages(2, 4), NO_MEMORY));
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
        assert!(scene(&before, 0, Pages(4, 6), Expect::LeftPart));
    }

    #[test]
    fn staying_whole_needs_no_room() {
        assert!(scene(&ONE, 0, Pages(0, 8), Expect::Whole));
    }
}
