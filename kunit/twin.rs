// SPDX-License-Identifier: GPL-2.0

//! One scenario, played on address spaces that are alike: Rust acts in one, C in another. Where C
//! is asked through a request, Rust acts in a third as well, asked in the same way.

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
        Engine,
        Failure,
        Leaf,
        MaxMapCount,
        Said,
        Seeing, //
    },
    scene::Scene,
    vma::compat::Blocker,
};
use kernel::prelude::*;

/// What is done to all address spaces, and what is expected of it.
pub(crate) struct Scenario<'a> {
    before: &'a [Step],
    pages: Pages,
    act: Act,
    expect: Expect,
    room: Option<i32>,
    failure: Option<Failure>,
    huge: &'a [(usize, bool)],
}

impl<'a> Scenario<'a> {
    /// After what comes `before`, `act` is done to `pages`.
    pub(crate) const fn new(before: &'a [Step], pages: Pages, act: Act, expect: Expect) -> Self {
        Self {
            before,
            pages,
            act,
            expect,
            room: None,
            failure: None,
            huge: &[],
        }
    }

    /// `vm.max_map_count` allows that many more VMAs.
    pub(crate) const fn with_room(mut self, room: i32) -> Self {
        self.room = Some(room);
        self
    }

    /// The nth call of this leaf fails, counted from one.
    pub(crate) const fn failing(mut self, leaf: Leaf, nth: u32) -> Self {
        self.failure = Some(Failure(leaf, nth));
        self
    }

    /// Afterwards there is, or is no longer, one transparent huge page at each of these pages.
    pub(crate) const fn leaves_huge(mut self, huge: &'a [(usize, bool)]) -> Self {
        self.huge = huge;
        self
    }

    /// Plays it; whether Rust did as expected and nothing differed from C.
    ///
    /// This returns rather than asserts: a failed assertion would end the thread with locks held.
    pub(crate) fn play(&self) -> bool {
        match self.try_play() {
            Ok(verdict) => verdict,
            Err(error) => {
                pr_err!("the scene could not be set up: {error:?}\n");
                false
            }
        }
    }

    fn try_play(&self) -> Result<bool> {
        // Each has files of its own, as an rmap tree is shared by all who map the file.
        let (rust, c) = (self.set_up()?, self.set_up()?);
        if rust.mm().look()? != c.mm().look()? {
            pr_err!("the twins differ before the act\n");
            return Ok(false);
        }

        let (in_rust, said) = self.act(&rust, Engine::Rust)?;
        let (in_c, _) = self.act(&c, Engine::C)?;
        let mut verdict = self.expectation_is_met(&in_rust, said);
        verdict &= self.huge_pages_are_right(&rust)? & self.huge_pages_are_right(&c)?;
        verdict &= self.is_alike(("Rust", &rust, &in_rust), (&c, &in_c))?;
        if self.act.is_asked() {
            let asked = self.set_up()?;
            let (in_rust, _) = self.act(&asked, Engine::RustByRequest)?;
            verdict &= self.is_alike(("Rust by request", &asked, &in_rust), (&c, &in_c))?;
            verdict &= self.ends_well(asked, &in_rust)?;
        }
        verdict &= self.ends_well(rust, &in_rust)?;
        verdict &= self.ends_well(c, &in_c)?;
        Ok(verdict)
    }

    fn set_up(&self) -> Result<Scene> {
        let mut scene = Scene::new(self.before, self.act)?;
        for step in self.before {
            scene.prepare(step)?;
        }
        Ok(scene)
    }

    fn act(&self, scene: &Scene, engine: Engine) -> Result<(Seeing, Option<Said>)> {
        let range = self.pages.range()?;
        let count = i32::try_from(scene.mm().look()?.len()).map_err(|_| EINVAL)?;
        scene.with_action(self.act, self.pages, |action| {
            let _limit = self.room.map(|room| MaxMapCount::set(count + room));
            scene.mm().act(engine, action, range, self.failure)
        })
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

    /// Whether everything is as C has left it.
    fn is_alike(
        &self,
        (who, scene, seeing): (&str, &Scene, &Seeing),
        (c, in_c): (&Scene, &Seeing),
    ) -> Result<bool> {
        let mut alike = seeing.is_like(in_c, who);
        if in_c.calls.bodies == 0 && !self.ends_before_the_hook() {
            pr_err!(
                "C was not asked; whom does the kernel's hook ask? (debugfs: rust_vma/engine)\n"
            );
            alike = false;
        }
        // What a move does not merge, C maps anew.
        if seeing.calls.bodies != 0 && !matches!(self.act, Act::Move(_)) {
            pr_err!("{who} has asked C\n");
            alike = false;
        }
        if let Some(Failure(leaf, _)) = self.failure {
            let failed = (seeing.calls.failed, in_c.calls.failed);
            if failed != (1, 1) {
                pr_err!("{leaf:?} failed {failed:?} times in {who} and in C\n");
                alike = false;
            }
        }
        let (ours, theirs) = (scene.references(), c.references());
        if ours != theirs {
            pr_err!("references left by {who}: {ours:?}, by C: {theirs:?}\n");
            alike = false;
        }
        if let (Some(kin), Some(kin_in_c)) = (scene.kin(), c.kin()) {
            if kin.look()? != kin_in_c.look()? {
                pr_err!("{who} and C differ in what they leave to the other process\n");
                alike = false;
            }
        }
        Ok(alike)
    }

    /// Whether C finds that there is nothing to do before it comes to a hooked function.
    fn ends_before_the_hook(&self) -> bool {
        let stays_behind =
            matches!(self.expect, Expect::Apart(left, _) if left == Blocker::MovedUnderUserfaultfd);
        let cuts = matches!(self.act, Act::SplitBelow | Act::SplitAbove);
        stays_behind || (cuts && self.room == Some(0))
    }

    fn huge_pages_are_right(&self, scene: &Scene) -> Result<bool> {
        let mut right = true;
        for (page, expected) in self.huge {
            let is_huge = scene.is_huge(*page)?;
            if is_huge != *expected {
                pr_err!("huge page at page {page}: {is_huge}\n");
                right = false;
            }
        }
        Ok(right)
    }

    /// Whether what was written is still there, and nothing is left when all is gone.
    fn ends_well(&self, scene: Scene, seeing: &Seeing) -> Result<bool> {
        if matches!(self.act, Act::Shrink) && seeing.result.is_ok() {
            scene.mm().grow_back(self.pages.range()?)?;
        }
        let intact = scene.contents_are_intact(self.before)?;
        Ok(intact & scene.leaves_nothing())
    }
}
