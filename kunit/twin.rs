// SPDX-License-Identifier: GPL-2.0

//! One scenario, played on two address spaces: Rust acts in the one, C in the other.

use crate::{
    fixture::{
        Backing,
        Engine,
        MaxMapCount,
        TestFile,
        TestMm, //
    },
    vma::{
        extent::{
            Range,
            PAGE_SIZE, //
        },
        modify::{
            Cut,
            Outcome, //
        },
        plan::Shape,
        sys::VmaFlags, //
    },
};
use kernel::prelude::*;

/// Where the scenarios take place: an address that nothing else uses, and that huge pages align to.
const BASE: usize = 0x7000_0000;

/// Pages of the scene, counted from [`BASE`].
#[derive(Clone, Copy)]
pub(crate) struct Pages(pub(crate) usize, pub(crate) usize);

impl Pages {
    fn range(self) -> Result<Range> {
        Range::new(BASE + self.0 * PAGE_SIZE, BASE + self.1 * PAGE_SIZE).map_err(|_| EINVAL)
    }
}

/// What is mapped.
#[derive(Clone, Copy)]
pub(crate) enum Kind {
    /// Private anonymous memory.
    Anonymous,
    /// A private mapping of the scene's file.
    Private,
    /// A shared mapping of the scene's file.
    Shared,
    /// A shared mapping of another file.
    OtherShared,
    /// A shared mapping of a driver that wants to see it closed, if it starts at the driver's
    /// eighth page or later.
    Closing,
}

/// A step in preparing the scene. All of them are C's.
#[derive(Clone, Copy)]
pub(crate) enum Step {
    /// Maps these pages. Those of a file come from the same place in the file.
    Map(Kind, Pages),
    /// Maps these pages of the file from elsewhere in it: from that page on.
    MapFrom(Kind, Pages, usize),
    /// Writes to each of these pages, which faults them in.
    Write(Pages),
    /// Gives these pages, which lie in one VMA, flags; that merges and splits as C sees fit.
    Set(Pages, VmaFlags),
    /// Gives the VMA at this page flags, and does not touch its extent.
    Force(usize, VmaFlags),
}

/// What is done to both address spaces, and what is expected of it.
pub(crate) struct Scenario<'a> {
    /// What comes before.
    pub(crate) before: &'a [Step],
    /// How many more VMAs `vm.max_map_count` allows, if that is to matter.
    pub(crate) room: Option<i32>,
    /// What is changed.
    pub(crate) pages: Pages,
    /// The flags it gets.
    pub(crate) set: VmaFlags,
    /// What that does, so that C and Rust cannot agree on doing something else.
    pub(crate) expect: Expect,
}

/// What a change is expected to do.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Expect {
    Both,
    LeftWhole,
    LeftPart,
    RightWhole,
    RightPart,
    SplitStart,
    SplitEnd,
    SplitBoth,
    Whole,
    /// It fails with this errno (a positive number).
    Error(i32),
}

impl Expect {
    fn of(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Merged(plan) => match plan.shape {
                Shape::Both => Self::Both,
                Shape::LeftWhole => Self::LeftWhole,
                Shape::LeftPart { .. } => Self::LeftPart,
                Shape::RightWhole => Self::RightWhole,
                Shape::RightPart { .. } => Self::RightPart,
            },
            Outcome::Split(Cut::Start, _) => Self::SplitStart,
            Outcome::Split(Cut::End, _) => Self::SplitEnd,
            Outcome::Split(Cut::Both, _) => Self::SplitBoth,
            Outcome::Whole(_) => Self::Whole,
        }
    }
}

/// Plays a scenario; whether Rust did as expected and nothing differed from C.
///
/// This returns rather than asserts: a failed assertion would end the thread with locks held.
pub(crate) fn play(scenario: &Scenario<'_>) -> bool {
    match try_play(scenario) {
        Ok(verdict) => verdict,
        Err(error) => {
            pr_err!("the scene could not be set up: {error:?}\n");
            false
        }
    }
}

fn try_play(scenario: &Scenario<'_>) -> Result<bool> {
    // Each has files of its own, as an rmap tree is shared by all who map the file.
    let (rust, c) = (Scene::new()?, Scene::new()?);
    for step in scenario.before {
        rust.prepare(step)?;
        c.prepare(step)?;
    }
    if rust.mm.look()? != c.mm.look()? {
        pr_err!("the twins differ before the change\n");
        return Ok(false);
    }

    let range = scenario.pages.range()?;
    let count = i32::try_from(rust.mm.look()?.len()).map_err(|_| EINVAL)?;
    let limit = scenario.room.map(|room| MaxMapCount::set(count + room));
    let change = |scene: &Scene, engine| {
        scene
            .mm
            .modify_flags(engine, range, scenario.set, VmaFlags::EMPTY)
    };
    let (in_rust, outcome) = change(&rust, Engine::Rust)?;
    let (in_c, _) = change(&c, Engine::C)?;
    drop(limit);

    let done = match (outcome, in_rust.result) {
        (Some(outcome), Ok(_)) => Expect::of(outcome),
        (_, Err(errno)) => Expect::Error(-errno),
        (None, Ok(_)) => return Ok(false),
    };
    let mut verdict = true;
    if done != scenario.expect {
        pr_err!("Rust did {done:?}, expected {:?}\n", scenario.expect);
        verdict = false;
    }
    if in_rust != in_c {
        pr_err!("Rust and C differ\n  Rust: {in_rust:?}\n  C:    {in_c:?}\n");
        verdict = false;
    }
    let references = |scene: &Scene| scene.file.references() + scene.closing.references();
    let (ours, theirs) = (references(&rust), references(&c));
    if ours != theirs {
        pr_err!("Rust left {ours} references to the files, C {theirs}\n");
        verdict = false;
    }
    // What was written is still there. (Whether the rmap finds it too, tests/guest tries.)
    verdict &= rust.contents_are_intact(scenario)? & c.contents_are_intact(scenario)?;
    Ok(verdict)
}

/// One of the twins.
struct Scene {
    mm: TestMm,
    file: TestFile,
    other_file: TestFile,
    closing: TestFile,
}

impl Scene {
    fn new() -> Result<Self> {
        Ok(Self {
            mm: TestMm::new()?,
            file: TestFile::new(64 * PAGE_SIZE)?,
            other_file: TestFile::new(64 * PAGE_SIZE)?,
            closing: TestFile::closing()?,
        })
    }

    fn prepare(&self, step: &Step) -> Result {
        match *step {
            Step::Map(kind, pages) => self.map(kind, pages, pages.0),
            Step::MapFrom(kind, pages, from) => self.map(kind, pages, from),
            Step::Write(pages) => {
                for page in pages.0..pages.1 {
                    self.mm.write_byte(BASE + page * PAGE_SIZE, mark(page))?;
                }
                Ok(())
            }
            Step::Set(pages, flags) => {
                let (seen, _) =
                    self.mm
                        .modify_flags(Engine::C, pages.range()?, flags, VmaFlags::EMPTY)?;
                seen.result.map(|_| ()).map_err(Error::from_errno)
            }
            Step::Force(page, flags) => self.mm.force_flags(BASE + page * PAGE_SIZE, flags),
        }
    }

    fn map(&self, kind: Kind, pages: Pages, from: usize) -> Result {
        let backing = match kind {
            Kind::Anonymous => Backing::Anonymous,
            Kind::Private => Backing::Private(&self.file),
            Kind::Shared => Backing::Shared(&self.file),
            Kind::OtherShared => Backing::Shared(&self.other_file),
            Kind::Closing => Backing::Shared(&self.closing),
        };
        self.mm.map(&backing, pages.range()?, from * PAGE_SIZE)
    }

    fn contents_are_intact(&self, scenario: &Scenario<'_>) -> Result<bool> {
        let mut intact = true;
        for step in scenario.before {
            let Step::Write(pages) = *step else { continue };
            for page in pages.0..pages.1 {
                let found = self.mm.read_byte(BASE + page * PAGE_SIZE)?;
                if found != mark(page) {
                    pr_err!("page {page} holds {found}, not {}\n", mark(page));
                    intact = false;
                }
            }
        }
        Ok(intact)
    }
}

/// What is written to a page.
fn mark(page: usize) -> u8 {
    (page % 250) as u8 + 1
}
