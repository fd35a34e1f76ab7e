// SPDX-License-Identifier: GPL-2.0

//! The causes that the answer names, against all other sets of causes.

use super::{
    causes::names,
    fake::Dice,
    tallies::{
        all_sets,
        boundaries,
        occurring,
        remaining,
        some_vmas,
        tally,
        told, //
    },
};
use crate::{
    explain::{
        cause_set::CauseSet,
        Answer, //
    },
    vma::causes::Cause,
};

/// How much better a step is than another, each with the VMAs that disappear and the number of its causes.
fn is_better(one: (usize, usize), other: (usize, usize)) -> bool {
    let cost = |causes: usize| 10 * causes - 1;
    one.0 * cost(other.1) > other.0 * cost(one.1)
}

#[test]
fn no_other_set_does_better() {
    let mut dice = Dice::new(8);
    let mut sizes = [0; 16];
    let mut numbers = [0; 8];
    for _ in 0..30_000 {
        let vmas = some_vmas(&mut dice, 12);
        let tally = tally(&vmas);
        let boundaries = boundaries(&vmas);
        let causes = occurring(&boundaries);
        let mut table = vec![0; Answer::table_length(&tally)];
        let answer = Answer::find(&tally, &mut table);
        assert!(!answer.is_partial);

        let mut removed = CauseSet::NONE;
        let mut left = remaining(&vmas, removed);
        for step in answer.steps() {
            assert!(step.causes.minus(removed) == step.causes, "{}", told(&vmas));
            let all = removed.union(step.causes);
            assert_eq!(step.remaining, remaining(&vmas, all), "{}", told(&vmas));
            let with_all = boundaries.iter().filter(|set| step.causes.is_within(**set));
            assert_eq!(step.boundaries, with_all.count());
            let all_but_one = step
                .causes
                .iter()
                .map(|cause| remaining(&vmas, all.without(cause)));
            assert_eq!(Some(step.without_all_but_one), all_but_one.min());

            let worth = left - step.remaining;
            assert!(worth > 0 && worth >= vmas.len().div_ceil(50));
            for other in all_sets(&causes).filter(|set| removed.is_within(*set) && *set != removed)
            {
                let others = left - remaining(&vmas, other);
                let count = other.minus(removed).count();
                assert!(
                    !is_better((others, count), (worth, step.causes.count())),
                    "{}",
                    told(&vmas)
                );
                assert!(count >= step.causes.count() || others < worth);
            }
            sizes[step.causes.count()] += 1;
            (removed, left) = (all, step.remaining);
        }
        let steps = answer.steps().count();
        numbers[steps] += 1;
        // What is left is little, or too many steps.
        if steps < 5 {
            for other in all_sets(&causes).filter(|set| removed.is_within(*set)) {
                let most = left - remaining(&vmas, other);
                assert!(most < vmas.len().div_ceil(50) * other.minus(removed).count().max(1));
            }
        }
    }
    assert!(sizes[1..4].iter().all(|size| *size > 1000), "{sizes:?}");
    assert!(
        numbers[..4].iter().all(|number| *number > 1000),
        "{numbers:?}"
    );
}

/// Each VMA has one of these, by turns.
fn alternating(causes: &[&[u32]], turns: usize) -> Vec<super::fake::Fake> {
    use super::fake::{extent, Fake};
    use crate::vma::flags::VmaFlags;
    (0..turns)
        .map(|turn| Fake {
            flags: VmaFlags::of(causes[turn % causes.len()]),
            ..Fake::at(extent(turn, turn + 1, turn, turn))
        })
        .collect()
}

fn steps(vmas: &[super::fake::Fake]) -> Vec<(Vec<&'static str>, usize)> {
    let tally = tally(vmas);
    let mut table = vec![0; Answer::table_length(&tally)];
    let answer = Answer::find(&tally, &mut table);
    answer
        .steps()
        .map(|step| (names(step.causes), step.remaining))
        .collect()
}

/// Three flags that always come as three are one answer.
#[test]
fn causes_that_act_together() {
    let vmas = alternating(&[&[], &[17, 26, 31]], 20);
    let together = vec!["MADV_DONTFORK", "MADV_DONTDUMP", "MADV_MERGEABLE"];
    assert_eq!(steps(&vmas), [(together, 1)]);
}

/// Two that act by themselves are two steps, the worse one first.
#[test]
fn causes_that_act_by_themselves() {
    let mut vmas = alternating(&[&[], &[17]], 20);
    vmas.extend(alternating(&[&[], &[26]], 50).drain(20..));
    assert_eq!(
        steps(&vmas),
        [(vec!["MADV_DONTDUMP"], 21), (vec!["MADV_DONTFORK"], 1)]
    );
}

/// Guard pages keep as many apart as anon_vmas would if they were gone.
#[test]
fn guards_first_and_then_anon_vmas() {
    let mut vmas = alternating(&[&[0, 1], &[]], 40);
    for (turn, vma) in vmas.iter_mut().enumerate().step_by(2) {
        vma.anon_vma = Some(turn as u8 + 1);
    }
    assert_eq!(
        steps(&vmas),
        [
            (vec!["access rights (mprotect)"], 20),
            (vec!["anon_vmas (written before they were neighbours)"], 1),
        ]
    );
}

/// Sets of more than sixteen causes are not compared.
#[test]
fn too_many_causes() {
    // A bit of each of seventeen causes, and those of sixteen of them once more.
    let bits = [
        0, 32, 20, 21, 3, 4, 17, 26, 25, 15, 29, 31, 13, 42, 9, 8, 40,
    ];
    for (count, is_partial) in [(16, false), (17, true)] {
        let mut vmas = Vec::new();
        for (place, bit) in bits[..count].iter().chain(&bits[1..count]).enumerate() {
            for (half, flags) in [vec![], vec![*bit]].into_iter().enumerate() {
                let page = 2 * place + half;
                vmas.push(super::fake::Fake {
                    flags: crate::vma::flags::VmaFlags::of(&flags),
                    ..super::fake::Fake::at(super::fake::extent(page, page + 1, page, page))
                });
            }
        }
        let tally = tally(&vmas);
        let mut table = vec![0; Answer::table_length(&tally)];
        assert_eq!(table.len(), 1 << 16);
        let answer = Answer::find(&tally, &mut table);
        assert_eq!(answer.is_partial, is_partial);
        for step in answer.steps() {
            // The rarest one is left out.
            assert!(!is_partial || !step.causes.contains(Cause::AccessRights));
            assert!(step.causes.is_one());
        }
        assert_eq!(answer.steps().count(), 5);
    }
}
