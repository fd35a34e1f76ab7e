// SPDX-License-Identifier: GPL-2.0

//! The pure files of the engine.

pub(crate) use crate::host;

#[path = "../../../rust/vma/blocker.rs"]
pub(crate) mod blocker;
#[path = "../../../rust/vma/causes.rs"]
pub(crate) mod causes;
#[path = "../../../rust/vma/change.rs"]
pub(crate) mod change;
#[path = "../../../rust/vma/compat.rs"]
pub(crate) mod compat;
#[path = "../../../rust/vma/cut.rs"]
pub(crate) mod cut;
#[path = "../../../rust/vma/extent.rs"]
pub(crate) mod extent;
#[path = "../../../rust/vma/flags.rs"]
pub(crate) mod flags;
#[path = "../../../rust/vma/forecast.rs"]
pub(crate) mod forecast;
#[path = "../../../rust/vma/pair.rs"]
pub(crate) mod pair;
#[path = "../../../rust/vma/plan.rs"]
pub(crate) mod plan;
