// SPDX-License-Identifier: GPL-2.0

//! Brands, which keep the items of one address space apart from those of another.

use core::marker::PhantomData;

/// A lifetime that the types of one address space share, and no types of another. Nothing outlives it, and nothing
/// can shorten it.
pub(super) type Brand<'g> = PhantomData<fn(&'g ()) -> &'g ()>;
