// SPDX-License-Identifier: GPL-2.0

//! A range and the VMAs around it, in every state that decides which merge happens.

mod properties;

use super::fake::{
    extent,
    for_each_state,
    Fake, //
};
use crate::vma::{
    compat::{
        Attributes,
        Blocker,
        Candidate,
        Joining,
        Reach,
        Reduction,
        Side,
        Source, //
    },
    extent::{
        Extent,
        PAGE_SIZE, //
    },
    flags::{
        self,
        VmaFlags, //
    },
    plan::{
        plan_new,
        plan_part,
        Blockers,
        Decision,
        Shape,
        Unjoined, //
    },
};
use std::collections::BTreeMap;

/// The sizes of the dimensions, in the order of [`Scene::of`].
const SIZES: [usize; 12] = [4, 4, 3, 2, 2, 2, 4, 2, 2, 2, 3, 2];

/// A VMA beside the range.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Beside {
    Nobody,
    BehindAGap,
    Different,
    Alike,
}

/// Pages as the numbers that C has: start, end, pgoff, anon_pgoff.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Pages {
    start: usize,
    end: usize,
    pgoff: usize,
    anon_pgoff: usize,
}

impl Pages {
    fn of(extent: Extent) -> Self {
        Self {
            start: extent.range.start() / PAGE_SIZE,
            end: extent.range.end() / PAGE_SIZE,
            pgoff: extent.pgoff.pages(),
            anon_pgoff: extent.anon_pgoff.pages(),
        }
    }

    fn extent(self) -> Extent {
        extent(self.start, self.end, self.pgoff, self.anon_pgoff)
    }

    /// Moves the start to `start`, and the offsets with it.
    fn starting_at(self, start: usize) -> Self {
        let pages = start.wrapping_sub(self.start);
        Self {
            start,
            pgoff: self.pgoff.wrapping_add(pages),
            anon_pgoff: self.anon_pgoff.wrapping_add(pages),
            ..self
        }
    }
}

/// The answer of C, in its own terms.
#[derive(PartialEq, Debug)]
enum Answer {
    /// C returns NULL because no neighbour can merge.
    Nothing(Blocker, Blocker),
    /// C returns NULL because of a close hook. The option says why the other side would not have joined.
    Abandoned(&'static str, Option<Unjoined>),
    /// The name and pages of the VMA that grows, the rest of the middle, and the reason why the other side
    /// did not join.
    Merged(&'static str, Pages, Option<Pages>, Option<Unjoined>),
}

struct Scene {
    below: Beside,
    above: Beside,
    prev_anon_vma: Option<u8>,
    next_anon_vma: Option<u8>,
    prev_closes: bool,
    next_closes: bool,
    middle_closes: bool,
    /// The part of the middle: all, the lower part, the upper part, a part inside. A new range is all of it.
    part: usize,
    is_new: bool,
    joining: Joining,
    special: bool,
    offsets: usize,
}

impl Scene {
    fn of(state: [usize; 12]) -> Self {
        let beside = [
            Beside::Nobody,
            Beside::BehindAGap,
            Beside::Different,
            Beside::Alike,
        ];
        let anon_vmas = [(None, None), (Some(1), Some(1)), (Some(1), Some(2))][state[2]];
        Self {
            below: beside[state[0]],
            above: beside[state[1]],
            prev_anon_vma: anon_vmas.0,
            next_anon_vma: anon_vmas.1,
            prev_closes: state[3] == 1,
            next_closes: state[4] == 1,
            middle_closes: state[5] == 1,
            part: state[6],
            is_new: state[7] == 1,
            joining: [Joining::EitherSide, Joining::ExpandOnly][state[8]],
            special: state[9] == 1,
            // The offsets: as expected, wrapping around, or with anonymous ones that match nothing.
            offsets: state[10],
        }
    }

    /// Returns whether a field differs from its default but means nothing for a new range, or for an existing
    /// one.
    fn is_redundant(&self) -> bool {
        if self.is_new {
            self.part != 0 || self.middle_closes
        } else {
            self.joining == Joining::ExpandOnly
        }
    }

    /// Returns pages with their offsets. The middle is pages 10 to 20. The offsets continue through all three
    /// VMAs, except for the anonymous ones in the case in which nothing looks at them.
    fn place(&self, start: usize, end: usize, discord: usize) -> Pages {
        let base = if self.offsets == 1 {
            usize::MAX - 8
        } else {
            1000
        };
        Pages {
            start,
            end,
            pgoff: base.wrapping_add(start),
            anon_pgoff: match self.offsets {
                2 => discord,
                _ => base.wrapping_add(start + 5),
            },
        }
    }

    fn range(&self) -> Pages {
        let (start, end) = [(10, 20), (10, 14), (15, 20), (12, 17)][self.part];
        let whole = self.middle();
        Pages {
            end,
            ..whole.starting_at(start)
        }
    }

    fn middle(&self) -> Pages {
        self.place(10, 20, 300)
    }

    fn prev(&self) -> Pages {
        match self.below {
            Beside::BehindAGap => self.place(4, 9, 20),
            _ => self.place(4, 10, 20),
        }
    }

    fn next(&self) -> Pages {
        match self.above {
            Beside::BehindAGap => self.place(21, 26, 7000),
            _ => self.place(20, 26, 7000),
        }
    }

    fn vma(
        &self,
        beside: Beside,
        place: Pages,
        anon_vma: Option<u8>,
        closes: bool,
    ) -> Option<Fake> {
        let extra = match beside {
            Beside::Nobody => return None,
            Beside::Different => flags::DONTDUMP,
            Beside::BehindAGap | Beside::Alike => VmaFlags::EMPTY,
        };
        Some(Fake {
            flags: self.flags().union(extra),
            file: Some(1),
            anon_vma,
            closes,
            ..Fake::at(place.extent())
        })
    }

    /// Returns the flags of a shared mapping, for which nothing looks at anonymous page offsets.
    fn flags(&self) -> VmaFlags {
        let special = if self.special {
            VmaFlags::of(&[18])
        } else {
            VmaFlags::EMPTY
        };
        flags::SHARED.union(special)
    }

    /// Returns the answer of mm/vma.c, step by step.
    fn answer_of_c(&self) -> Answer {
        let (range, middle, prev, next) = (self.range(), self.middle(), self.prev(), self.next());
        let left_side = self.is_new || range.start == middle.start;
        let right_side = self.is_new || range.end == middle.end;
        let just_expand = self.is_new && self.joining == Joining::ExpandOnly;

        if self.special {
            return Answer::Nothing(Blocker::SpecialMapping, Blocker::SpecialMapping);
        }
        if !left_side && !right_side {
            return Answer::Nothing(Blocker::TouchesNeitherEnd, Blocker::TouchesNeitherEnd);
        }

        let why_not = |reaches: bool, beside: Beside| match (reaches, beside) {
            (false, _) => Some(Blocker::RestOfVma),
            (true, Beside::Nobody | Beside::BehindAGap) => Some(Blocker::NotAdjacent),
            (true, Beside::Different) => Some(Blocker::Flags),
            (true, Beside::Alike) => None,
        };
        let not_left = why_not(left_side, self.below);
        let mut not_right = why_not(right_side, self.above);
        if just_expand {
            not_right = Some(Blocker::ExpandOnly);
        }
        let merge_left = not_left.is_none();
        let differ = self.prev_anon_vma.is_some()
            && self.next_anon_vma.is_some()
            && self.prev_anon_vma != self.next_anon_vma;
        if not_right.is_none() && merge_left && differ {
            not_right = Some(Blocker::NeighboursAnonVma);
        }
        let mut merge_right = not_right.is_none();
        let mut unjoined = not_right.map(Unjoined::Blocked);
        let remove_middle = !self.is_new && left_side && right_side;

        if !merge_left && !merge_right {
            let (prev, next) = not_left.zip(not_right).expect("neither merges");
            return Answer::Nothing(prev, next);
        }
        if merge_left && merge_right && self.next_closes {
            merge_right = false;
            unjoined = Some(Unjoined::Reduced(Reduction::NextStays));
        }
        if remove_middle && self.middle_closes {
            return match (merge_left, merge_right) {
                (true, true) => Answer::Abandoned("both", None),
                (true, false) => Answer::Abandoned("prev", unjoined),
                _ => Answer::Abandoned("next", not_left.map(Unjoined::Blocked)),
            };
        }

        if merge_left && merge_right {
            let grown = Pages {
                end: next.end,
                ..prev
            };
            return Answer::Merged("both", grown, None, None);
        }
        if merge_left {
            let grown = Pages {
                end: range.end,
                ..prev
            };
            let rest = (range.end < middle.end).then(|| middle.starting_at(range.end));
            return Answer::Merged("prev", grown, rest, unjoined);
        }
        // For a new range, the request keeps its offsets. Otherwise the offsets of next are moved down.
        let grown = if self.is_new {
            Pages {
                end: next.end,
                ..range
            }
        } else {
            next.starting_at(range.start)
        };
        let rest = (range.start > middle.start).then_some(Pages {
            end: range.start,
            ..middle
        });
        Answer::Merged("next", grown, rest, not_left.map(Unjoined::Blocked))
    }
}

fn in_terms_of_c(decision: Decision) -> Answer {
    let name = |shape: Shape| match shape {
        Shape::Both => "both",
        Shape::PrevWhole | Shape::PrevPart { .. } => "prev",
        Shape::NextWhole | Shape::NextPart { .. } => "next",
    };
    match decision {
        Decision::Keep(Blockers { prev, next }) => Answer::Nothing(prev, next),
        Decision::Abandon(plan) => Answer::Abandoned(name(plan.shape), plan.other_side),
        Decision::Merge(plan) => {
            let rest = match plan.shape {
                Shape::PrevPart { rest } | Shape::NextPart { rest } => Some(Pages::of(rest)),
                Shape::Both | Shape::PrevWhole | Shape::NextWhole => None,
            };
            Answer::Merged(
                name(plan.shape),
                Pages::of(plan.grown),
                rest,
                plan.other_side,
            )
        }
    }
}

fn decide(scene: &Scene, candidate: &Candidate<'_, Fake>, vmas: [Option<&Fake>; 3]) -> Decision {
    let [prev, middle, next] = vmas;
    let reach = match middle {
        Some(middle) => Reach::of_part(candidate.extent.range, candidate.flags, middle),
        None => Reach::of_new(candidate, scene.joining),
    };
    // The engine does not look for next if the range does not reach up to it.
    let next = next.filter(|_| matches!(&reach, Ok(reach) if reach.to(Side::Above).is_ok()));
    match (middle, reach) {
        (None, Ok(reach)) => plan_new(candidate, &reach, prev, next),
        (Some(middle), Ok(reach)) => plan_part(candidate, &reach, prev, middle, next),
        (_, Err(blocker)) => Decision::Keep(Blockers {
            prev: blocker,
            next: blocker,
        }),
    }
}

/// Returns the names of the cases that a decision belongs to. Each case has to occur.
fn occurrences(decision: &Decision) -> Vec<&'static str> {
    let plan = match decision {
        Decision::Keep(_) => return vec!["nothing"],
        Decision::Abandon(_) => return vec!["abandoned"],
        Decision::Merge(plan) => plan,
    };
    let mut words = vec![match plan.shape {
        Shape::Both => "both",
        Shape::PrevWhole => "prev",
        Shape::PrevPart { .. } => "a part to prev",
        Shape::NextWhole => "next",
        Shape::NextPart { .. } => "a part to next",
    }];
    if plan.other_side == Some(Unjoined::Reduced(Reduction::NextStays)) {
        words.push("next stays");
    }
    words
}

#[test]
fn every_scene() {
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    let mut redundant = 0;
    let count = for_each_state(SIZES, |state| {
        let scene = Scene::of(state);
        if scene.is_redundant() {
            redundant += 1;
            return;
        }
        let prev = scene.vma(
            scene.below,
            scene.prev(),
            scene.prev_anon_vma,
            scene.prev_closes,
        );
        let next = scene.vma(
            scene.above,
            scene.next(),
            scene.next_anon_vma,
            scene.next_closes,
        );
        let middle = scene.vma(Beside::Alike, scene.middle(), None, scene.middle_closes);
        let middle = middle.expect("it is there");
        // The last dimension decides whether the pages come from another VMA.
        let elsewhere = Fake::at(extent(90, 100, 0, 0));
        let source = match (scene.is_new, state[11]) {
            (false, _) => Source::Leaving(&middle),
            (true, 0) => Source::New,
            (true, _) => Source::Leaving(&elsewhere),
        };
        let candidate = Candidate::like(&middle, scene.range().extent(), source);
        let vmas = [
            prev.as_ref(),
            (!scene.is_new).then_some(&middle),
            next.as_ref(),
        ];

        let decision = decide(&scene, &candidate, vmas);
        let answer = scene.answer_of_c();
        assert_eq!(in_terms_of_c(decision), answer, "{state:?}");
        properties::check(&scene, &candidate, vmas, &decision);
        // A merge removes the middle exactly if the range is the whole middle.
        if let Decision::Merge(plan) = decision {
            let whole = scene.range().end - scene.range().start == 10;
            assert_eq!(plan.shape.removes_middle(), whole, "{state:?}");
            assert_eq!(
                plan.shape.grows_prev(),
                !matches!(answer, Answer::Merged("next", ..))
            );
            assert!(middle.extent().range.contains(candidate.extent.range));
        }
        for word in occurrences(&decision) {
            *seen.entry(word).or_default() += 1;
        }
    });
    // There are 4 * 4 * 3 * 2 * 2 * 2 * 4 * 2 * 2 * 2 * 3 * 2 states. Seven of eight states of new
    // ranges are redundant, and half of the other states.
    assert_eq!(count, 73_728);
    assert_eq!(redundant, 36_864 / 8 * 7 + 36_864 / 2);
    println!("{} scenes: {seen:?}", count - redundant);
    let all = [
        "both",
        "prev",
        "next",
        "a part to prev",
        "a part to next",
        "next stays",
        "abandoned",
        "nothing",
    ];
    for word in all {
        assert!(seen.contains_key(word), "{word} never occurs: {seen:?}");
    }
}
