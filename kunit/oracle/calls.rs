// SPDX-License-Identifier: GPL-2.0

//! Calls of leaves that one engine makes and the other does not.

use super::{
    comes_to,
    LOW,
    SET,
    START,
    WHOLE, //
};
use crate::{
    fixture::{
        Call,
        Engine,
        Flaw,
        Leaf,
        What, //
    },
    twin::{
        Complaint,
        Expect,
        Kind,
        Pages,
        Player,
        Scenario,
        Step,
        HUGE, //
    },
    vma::flags::SEQ_READ,
    words::address,
};
use kernel::prelude::*;

/// The number of facts about the arguments of one call.
const NUMBERS: usize = 6;
/// The first call that a flaw adds to the calls of the scene, and the number of its first fact.
const CALL: usize = 1;
const NUMBER: usize = CALL * NUMBERS;

const MMAP: Call = Call::UprobeMmap(0);
const MMAP_SECOND: Call = Call::UprobeMmap(1);
const MUNMAP: Call = Call::UprobeMunmap(0, 0x1000, 0x2000);
const MUNMAP_FROM: Call = Call::UprobeMunmap(0, 0x0000, 0x2000);
const MUNMAP_TO: Call = Call::UprobeMunmap(0, 0x1000, 0x3000);

/// Returns whether these additional calls by Rust and by C cause differences in these facts, and also if the
/// two are swapped.
fn calls_differ(
    one: &'static [Call],
    other: &'static [Call],
    facts: &[(What, usize)],
) -> Result<bool> {
    let mut expected = KVec::new();
    for (what, of) in facts {
        let complaint = Complaint::Differs(Engine::Rust, *what, *of);
        expected.push(complaint, GFP_KERNEL)?;
    }
    let play = |rust, c| {
        let rust = Player::flawed(Engine::Rust, Flaw::Calls(rust));
        let c = Player::flawed(Engine::C, Flaw::Calls(c));
        comes_to(&WHOLE.with_rust(rust).with_c(c), &expected)
    };
    Ok(play(one, other) & play(other, one))
}

#[kunit_tests(rust_vma_oracle_calls)]
mod that_differ {
    use super::*;

    #[test]
    fn that_are_the_same() {
        let calls = calls_differ(&[MMAP, MUNMAP], &[MMAP, MUNMAP], &[]);
        assert_eq!(calls, Ok(true));
    }

    #[test]
    fn one_more() {
        let facts = [
            (What::Leaf, CALL),
            (What::LeafArgument, NUMBER),
            (What::LeafArgument, NUMBER + 1),
        ];
        assert_eq!(calls_differ(&[MMAP], &[], &facts), Ok(true));
    }

    #[test]
    fn another_one() {
        let facts = [
            (What::Leaf, CALL),
            (What::LeafArgument, NUMBER + 2),
            (What::LeafArgument, NUMBER + 3),
        ];
        assert_eq!(calls_differ(&[MMAP], &[MUNMAP], &facts), Ok(true));
    }

    #[test]
    fn in_another_order() {
        let facts = [
            (What::Leaf, CALL),
            (What::Leaf, CALL + 1),
            (What::LeafArgument, NUMBER + 2),
            (What::LeafArgument, NUMBER + 3),
            (What::LeafArgument, NUMBER + NUMBERS + 2),
            (What::LeafArgument, NUMBER + NUMBERS + 3),
        ];
        let calls = calls_differ(&[MMAP, MUNMAP], &[MUNMAP, MMAP], &facts);
        assert_eq!(calls, Ok(true));
    }

    #[test]
    fn of_another_vma() {
        let facts = [
            (What::LeafArgument, NUMBER),
            (What::LeafArgument, NUMBER + 1),
        ];
        assert_eq!(calls_differ(&[MMAP], &[MMAP_SECOND], &facts), Ok(true));
    }

    #[test]
    fn from_elsewhere() {
        let facts = [(What::LeafArgument, NUMBER + 2)];
        assert_eq!(calls_differ(&[MUNMAP], &[MUNMAP_FROM], &facts), Ok(true));
    }

    #[test]
    fn to_elsewhere() {
        let facts = [(What::LeafArgument, NUMBER + 3)];
        assert_eq!(calls_differ(&[MUNMAP], &[MUNMAP_TO], &facts), Ok(true));
    }
}

/// A scenario in which the first half of a written VMA of a file becomes a separate VMA.
const CUT: Scenario<'_> = Scenario::new(
    &[Step::Map(Kind::Private, LOW), Step::Write(LOW)],
    START,
    SET,
    Expect::SplitEnd,
);

/// A scenario in which the second of two written VMAs merges into the first.
const JOIN: Scenario<'_> = Scenario::new(
    &[
        Step::Map(Kind::Anonymous, Pages(0, 8)),
        Step::Write(Pages(0, 8)),
        Step::Set(LOW, SEQ_READ),
    ],
    Pages(4, 8),
    SET,
    Expect::PrevWhole,
);

/// The scenario of [`JOIN`], in a file.
const FILE_JOIN: Scenario<'_> = Scenario::new(
    &[
        Step::Map(Kind::Shared, Pages(0, 8)),
        Step::Set(LOW, SEQ_READ),
    ],
    Pages(4, 8),
    SET,
    Expect::PrevWhole,
);

/// A scenario in which the policy of the copy cannot be duplicated, so that the preallocated nodes are freed.
const NO_POLICY: Scenario<'_> = CUT.failing(Leaf::DupPolicy, 1);

/// A scenario in which the first half of a VMA of two huge pages of hugetlbfs becomes a separate VMA.
const HUGE_CUT: Scenario<'_> = Scenario::new(
    &[Step::Map(Kind::HugeShared, Pages(0, 2 * HUGE))],
    Pages(0, HUGE),
    SET,
    Expect::SplitEnd,
);

/// Returns the address of the last byte before a page.
const fn end(page: usize) -> usize {
    address(page) - 1
}

const P0: usize = address(0);
const P2: usize = address(2);
const P4: usize = address(4);
const P8: usize = address(8);
const PH: usize = address(HUGE);

/// The values of `TASK_UNINTERRUPTIBLE` and `VMA_OP_SPLIT`.
const TASK: usize = 2;
const SPLIT: usize = 0;

/// The facts about the arguments of the first call of each leaf, and the number of facts. A VMA has its start
/// and end at the time of the call; a place in the tree has its index and last index. The last fact may be
/// missing here if the kernel decides its value.
#[rustfmt::skip]
const NOTED: [(Scenario<'_>, &CStr, &[usize], usize); 21] = [
    (CUT, c"vm_area_dup", &[P0, P4], 2),
    // The third fact says that the pointer to store is not null.
    (CUT, c"mas_preallocate", &[P2, end(4), 0], 4),
    (CUT, c"vma_dup_policy", &[P0, P4, P2, P4], 4),
    (CUT, c"anon_vma_clone", &[P2, P4, P0, P4, SPLIT], 5),
    (CUT, c"__vma_start_write", &[P0, P4, TASK], 3),
    (CUT, c"uprobe_munmap", &[P0, P4, P0, P4], 4),
    (CUT, c"mapping_rmap_tree_insert", &[P2, P4], 2),
    (CUT, c"mapping_rmap_tree_remove", &[P0, P4], 2),
    // anon_vma_clone() inserts the new VMA.
    (CUT, c"anon_rmap_tree_insert", &[P2, P4], 2),
    (CUT, c"anon_rmap_tree_remove", &[P0, P4], 2),
    (CUT, c"vma_adjust_trans_huge", &[P0, P4, P0, P2, 0, 0], 6),
    (CUT, c"mas_store_prealloc", &[P2, end(4), P2, P4], 4),
    (CUT, c"uprobe_mmap", &[P0, P2], 2),
    (CUT, c"validate_mm", &[], 0),
    (NO_POLICY, c"mas_destroy", &[P2, end(4)], 2),
    (NO_POLICY, c"vm_area_free", &[P2, P4], 2),
    (JOIN, c"unlink_anon_vmas", &[P4, P8], 2),
    (JOIN, c"vm_area_free", &[P4, P8], 2),
    (JOIN, c"khugepaged_enter_vma", &[P0, P8], 3),
    (FILE_JOIN, c"fput", &[], 0),
    (HUGE_CUT, c"hugetlb_split", &[P0, address(2 * HUGE), PH], 3),
];

fn is_noted(scenario: &Scenario<'_>, leaf: &CStr, numbers: &[usize], count: usize) -> Result<bool> {
    let noted = scenario.seen_in_c()?.calls.first(leaf)?;
    let right = noted.starts_with(numbers) && noted.len() == count;
    if !right {
        pr_err!("{leaf:?}: expected {numbers:x?} and {count} in all, found {noted:x?}\n");
    }
    Ok(right)
}

#[kunit_tests(rust_vma_oracle_leaves)]
mod leaves {
    use super::*;

    #[test]
    fn and_what_is_noted_of_their_arguments() {
        for (scenario, leaf, numbers, count) in NOTED {
            assert_eq!(is_noted(&scenario, leaf, numbers, count), Ok(true));
        }
    }
}
