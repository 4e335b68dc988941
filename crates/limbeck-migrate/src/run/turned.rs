//! Revisions that stand half-way, as a run in the other direction takes them. Pure.

use super::HalfDone;
use crate::file::Direction;
use crate::version::{Applied, State};

/// What is applied, as a run in some direction takes it. A revision that is half-way in the other direction
/// stops it, unless it is to be turned round: or nothing of the other direction ran.
pub(super) fn turned(applied: &[Applied], direction: Direction, half_done: Option<HalfDone>) -> Vec<Applied> {
    let turn = |row: &Applied| match row.state {
        State::Upgrading(_) | State::Downgrading(_) if half_done == Some(HalfDone::Undo) => true,
        State::Upgrading(parts) | State::Downgrading(parts) => parts == 0 && !row.is_in_doubt(),
        State::Applied => false,
    };
    let take = |row: &Applied| match (row.state, direction) {
        (State::Upgrading(_), Direction::Downgrade) if turn(row) => {
            Some(Applied { state: State::Applied, ..row.clone() })
        }
        (State::Downgrading(0), Direction::Upgrade) if !row.is_in_doubt() => {
            Some(Applied { state: State::Applied, ..row.clone() })
        }
        (State::Downgrading(_), Direction::Upgrade) if turn(row) => None,
        _ => Some(row.clone()),
    };
    applied.iter().filter_map(take).collect()
}
