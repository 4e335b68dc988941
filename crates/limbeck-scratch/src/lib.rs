//! Scratch databases: where they come from ([`provider`]), how catalogs are built there ([`build`]),
//! how models are settled ([`settle`]), and how candidates are proven ([`prove`]).

pub mod agreed;
pub mod build;
pub mod cache;
pub mod compare;
mod error;
pub mod observe;
pub mod prove;
pub mod provider;
pub mod seed;
pub mod settle;

pub use error::Error;
