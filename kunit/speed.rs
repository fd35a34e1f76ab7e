// SPDX-License-Identifier: GPL-2.0

//! The number of instructions that each helper takes, in Rust and in C, for `scripts/bench`.
//!
//! Both engines work in one address space, alternately. A layout is made, a call is prepared, and only the call
//! is measured. Then the layout is unmapped, and made again for the other engine.
//!
//! ```text
//!   |-|-|-|-|-|            |---prev---|--middle--|---next---|            |-|-|-|-|-|
//!   half of the VMAs        VMAs of the row                              the other half
//! ```
//!
//! The module's parameter `bench` selects the measurement. The kernel has to be built without checks, and its
//! processor has to count instructions.

use crate::{
    fixture::{
        no_instructions,
        thousand_instructions,
        ticks,
        ticks_around_a_call,
        Backing,
        Context,
        Engine,
        Measure,
        Placement, //
    },
    module_parameters,
    scene::Scene,
    vma::{
        extent::{
            Range,
            PAGE_SIZE, //
        },
        flags::{
            VmaFlags,
            DONTDUMP,
            SEQ_READ, //
        },
        merge::IfNoMemory,
    },
    words::{
        Act,
        Kind,
        Pages,
        Step,
        Title, //
    },
};
use kernel::prelude::*;

/// The numbers of other VMAs in the address space, besides those of the row.
const SIZES: [usize; 3] = [10, 1_000, 50_000];

const ALL: Pages = Pages(0, 12);
const PREV: Pages = Pages(0, 4);
const MIDDLE: Pages = Pages(4, 8);
const NEXT: Pages = Pages(8, 12);

/// The addresses of the other VMAs, below and above those of a row.
const BELOW: usize = 0x1000_0000;
const ABOVE: usize = 0x1_0000_0000;

/// A row: a layout, and the call that is measured.
struct Row {
    name: &'static str,
    before: &'static [Step],
    pages: Pages,
    act: Act,
}

const NO_FLAGS: VmaFlags = VmaFlags::EMPTY;
const SET: Act = Act::Set(SEQ_READ);
const NAME: Act = Act::Name(Some(Title::Heap));
const PLACE: Act = Act::Place(Some(Placement::Node0));
const REGISTER: Act = Act::Register(Some(Context::Staying), IfNoMemory::Fail);
const MAP: Act = Act::Map(Kind::Anonymous, NO_FLAGS);
const MAP_FILE: Act = Act::Map(Kind::Shared, NO_FLAGS);

const MAPPED: Step = Step::Map(Kind::Anonymous, ALL);
const FILE_MAPPED: Step = Step::Map(Kind::Shared, ALL);
const WRITTEN: Step = Step::Write(ALL);
const PREV_ALIKE: Step = Step::Set(PREV, SEQ_READ);
const NEXT_ALIKE: Step = Step::Set(NEXT, SEQ_READ);
const PREV_DIFFERS: Step = Step::Set(PREV, DONTDUMP);
const NEXT_DIFFERS: Step = Step::Set(NEXT, DONTDUMP);
const HOLE: Step = Step::Unmap(MIDDLE);

macro_rules! rows {
    ($($name:literal: [$($step:expr),+], $pages:expr, $act:expr;)+) => {
        &[$(Row { name: $name, before: &[$($step),+], pages: $pages, act: $act }),+]
    };
}

const ROWS: &[Row] = rows! {
    "modify_flags/prev": [MAPPED, PREV_ALIKE, NEXT_DIFFERS], MIDDLE, SET;
    "modify_flags/next": [MAPPED, PREV_DIFFERS, NEXT_ALIKE], MIDDLE, SET;
    "modify_flags/both": [MAPPED, PREV_ALIKE, NEXT_ALIKE], MIDDLE, SET;
    "modify_flags/prev-part": [MAPPED, PREV_ALIKE], MIDDLE, SET;
    "modify_flags/next-part": [MAPPED, NEXT_ALIKE], MIDDLE, SET;
    "modify_flags/split-once": [MAPPED], PREV, SET;
    "modify_flags/split-twice": [MAPPED], MIDDLE, SET;
    "modify_flags/nothing": [MAPPED], ALL, SET;
    "modify_flags/neighbours-differ": [MAPPED, PREV_DIFFERS, NEXT_DIFFERS], MIDDLE, SET;
    "modify_flags/prev-written": [MAPPED, WRITTEN, PREV_ALIKE, NEXT_DIFFERS], MIDDLE, SET;
    "modify_flags/both-written": [MAPPED, WRITTEN, PREV_ALIKE, NEXT_ALIKE], MIDDLE, SET;
    "modify_flags/prev-part-written": [MAPPED, WRITTEN, PREV_ALIKE], MIDDLE, SET;
    "modify_flags/split-twice-written": [MAPPED, WRITTEN], MIDDLE, SET;
    "modify_flags/both-file": [FILE_MAPPED, PREV_ALIKE, NEXT_ALIKE], MIDDLE, SET;
    "modify_flags/split-twice-file": [FILE_MAPPED], MIDDLE, SET;
    "modify_name/prev": [MAPPED, Step::Name(PREV, Title::Heap), NEXT_DIFFERS], MIDDLE, NAME;
    "modify_name/split-twice": [MAPPED], MIDDLE, NAME;
    "modify_policy/prev": [MAPPED, Step::Place(PREV, Placement::Node0), NEXT_DIFFERS], MIDDLE, PLACE;
    "modify_policy/split-twice": [MAPPED], MIDDLE, PLACE;
    "modify_uffd/prev": [MAPPED, Step::Register(PREV, Context::Staying), NEXT_DIFFERS], MIDDLE,
        REGISTER;
    "modify_uffd/split-twice": [MAPPED], MIDDLE, REGISTER;
    "new_range/prev": [MAPPED, HOLE, NEXT_DIFFERS], MIDDLE, MAP;
    "new_range/next": [MAPPED, HOLE, PREV_DIFFERS], MIDDLE, MAP;
    "new_range/both": [MAPPED, HOLE], MIDDLE, MAP;
    "new_range/none": [MAPPED, HOLE, PREV_DIFFERS, NEXT_DIFFERS], MIDDLE, MAP;
    "new_range/both-written": [MAPPED, WRITTEN, HOLE], MIDDLE, MAP;
    "new_range/both-file": [FILE_MAPPED, HOLE], MIDDLE, MAP_FILE;
    "new_range/heap": [MAPPED, HOLE], MIDDLE, Act::Brk;
    "extend/prev": [MAPPED, HOLE, NEXT_DIFFERS], MIDDLE, Act::Extend;
    "extend/both": [MAPPED, HOLE], MIDDLE, Act::Extend;
    "expand/down": [MAPPED, Step::Unmap(PREV)], PREV, Act::Down;
    "expand/over": [MAPPED, HOLE], MIDDLE, Act::Over;
    "split/below": [MAPPED], MIDDLE, Act::SplitBelow;
    "split/above": [MAPPED], MIDDLE, Act::SplitAbove;
    "split/above-written": [MAPPED, WRITTEN], MIDDLE, Act::SplitAbove;
    "shrink/end": [MAPPED], Pages(8, 12), Act::Shrink;
};

/// Returns the kind of measurement that the module's parameter `bench` selects.
fn wanted() -> Option<Measure> {
    match module_parameters::bench.value() {
        1 => Some(Measure::Ticks),
        2 => Some(Measure::Marks),
        _ => None,
    }
}

/// Returns a scene with this many other VMAs around it.
fn scene_among(others: usize) -> Result<Scene> {
    let scene = Scene::new(&[], PLACE)?;
    for number in 0..others {
        let from = if number % 2 == 0 { BELOW } else { ABOVE };
        let start = from + number * PAGE_SIZE;
        let range = Range::new(start, start + PAGE_SIZE).map_err(|_| EINVAL)?;
        scene.mm().map(&Backing::Anonymous, range, 0)?;
    }
    Ok(scene)
}

/// Makes the layout of a row, makes its call, and unmaps everything. Returns the ticks of the call, and the
/// number of VMAs after it.
fn take(scene: &mut Scene, row: &Row, engine: Engine, measure: Measure) -> Result<(u64, i32)> {
    for step in row.before {
        scene.prepare(step)?;
    }
    let range = row.pages.range()?;
    let ticks = scene.with_action(row.act, row.pages, |action| {
        scene.mm().measure(engine, action, range, measure)
    })?;
    let count = scene.mm().map_count();
    scene.mm().unmap(ALL.range()?)?;
    Ok((ticks, count))
}

/// Measures a row, alternately with C and Rust.
fn measure_row(scene: &mut Scene, row: &Row, others: usize, measure: Measure) -> Result {
    let name = row.name;
    let around = ticks_around_a_call();
    // These calls are not measured, because the first calls find cold caches.
    for engine in [Engine::C, Engine::Rust, Engine::C, Engine::Rust] {
        take(scene, row, engine, Measure::Ticks)?;
    }
    for _ in 0..module_parameters::alternations.value() {
        let mut counts = [0; 2];
        for ((engine, side), vmas) in [(Engine::C, "c"), (Engine::Rust, "rust")]
            .into_iter()
            .zip(&mut counts)
        {
            if measure == Measure::Marks {
                pr_info!("bench: region helpers {name}/{others} {side}\n");
            }
            let (ticks, count) = take(scene, row, engine, measure)?;
            if measure == Measure::Ticks {
                let ticks = ticks.saturating_sub(around);
                pr_info!("bench: sample helpers {name}/{others} {side} {ticks}\n");
            }
            *vmas = count;
        }
        if counts[0] != counts[1] {
            pr_err!("bench: {name}/{others}: C and Rust leave {counts:?} VMAs\n");
            return Err(EINVAL);
        }
    }
    Ok(())
}

fn measure_all(measure: Measure) -> Result {
    for others in SIZES {
        let mut scene = scene_among(others)?;
        for row in ROWS {
            measure_row(&mut scene, row, others, measure).inspect_err(|error| {
                pr_err!("bench: {}/{others}: {error:?}\n", row.name);
            })?;
        }
    }
    Ok(())
}

#[kunit_tests(rust_vma_speed)]
mod instructions {
    use super::*;

    #[test]
    fn of_each_helper() {
        let Some(measure) = wanted() else { return };
        // The counter has to count instructions.
        let thousand = ticks(thousand_instructions, &(), 1) - ticks(no_instructions, &(), 1);
        assert_eq!(thousand, 1000);
        assert!(measure_all(measure).is_ok());
    }
}
