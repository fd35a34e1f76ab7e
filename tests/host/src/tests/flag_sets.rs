// SPDX-License-Identifier: GPL-2.0

//! Sets of flags, compared with integers that have one bit per flag.

use super::fake::Dice;
use crate::{
    explain::flag_names::Distinctive,
    vma::flags::{
        self,
        VmaFlags, //
    },
};

fn set(bits: u128) -> VmaFlags {
    VmaFlags::from_words([bits as usize, (bits >> 64) as usize])
}

fn bits(set: VmaFlags) -> u128 {
    let [low, high] = set.words();
    low as u128 | (high as u128) << 64
}

/// Returns sets with few bits, sets with many, and sets that differ in few bits.
fn some_sets() -> Vec<u128> {
    let mut dice = Dice::new(2);
    let mut sets = vec![0, u128::MAX, 1, 1 << 63, 1 << 64, 1 << 127];
    for _ in 0..60 {
        let few = (0..4).fold(0, |set, _| set | 1 << dice.roll(128));
        sets.extend([few, !few]);
    }
    sets
}

#[test]
fn sets_are_sets() {
    for one in some_sets() {
        for other in some_sets() {
            assert_eq!(bits(set(one).union(set(other))), one | other);
            assert_eq!(bits(set(one).intersection(set(other))), one & other);
            assert_eq!(bits(set(one).difference(set(other))), one ^ other);
            assert_eq!(bits(set(one).without(set(other))), one & !other);
            assert_eq!(set(one).intersects(set(other)), one & other != 0);
            assert_eq!(set(one).contains(set(other)), one & other == other);
        }
    }
    assert_eq!(bits(VmaFlags::EMPTY), 0);
    assert_eq!(bits(VmaFlags::ALL), u128::MAX);
    assert_eq!(VmaFlags::BITS, 128);
}

#[test]
fn sets_have_bits() {
    for one in some_sets() {
        let expected: Vec<usize> = (0..128).filter(|bit| one & 1 << bit != 0).collect();
        assert_eq!(set(one).bits().collect::<Vec<_>>(), expected);
        for bit in 0..300 {
            assert_eq!(set(one).has_bit(bit), expected.contains(&bit));
        }
        let numbers: Vec<u32> = expected.iter().map(|&bit| bit as u32).collect();
        assert_eq!(bits(VmaFlags::of(&numbers)), one);
        assert_eq!(format!("{:x}", set(one)), {
            let (high, low) = (one >> 64, one as u64);
            format!("{high:x}{low:016x}")
        });
    }
    // The kernel may number a flag for which the set has no room.
    assert_eq!(VmaFlags::of(&[127, 128, 3]), VmaFlags::of(&[3, 127]));
}

#[test]
fn sets_that_mean_something() {
    let of = VmaFlags::of;
    assert_eq!(flags::STICKY, of(&[11, 27]));
    assert_eq!(flags::SPECIAL, of(&[14, 18, 10, 28]));
    assert_eq!(flags::ADVICE, of(&[17, 26, 15, 16]));
    assert_eq!(flags::FIXED_SIZE, of(&[18, 10]));
    for (set, copies) in [
        (of(&[]), false),
        (of(&[5]), true),
        (of(&[5, 1]), true),
        (of(&[1]), false),
        (of(&[3]), false),
        (of(&[5, 3]), false),
    ] {
        assert_eq!(set.is_cow_mapping(), copies, "{set:x}");
    }
}

#[test]
fn names_of_flags() {
    // The names of fs/proc/task_mmu.c on x86_64. Flag 36 belongs to arm64, and 39 has no name there.
    let names = [
        (0, "rd"),
        (1, "wr"),
        (2, "ex"),
        (3, "sh"),
        (4, "mr"),
        (5, "mw"),
        (6, "me"),
        (7, "ms"),
        (8, "gd"),
        (9, "um"),
        (10, "pf"),
        (11, "gu"),
        (12, "uw"),
        (13, "lo"),
        (14, "io"),
        (15, "sr"),
        (16, "rr"),
        (17, "dc"),
        (18, "de"),
        (19, "lf"),
        (20, "ac"),
        (21, "nr"),
        (22, "ht"),
        (23, "sf"),
        (24, "ar"),
        (25, "wf"),
        (26, "dd"),
        (27, "sd"),
        (28, "mm"),
        (29, "hg"),
        (30, "nh"),
        (31, "mg"),
        (36, "mt"),
        (37, "ss"),
        (39, "uc"),
        (40, "dp"),
        (41, "ui"),
        (42, "sl"),
        (43, "ur"),
    ];
    // Flags that two sets have in common are not named, and neither are flags that merges ignore.
    let (ignored, key) = (1 << 11 | 1 << 27, 0xf << 32);
    for one in some_sets() {
        for other in some_sets() {
            let told = one & !other & !ignored & !key;
            let mut words: Vec<String> = (0..128)
                .filter(|bit| told & 1 << bit != 0)
                .map(|bit| match names.iter().find(|(named, _)| *named == bit) {
                    Some((_, name)) => name.to_string(),
                    None => format!("bit:{bit}"),
                })
                .collect();
            if (one ^ other) & key != 0 {
                words.push(format!("key:{}", one >> 32 & 0xf));
            }
            let found = Distinctive::of(set(one), set(other));
            assert_eq!(found.to_string(), words.join(" "));
            assert_eq!(found.is_empty(), words.is_empty());
        }
    }
    assert_eq!(set(0x5_0000_0000).protection_key(), 5);
    assert_eq!(set(u128::MAX).protection_key(), 15);
}
