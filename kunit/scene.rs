// SPDX-License-Identifier: GPL-2.0

//! A scene: an address space, its mappings, and the steps that were taken in it.

use crate::{
    fixture::{
        Action,
        Ask,
        Backing,
        Facts,
        Flaw,
        Object,
        Placement,
        TestFile,
        TestMm,
        TestName,
        TestPolicy,
        What, //
    },
    vma::{
        compat::Side,
        extent::{
            Range,
            PAGE_SIZE, //
        },
        flags::{
            VmaFlags,
            STICKY, //
        },
        merge::IfNoMemory,
    },
    words::{
        address,
        Act,
        Kind,
        Pages,
        Step,
        Title,
        Who,
        HUGE, //
    },
};
use kernel::prelude::*;

/// The address of trial mappings, far from the scene. They show the flags that mmap gives.
const ASIDE: usize = 0x4000_0000;

/// An address space with its mappings and objects, in which steps are taken.
pub(crate) struct Scene {
    mm: TestMm,
    // The other address space, after a fork.
    kin: Option<TestMm>,
    // Files outlive the address spaces, so that their references can be counted.
    objects: Objects,
}

/// The objects that the VMAs of a scene refer to.
struct Objects {
    file: TestFile,
    other_file: TestFile,
    closing: TestFile,
    huge: Option<TestFile>,
    policies: Option<[TestPolicy; 3]>,
    names: [TestName; 3],
}

/// A reference that is dropped too late.
enum Kept {
    File(#[expect(dead_code)] TestFile),
    Policy(#[expect(dead_code)] TestPolicy),
    Name(#[expect(dead_code)] TestName),
}

impl Scene {
    /// Returns an empty scene, in which these steps and this act are possible.
    pub(crate) fn new(before: &[Step], act: Act) -> Result<Self> {
        let is_huge = |step: &Step| {
            matches!(
                step,
                Step::Map(Kind::HugeShared | Kind::HugePrivate, _)
                    | Step::MapFrom(Kind::HugeShared | Kind::HugePrivate, ..)
            )
        };
        let places = before.iter().any(|step| matches!(step, Step::Place(..)))
            || matches!(act, Act::Place(_));
        let huge = if before.iter().any(is_huge) {
            Some(TestFile::huge(4 * HUGE * PAGE_SIZE)?)
        } else {
            None
        };
        let policies = if places {
            Some([
                TestPolicy::new(Placement::Node0)?,
                TestPolicy::new(Placement::Node1)?,
                TestPolicy::new(Placement::Interleaved)?,
            ])
        } else {
            None
        };
        Ok(Self {
            mm: TestMm::new()?,
            kin: None,
            objects: Objects {
                file: TestFile::new(64 * PAGE_SIZE)?,
                other_file: TestFile::new(64 * PAGE_SIZE)?,
                closing: TestFile::of_driver()?,
                huge,
                policies,
                names: [
                    TestName::new(c"heap")?,
                    TestName::new(c"stack")?,
                    TestName::new(c"heap")?,
                ],
            },
        })
    }

    /// Returns the address space that steps and acts change.
    pub(crate) fn mm(&self) -> &TestMm {
        &self.mm
    }

    /// Returns the address space of the other process, if there was a fork.
    pub(crate) fn kin(&self) -> Option<&TestMm> {
        self.kin.as_ref()
    }

    /// Takes a step.
    pub(crate) fn prepare(&mut self, step: &Step) -> Result {
        match *step {
            Step::Map(kind, pages) => self.map(kind, pages, pages.0),
            Step::MapFrom(kind, pages, from) => self.map(kind, pages, from),
            Step::Unmap(pages) => self.mm.unmap(pages.range()?),
            Step::Write(pages) => self.write(pages, mark),
            Step::Rewrite(pages) => self.write(pages, other_mark),
            Step::Read(pages) => {
                for page in pages.0..pages.1 {
                    self.mm.read_byte(address(page))?;
                }
                Ok(())
            }
            Step::Set(pages, flags) => self.act_in_c(Act::Set(flags), pages),
            Step::Place(pages, placement) => self.act_in_c(Act::Place(Some(placement)), pages),
            Step::Name(pages, title) => self.act_in_c(Act::Name(Some(title)), pages),
            Step::Force(page, flags) => self.mm.force_flags(address(page), flags),
            Step::Register(pages, context) => {
                self.act_in_c(Act::Register(Some(context), IfNoMemory::Fail), pages)
            }
            Step::CameFrom(page, from) => self.mm.came_from(address(page), address(from)),
            Step::Fork(who) => {
                let child = self.mm.fork()?;
                self.kin = match who {
                    Who::Child => Some(core::mem::replace(&mut self.mm, child)),
                    Who::Parent => Some(child),
                    Who::ParentAlone => None,
                };
                Ok(())
            }
            Step::IsHuge(page) => {
                let is_huge = self.mm.is_huge(address(page))?;
                if !is_huge {
                    pr_err!("there is no huge page at page {page}\n");
                }
                is_huge.then_some(()).ok_or(EAGAIN)
            }
        }
    }

    /// Returns whether one transparent huge page is mapped at this page.
    pub(crate) fn is_huge(&self, page: usize) -> Result<bool> {
        self.mm.is_huge(address(page))
    }

    /// Calls `f` with the fixture's action for an act.
    pub(crate) fn with_action<R>(
        &self,
        act: Act,
        pages: Pages,
        f: impl FnOnce(&Action<'_>) -> Result<R>,
    ) -> Result<R> {
        let title = |title: Option<Title>| title.map(|title| self.name(title));
        let action = match act {
            Act::Set(set) => Action::Flags {
                set,
                clear: VmaFlags::EMPTY,
            },
            Act::Clear(clear) => Action::Flags {
                set: VmaFlags::EMPTY,
                clear,
            },
            Act::Name(name) => Action::Name(title(name)),
            Act::FlagsName(name) => Action::FlagsName(title(name)),
            Act::Place(None) => Action::Policy(None),
            Act::Place(Some(placement)) => Action::Policy(Some(self.policy(placement)?)),
            Act::Register(context, if_no_memory) => Action::Userfaultfd(context, if_no_memory),
            Act::Map(kind, plus) => return self.with_mapping(kind, plus, pages.0, f),
            Act::MapFrom(kind, from) => return self.with_mapping(kind, VmaFlags::EMPTY, from, f),
            Act::Brk => {
                let flags = self.usual_flags(&Backing::Anonymous)?;
                Action::Ask(Ask::Brk(flags))
            }
            Act::Extend => Action::Extend,
            Act::Copy(page) | Act::CopyAndKeep(page) => Action::Ask(Ask::Copy {
                from: address(page),
                keeps_source: matches!(act, Act::CopyAndKeep(_)),
            }),
            Act::Move(page) => Action::Move {
                from: address(page),
                keeps_source: false,
            },
            Act::Down => Action::Ask(Ask::Down),
            Act::Over => Action::Ask(Ask::Over),
            Act::Towards => Action::Ask(Ask::Towards),
            Act::Shrink => Action::Shrink,
            Act::SplitBelow => Action::Split(Side::Below),
            Act::SplitAbove => Action::Split(Side::Above),
        };
        f(&action)
    }

    /// Calls `f` with the action that maps memory of this kind, from that page of the file on.
    fn with_mapping<R>(
        &self,
        kind: Kind,
        plus: VmaFlags,
        pgoff: usize,
        f: impl FnOnce(&Action<'_>) -> Result<R>,
    ) -> Result<R> {
        let backing = &self.backing(kind)?;
        let flags = self.usual_flags(backing)?.union(plus);
        let pgoff = match kind {
            Kind::Anonymous => address(pgoff) / PAGE_SIZE,
            _ => pgoff,
        };
        f(&Action::Ask(Ask::Map {
            backing,
            flags,
            pgoff,
        }))
    }

    /// Returns the flags with which mmap asks whether such a mapping can merge.
    fn usual_flags(&self, backing: &Backing<'_>) -> Result<VmaFlags> {
        let aside = Range::new(ASIDE, ASIDE + PAGE_SIZE).map_err(|_| EINVAL)?;
        self.mm.map(backing, aside, 0)?;
        let flags = self.mm.flags_at(ASIDE)?;
        self.mm.unmap(aside)?;
        Ok(flags.without(STICKY))
    }

    fn act_in_c(&self, act: Act, pages: Pages) -> Result {
        let range = pages.range()?;
        self.with_action(act, pages, |action| self.mm.prepare_in_c(action, range))
    }

    fn map(&self, kind: Kind, pages: Pages, from: usize) -> Result {
        let backing = self.backing(kind)?;
        self.mm.map(&backing, pages.range()?, from * PAGE_SIZE)
    }

    fn backing(&self, kind: Kind) -> Result<Backing<'_>> {
        let objects = &self.objects;
        let huge = objects.huge.as_ref().ok_or(ENXIO);
        Ok(match kind {
            Kind::Anonymous => Backing::Anonymous,
            Kind::Private => Backing::Private(&objects.file),
            Kind::Shared => Backing::Shared(&objects.file),
            Kind::OtherShared => Backing::Shared(&objects.other_file),
            Kind::Closing => Backing::Shared(&objects.closing),
            Kind::HugeShared => Backing::Shared(huge?),
            Kind::HugePrivate => Backing::Private(huge?),
        })
    }

    fn name(&self, title: Title) -> &TestName {
        let [heap, stack, heap_again] = &self.objects.names;
        match title {
            Title::Heap => heap,
            Title::Stack => stack,
            Title::HeapAgain => heap_again,
        }
    }

    fn policy(&self, placement: Placement) -> Result<&TestPolicy> {
        let [node0, node1, interleaved] = self.objects.policies.as_ref().ok_or(ENXIO)?;
        Ok(match placement {
            Placement::Node0 => node0,
            Placement::Node1 => node1,
            Placement::Interleaved => interleaved,
        })
    }

    fn write(&self, pages: Pages, mark: fn(usize) -> u8) -> Result {
        for page in pages.0..pages.1 {
            self.mm.write_byte(address(page), mark(page))?;
        }
        Ok(())
    }

    /// Returns whether every written page keeps its contents, in both processes.
    pub(crate) fn contents_are_intact(&self, before: &[Step]) -> Result<bool> {
        let mut intact = true;
        for (number, step) in before.iter().enumerate() {
            let (pages, mark): (_, fn(usize) -> u8) = match *step {
                Step::Write(pages) => (pages, mark),
                Step::Rewrite(pages) => (pages, other_mark),
                _ => continue,
            };
            let later = before.get(number + 1..).unwrap_or(&[]);
            for page in (pages.0..pages.1).filter(|page| !is_overwritten(*page, later)) {
                intact &= holds(&self.mm, page, mark(page))?;
            }
            // A write after a fork goes to a copy, and the other process keeps the first contents.
            let fork = later.iter().position(|step| matches!(step, Step::Fork(_)));
            let (Some(kin), Some(fork)) = (&self.kin, fork) else {
                continue;
            };
            let earlier = later.get(..fork).unwrap_or(&[]);
            for page in (pages.0..pages.1).filter(|page| !is_overwritten(*page, earlier)) {
                intact &= holds(kin, page, mark(page))?;
            }
        }
        Ok(intact)
    }

    /// Overwrites a page.
    pub(crate) fn spoil(&self, page: usize) -> Result {
        self.mm.write_byte(address(page), 0)
    }

    /// Overwrites a page of the other process.
    pub(crate) fn spoil_kin(&self, page: usize) -> Result {
        self.kin
            .as_ref()
            .ok_or(EINVAL)?
            .write_byte(address(page), 0)
    }

    /// Returns the counts of references to the objects of the scene, as an engine with this flaw leaves
    /// them.
    pub(crate) fn references(&self, flaw: Option<Flaw>) -> Result<Facts> {
        Ok(self.objects.references(flaw)?.in_order())
    }

    /// Ends the scene. Returns whether nothing refers to its objects any more. One reference may be kept.
    pub(crate) fn leaves_nothing(self, keeps: Option<Object>) -> Result<bool> {
        let Self { mm, kin, objects } = self;
        let _kept = match keeps {
            Some(object) => Some(objects.keep(object)?),
            None => None,
        };
        drop((mm, kin));
        let left = objects.references(None)?;
        let nothing = [
            What::FileReferences,
            What::PolicyReferences,
            What::NameReferences,
        ]
        .into_iter()
        .all(|what| left.are_all(what, 1));
        if !nothing {
            pr_err!("left when all is gone: {left:?}\n");
        }
        Ok(nothing)
    }
}

impl Objects {
    /// Takes a reference to the first object of a kind.
    fn keep(&self, object: Object) -> Result<Kept> {
        Ok(match object {
            Object::File => Kept::File(self.file.again()),
            Object::Policy => {
                let [policy, ..] = self.policies.as_ref().ok_or(EINVAL)?;
                Kept::Policy(policy.again())
            }
            Object::Name => {
                let [name, ..] = &self.names;
                Kept::Name(name.again())
            }
        })
    }

    fn references(&self, flaw: Option<Flaw>) -> Result<Facts> {
        let mut facts = Facts::new();
        let files = [
            Some(&self.file),
            Some(&self.other_file),
            Some(&self.closing),
            self.huge.as_ref(),
        ];
        for (number, file) in files.into_iter().enumerate() {
            let Some(file) = file else { continue };
            let wrong = match flaw {
                Some(Flaw::File(of, what)) if of == number => Some(what),
                _ => None,
            };
            file.note(number, &mut facts, wrong)?;
        }
        for (number, policy) in self.policies.iter().flatten().enumerate() {
            let is_wrong = flaw == Some(Flaw::Policy(number));
            policy.note(
                number,
                &mut facts,
                is_wrong.then_some(What::PolicyReferences),
            )?;
        }
        for (number, name) in self.names.iter().enumerate() {
            let is_wrong = flaw == Some(Flaw::Name(number));
            name.note(number, &mut facts, is_wrong.then_some(What::NameReferences))?;
        }
        Ok(facts)
    }
}

/// Returns whether these steps change the contents of a page.
fn is_overwritten(page: usize, steps: &[Step]) -> bool {
    steps.iter().any(|step| match step {
        Step::Rewrite(pages) | Step::Unmap(pages) => (pages.0..pages.1).contains(&page),
        _ => false,
    })
}

fn holds(mm: &TestMm, page: usize, mark: u8) -> Result<bool> {
    let found = mm.read_byte(address(page))?;
    if found != mark {
        pr_err!("page {page} holds {found}, not {mark}\n");
    }
    Ok(found == mark)
}

/// Returns the byte that is written to a page.
fn mark(page: usize) -> u8 {
    (page % 120) as u8 + 1
}

/// Returns the byte that is written to a page the second time.
fn other_mark(page: usize) -> u8 {
    mark(page) + 120
}
