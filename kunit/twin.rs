// SPDX-License-Identifier: GPL-2.0

//! A scenario that is played in identical address spaces: Rust acts in one, C in another. Where C is called
//! through a request, Rust also acts in a third one, called through a request.

pub(crate) use crate::{
    expect::Expect,
    words::{
        Act,
        Kind,
        Pages,
        Step,
        Title,
        Who,
        HUGE, //
    },
};
use crate::{
    fixture::{
        Difference,
        Engine,
        Failure,
        Flaw,
        Leaf,
        MaxMapCount,
        Said,
        Seeing,
        What, //
    },
    scene::Scene,
};
use kernel::prelude::*;

/// A scenario: the steps and the act, which are the same in all address spaces, and the expected outcome.
#[derive(Clone, Copy)]
pub(crate) struct Scenario<'a> {
    before: &'a [Step],
    pages: Pages,
    act: Act,
    expect: Expect,
    room: Option<i32>,
    failure: Option<Failure>,
    huge: &'a [(usize, bool)],
    rust: Player,
    c: Player,
}

/// The player of a part. Tests of the oracle give a part another engine, or an engine with a flaw.
#[derive(Clone, Copy)]
pub(crate) struct Player {
    /// The engine that plays the part.
    pub(crate) engine: Engine,
    /// The flaw of the engine.
    pub(crate) flaw: Option<Flaw>,
    /// The pages that the engine acts on instead of those of the scenario.
    pub(crate) instead: Option<Pages>,
    /// Whether the failure of the scenario happens to this engine.
    pub(crate) spared: Spared,
}

/// Whether an engine is spared the failure of its scenario.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Spared {
    /// The failure happens.
    No,
    /// Nothing fails for this engine.
    Yes,
}

/// A complaint about a play.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Complaint {
    /// The twins differ before the act.
    TwinsDiffer,
    /// Rust did not do what was expected.
    Unexpected,
    /// A huge page is missing at this page, or is there unexpectedly.
    HugePage(Engine, usize),
    /// The part differs from C's part in the fact of this kind and number.
    Differs(Engine, What, usize),
    /// The part differs from C's part in a fact of this kind about the other process.
    KinDiffers(Engine, What, usize),
    /// The bodies in C were not called for the part of C with which this part was compared.
    CWasNotAsked(Engine),
    /// The part has called C.
    AskedC(Engine),
    /// The leaf did not fail exactly once, in this part and in C's.
    DidNotFailOnce(Engine),
    /// Written contents are lost.
    ContentsLost(Engine),
    /// An object of the scene still has references.
    NotAllGone(Engine),
}

impl Player {
    /// Returns a player that is this engine, without a flaw.
    pub(crate) const fn new(engine: Engine) -> Self {
        Self {
            engine,
            flaw: None,
            instead: None,
            spared: Spared::No,
        }
    }

    /// Returns a player that is this engine, with a flaw.
    pub(crate) const fn flawed(engine: Engine, flaw: Flaw) -> Self {
        Self {
            flaw: Some(flaw),
            ..Self::new(engine)
        }
    }
}

impl<'a> Scenario<'a> {
    /// Returns the scenario that takes the steps `before`, and then `act` on `pages`.
    pub(crate) const fn new(before: &'a [Step], pages: Pages, act: Act, expect: Expect) -> Self {
        Self {
            before,
            pages,
            act,
            expect,
            room: None,
            failure: None,
            huge: &[],
            rust: Player::new(Engine::Rust),
            c: Player::new(Engine::C),
        }
    }

    /// Sets `vm.max_map_count` so that this many more VMAs are allowed.
    pub(crate) const fn with_room(mut self, room: i32) -> Self {
        self.room = Some(room);
        self
    }

    /// Makes the nth call of this leaf fail, counted from one.
    pub(crate) const fn failing(mut self, leaf: Leaf, nth: u32) -> Self {
        self.failure = Some(Failure(leaf, nth));
        self
    }

    /// Expects each of these pages to be, or not to be, part of a transparent huge page afterwards.
    pub(crate) const fn leaves_huge(mut self, huge: &'a [(usize, bool)]) -> Self {
        self.huge = huge;
        self
    }

    /// Gives Rust's part to this player.
    pub(crate) const fn with_rust(mut self, player: Player) -> Self {
        self.rust = player;
        self
    }

    /// Gives C's part to this player.
    pub(crate) const fn with_c(mut self, player: Player) -> Self {
        self.c = player;
        self
    }

    /// Plays the scenario. Returns whether Rust did what was expected and nothing differed from C.
    ///
    /// This function does not assert, because a failed assertion would end the thread while it holds locks.
    pub(crate) fn play(&self) -> bool {
        self.complaints()
            .inspect_err(|error| pr_err!("the scene could not be set up: {error:?}\n"))
            .is_ok_and(|complaints| complaints.is_empty())
    }

    /// Plays the scenario, and returns the complaints.
    pub(crate) fn complaints(&self) -> Result<KVec<Complaint>> {
        let mut found = KVec::new();
        // Each part has its own files, because all mappings of a file share one rmap tree.
        let (rust, c) = (self.set_up()?, self.set_up()?);
        let before = match self.rust.flaw {
            Some(Flaw::Before(number, what)) => Some((number, what)),
            _ => None,
        };
        let differ = rust.mm().look(before)?.differences(&c.mm().look(None)?)?;
        if !differ.is_empty() {
            pr_err!("the twins differ before the act: {differ:?}\n");
            found.push(Complaint::TwinsDiffer, GFP_KERNEL)?;
            return Ok(found);
        }

        let (in_rust, said) = self.act(&rust, self.rust)?;
        let (in_c, _) = self.act(&c, self.c)?;
        if !self.expectation_is_met(&in_rust, said) {
            found.push(Complaint::Unexpected, GFP_KERNEL)?;
        }
        self.look_for_huge_pages(Engine::Rust, &rust, &mut found)?;
        self.look_for_huge_pages(Engine::C, &c, &mut found)?;
        self.compare(Engine::Rust, (&rust, &in_rust), (&c, &in_c), &mut found)?;
        if self.act.is_asked() {
            let part = Engine::RustByRequest;
            let asked = self.set_up()?;
            let player = Player {
                engine: part,
                ..self.rust
            };
            let (in_rust, _) = self.act(&asked, player)?;
            self.compare(part, (&asked, &in_rust), (&c, &in_c), &mut found)?;
            self.end(part, asked, &in_rust, self.rust, &mut found)?;
        }
        self.end(Engine::Rust, rust, &in_rust, self.rust, &mut found)?;
        self.end(Engine::C, c, &in_c, self.c, &mut found)?;
        Ok(found)
    }

    /// Plays C's part alone, and returns everything that can be seen afterwards.
    pub(crate) fn seen_in_c(&self) -> Result<Seeing> {
        let scene = self.set_up()?;
        let (seeing, _) = self.act(&scene, self.c)?;
        Ok(seeing)
    }

    fn set_up(&self) -> Result<Scene> {
        let mut scene = Scene::new(self.before, self.act)?;
        for step in self.before {
            scene.prepare(step)?;
        }
        Ok(scene)
    }

    fn act(&self, scene: &Scene, player: Player) -> Result<(Seeing, Option<Said>)> {
        let pages = player.instead.unwrap_or(self.pages);
        let range = pages.range()?;
        let failure = match player.spared {
            Spared::No => self.failure,
            Spared::Yes => None,
        };
        let count = scene.mm().map_count();
        let played = scene.with_action(self.act, pages, |action| {
            let _limit = self.room.map(|room| MaxMapCount::set(count + room));
            let (engine, flaw) = (player.engine, player.flaw);
            scene.mm().act(engine, action, range, failure, flaw)
        })?;
        match player.flaw {
            Some(Flaw::Page(page)) => scene.spoil(page)?,
            Some(Flaw::KinPage(page)) => scene.spoil_kin(page)?,
            _ => (),
        }
        Ok(played)
    }

    fn expectation_is_met(&self, seeing: &Seeing, said: Option<Said>) -> bool {
        let met = said.is_some_and(|said| self.expect.is_met(said, seeing.result));
        if !met {
            let (expected, returned) = (self.expect, seeing.result);
            pr_err!("expected {expected:?}, but Rust says {said:?} and returns {returned:?}\n");
            pr_err!("  it has called {:?}\n", seeing.calls);
        }
        met
    }

    /// Complains of every difference between this part and C's part.
    fn compare(
        &self,
        part: Engine,
        (scene, seeing): (&Scene, &Seeing),
        (c, in_c): (&Scene, &Seeing),
        found: &mut KVec<Complaint>,
    ) -> Result {
        let differences = seeing.differences(in_c)?;
        if !differences.is_empty() {
            pr_err!("{part:?} has called {:?}\n", seeing.calls);
            pr_err!("C has called {:?}\n", in_c.calls);
        }
        complain(&differences, found, part, Complaint::Differs)?;
        if in_c.calls.bodies == 0 {
            pr_err!(
                "C was not asked; whom does the kernel's hook ask? (debugfs: rust_vma/engine)\n"
            );
            found.push(Complaint::CWasNotAsked(part), GFP_KERNEL)?;
        }
        // For `Act::Move`, C maps moved pages that do not merge.
        if seeing.calls.bodies != 0 && !matches!(self.act, Act::Move(_)) {
            pr_err!("{part:?} has asked C\n");
            found.push(Complaint::AskedC(part), GFP_KERNEL)?;
        }
        if let Some(Failure(leaf, _)) = self.failure {
            let failed = (seeing.calls.failed, in_c.calls.failed);
            if failed != (1, 1) {
                pr_err!("{leaf:?} failed {failed:?} times in {part:?} and in C\n");
                found.push(Complaint::DidNotFailOnce(part), GFP_KERNEL)?;
            }
        }
        let (flaw, flaw_in_c) = (self.rust.flaw, self.c.flaw);
        let references = scene.references(flaw)?;
        let differences = references.differences(&c.references(flaw_in_c)?)?;
        complain(&differences, found, part, Complaint::Differs)?;
        if let (Some(kin), Some(kin_in_c)) = (scene.kin(), c.kin()) {
            let wrong = match flaw {
                Some(Flaw::KinVma(number, what)) => Some((number, what)),
                _ => None,
            };
            let differences = kin.look(wrong)?.differences(&kin_in_c.look(None)?)?;
            complain(&differences, found, part, Complaint::KinDiffers)?;
        }
        Ok(())
    }

    fn look_for_huge_pages(
        &self,
        part: Engine,
        scene: &Scene,
        found: &mut KVec<Complaint>,
    ) -> Result {
        for (page, expected) in self.huge {
            let is_huge = scene.is_huge(*page)?;
            if is_huge != *expected {
                pr_err!("huge page at page {page}: {is_huge}\n");
                found.push(Complaint::HugePage(part, *page), GFP_KERNEL)?;
            }
        }
        Ok(())
    }

    /// Ends a scene. Complains if written contents are lost, or if an object still has references after the
    /// address spaces are gone.
    fn end(
        &self,
        part: Engine,
        scene: Scene,
        seeing: &Seeing,
        player: Player,
        found: &mut KVec<Complaint>,
    ) -> Result {
        if matches!(self.act, Act::Shrink) && seeing.result.is_ok() {
            scene.mm().grow_back(self.pages.range()?)?;
        }
        if !scene.contents_are_intact(self.before)? {
            found.push(Complaint::ContentsLost(part), GFP_KERNEL)?;
        }
        let keeps = match player.flaw {
            Some(Flaw::Keeps(object)) => Some(object),
            _ => None,
        };
        if !scene.leaves_nothing(keeps)? {
            found.push(Complaint::NotAllGone(part), GFP_KERNEL)?;
        }
        Ok(())
    }
}

/// Complains of each difference between a part and C's part.
fn complain(
    differences: &[Difference],
    found: &mut KVec<Complaint>,
    part: Engine,
    complaint: fn(Engine, What, usize) -> Complaint,
) -> Result {
    for difference in differences {
        let Difference {
            what,
            of,
            ours,
            theirs,
        } = *difference;
        let complaint = complaint(part, what, of);
        pr_err!("{complaint:?}: {ours:x?}, and in C {theirs:x?}\n");
        found.push(complaint, GFP_KERNEL)?;
    }
    Ok(())
}
