// SPDX-License-Identifier: GPL-2.0

//! Tests in every possible state, or in many random ones, against a model that is too simple to be wrong, or
//! against the behaviour of the C code.

mod answers;
mod bounded_text;
mod causes;
mod changes;
mod cuts;
mod extents;
mod fake;
mod flag_sets;
mod forecasts;
mod lines;
mod pairs;
mod plans;
mod rules;
mod segments;
mod summaries;
mod tallies;
mod vocabularies;
