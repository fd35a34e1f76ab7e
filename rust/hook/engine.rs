// SPDX-License-Identifier: GPL-2.0

//! The engine that executes the calls to the hooked helpers: C, Rust, or C with Rust as its shadow.

use super::{
    fallback::{
        left_to_c,
        set_on_fault,
        OnFault, //
    },
    sys::{
        entry,
        kernel::{
            calls_of_c,
            Registration,
            Table, //
        },
        shadow::Shadow,
    },
};
use crate::report::{
    helper::Helper,
    sys::counters, //
};
use crate::vma::sys::bindings::vma_hook_ops;
use kernel::{
    new_mutex,
    prelude::*,
    sync::Mutex, //
};

/// An engine.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Engine {
    /// The helpers' bodies in C, as without this module.
    C,
    /// The Rust engine.
    Rust,
    /// The helpers' bodies in C, after Rust has forecast their results.
    Shadow,
}

impl Engine {
    /// All engines, in the order of their numbers in the module's parameter.
    pub(crate) const ALL: [Self; 3] = [Self::C, Self::Rust, Self::Shadow];

    /// Returns the name of the engine.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::C => "c",
            Self::Rust => "rust",
            Self::Shadow => "shadow",
        }
    }

    /// Returns the engine with this name.
    pub(crate) fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|engine| engine.name() == name)
    }

    /// Returns the engine with this number.
    pub(crate) fn from_number(number: i32) -> Option<Self> {
        let number = usize::try_from(number).ok()?;
        Self::ALL.get(number).copied()
    }

    fn table(self) -> Table {
        // A static, because `Registration::uses()` compares addresses.
        static SHADOW: vma_hook_ops = Shadow::<crate::Rules>::OPS;

        match self {
            Self::C => None,
            Self::Rust => Some(&entry::OPS),
            Self::Shadow => Some(&SHADOW),
        }
    }

    /// Returns the number of calls to this hooked helper that the engine has executed.
    pub(crate) fn calls(self, helper: Helper) -> u64 {
        match self {
            Self::C => calls_of_c(helper) + left_to_c(helper),
            Self::Rust => counters::executed(helper),
            Self::Shadow => counters::shadowed(helper),
        }
    }
}

/// The chosen engine. Dropping this value makes C execute all calls again.
#[pin_data]
pub(crate) struct Choice {
    /// Locked while an engine is chosen, so that the engine and its `OnFault` change together.
    #[pin]
    registration: Mutex<Registration>,
}

impl Choice {
    /// Makes this engine execute the calls to the hooked helpers.
    ///
    /// The caller holds no mmap lock. Fails with `EBUSY` if another module is registered.
    pub(crate) fn new(engine: Engine) -> Result<impl PinInit<Self>> {
        let registration = Registration::new(engine.table())?;
        Ok(pin_init!(Self {
            registration <- new_mutex!(registration),
        }))
    }

    /// Returns the engine that executes the next call.
    pub(crate) fn engine(&self) -> Engine {
        let registration = self.registration.lock();
        let is_in_use = |engine: &Engine| registration.uses(engine.table());
        // A fallback may clear the table during the search, so that no engine matches.
        Engine::ALL.into_iter().find(is_in_use).unwrap_or(Engine::C)
    }

    /// Makes this engine execute the calls from now on, and waits for the calls in flight.
    ///
    /// Sleeps. The caller holds no mmap lock, and is not inside a hooked helper.
    pub(crate) fn choose(&self, engine: Engine, on_fault: OnFault) -> Result {
        let registration = self.registration.lock();
        set_on_fault(on_fault);
        registration.switch(engine.table())
    }
}
