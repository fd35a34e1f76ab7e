// SPDX-License-Identifier: GPL-2.0

//! Every shape of merge and split, for every kind of memory, untouched and faulted in.
//!
//! The scene is twelve pages, as three VMAs with different flags:
//!
//! ```text
//!   0        4        8        12
//!   |--prev--|-middle-|--next--|
//! ```
//!
//! The VMAs that merge with the middle have the flag that it gets; the others have another flag.

use crate::{
    twin::{
        Act,
        Expect,
        Kind,
        Pages,
        Scenario,
        Step, //
    },
    vma::flags::{
        VmaFlags,
        DONTCOPY,
        SEQ_READ, //
    },
};
use kernel::prelude::*;

/// The flags that the middle gets.
const SAME: VmaFlags = DONTCOPY;
/// The flags of a neighbour that does not merge with the middle.
const OTHER: VmaFlags = SEQ_READ;

/// Makes a suite for memory that is mapped in one way.
macro_rules! shapes {
    (suite: $suite:ident, module: $module:ident, before: [$($start:expr),+ $(,)?] $(,)?) => {
        #[kunit_tests($suite)]
        mod $module {
            use super::*;

            /// Plays the scene with these flags on prev and on next.
            fn scene(prev: VmaFlags, next: VmaFlags, pages: Pages, expect: Expect) -> bool {
                // Setting flags splits the mapping where they begin and end.
                let before = [
                    $($start,)+
                    Step::Set(Pages(0, 4), prev),
                    Step::Set(Pages(8, 12), next),
                ];
                Scenario::new(&before, pages, Act::Set(SAME), expect).play()
            }

            #[test]
            fn merges_with_both() {
                assert!(scene(SAME, SAME, Pages(4, 8), Expect::Both));
            }

            #[test]
            fn merges_with_prev() {
                assert!(scene(SAME, OTHER, Pages(4, 8), Expect::PrevWhole));
            }

            #[test]
            fn merges_part_with_prev() {
                assert!(scene(SAME, OTHER, Pages(4, 6), Expect::PrevPart));
            }

            #[test]
            fn merges_with_next() {
                assert!(scene(OTHER, SAME, Pages(4, 8), Expect::NextWhole));
            }

            #[test]
            fn merges_part_with_next() {
                assert!(scene(OTHER, SAME, Pages(7, 8), Expect::NextPart));
            }

            #[test]
            fn splits_off_start() {
                assert!(scene(OTHER, SAME, Pages(4, 6), Expect::SplitEnd));
            }

            #[test]
            fn splits_off_end() {
                assert!(scene(SAME, OTHER, Pages(5, 8), Expect::SplitStart));
            }

            #[test]
            fn splits_out_the_middle() {
                assert!(scene(SAME, SAME, Pages(5, 7), Expect::SplitBoth));
            }

            #[test]
            fn stays_whole() {
                assert!(scene(OTHER, OTHER, Pages(4, 8), Expect::FLAGS_DIFFER));
            }
        }
    };
}

const ALL: Pages = Pages(0, 12);

shapes! {
    suite: rust_vma_shapes_anonymous,
    module: anonymous,
    before: [Step::Map(Kind::Anonymous, ALL)],
}
shapes! {
    suite: rust_vma_shapes_anonymous_faulted,
    module: anonymous_faulted,
    before: [Step::Map(Kind::Anonymous, ALL), Step::Write(ALL)],
}
shapes! {
    suite: rust_vma_shapes_private,
    module: private,
    before: [Step::Map(Kind::Private, ALL)],
}
shapes! {
    suite: rust_vma_shapes_private_faulted,
    module: private_faulted,
    before: [Step::Map(Kind::Private, ALL), Step::Write(ALL)],
}
shapes! {
    suite: rust_vma_shapes_shared,
    module: shared,
    before: [Step::Map(Kind::Shared, ALL)],
}
shapes! {
    suite: rust_vma_shapes_shared_faulted,
    module: shared_faulted,
    before: [Step::Map(Kind::Shared, ALL), Step::Write(ALL)],
}
