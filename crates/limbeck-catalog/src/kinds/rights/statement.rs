//! Rights as statements: from what a new object has to what the old one had, by as few words as it
//! takes.

use std::collections::{BTreeMap, BTreeSet};

use limbeck_sql::{ident, ident_list};

use super::{Grant, Rights};
use crate::facts::Side;
use crate::kinds::statistics;
use crate::note::BlindSpot;
use crate::{Action, Kind, Object, ObjectId};

/// What a grantee may do: each privilege with whether it may be passed on.
type Privileges<'a> = BTreeMap<&'a str, bool>;

/// Gives a new object the owner and the rights that the old one had.
pub(super) fn restore(rights: &Rights, id: &ObjectId, side: Side<'_>) -> Vec<Action> {
    let Some(target) = id.target() else { return Vec::new() };
    let sequence = match side.catalog.get(&target) {
        Some(Object::Identity(identity)) => Some(identity.sequence(&target)),
        Some(_) | None => None,
    };
    let member = (of_column(id)).then(|| id.quoted());
    // The sequence of an identity has its table's owner, and takes no other.
    let owner =
        rights.owner.as_ref().filter(|_| sequence.is_none()).map(|owner| set_owner(&target, side, owner));
    let (wanted, given) = (by_grantee(&rights.acl), by_grantee(&rights.of_new));
    let grantees: BTreeSet<_> = wanted.keys().chain(given.keys()).copied().collect();
    let nothing = Privileges::new();
    let on = on(sequence.as_ref().unwrap_or(&target));
    let (mut revokes, mut grants) = (Vec::new(), Vec::new());
    for grantee in grantees {
        let has = given.get(grantee).unwrap_or(&nothing);
        let wants = wanted.get(grantee).unwrap_or(&nothing);
        let is_more = has
            .iter()
            .any(|(privilege, grantable)| wants.get(privilege).is_none_or(|wanted| *grantable && !wanted));
        if is_more {
            revokes.push(Action::new(format!("revoke all on {on} from {}", ident(grantee))));
        }
        let missing =
            wants.iter().filter(|(privilege, grantable)| is_more || has.get(*privilege) != Some(*grantable));
        let missing: Privileges<'_> =
            missing.map(|(privilege, grantable)| (*privilege, *grantable)).collect();
        let column = member.as_deref();
        let granted =
            [false, true].into_iter().filter_map(|option| grant(&missing, option, column, &on, grantee));
        let passed_on = passed_on(rights, grantee);
        grants.extend(granted.map(|action| action.notes(passed_on.clone())));
    }
    owner.into_iter().chain(revokes).chain(grants).collect()
}

fn by_grantee(acl: &[Grant]) -> BTreeMap<&str, Privileges<'_>> {
    let mut grantees: BTreeMap<&str, Privileges<'_>> = BTreeMap::new();
    for grant in acl {
        grantees.entry(&grant.grantee).or_default().insert(&grant.privilege, grant.grantable);
    }
    grantees
}

/// `grant select, insert on … to …`, of those that may or may not be passed on.
fn grant(
    missing: &Privileges<'_>,
    option: bool,
    column: Option<&str>,
    on: &str,
    grantee: &str,
) -> Option<Action> {
    let column = column.map(|c| format!(" ({c})")).unwrap_or_default();
    let privileges: Vec<_> = missing
        .iter()
        .filter(|(_, grantable)| **grantable == option)
        .map(|(p, _)| format!("{p}{column}"))
        .collect();
    let option = if option { " with grant option" } else { "" };
    let sql = format!("grant {} on {on} to {}{option}", privileges.join(", "), ident(grantee));
    (!privileges.is_empty()).then(|| Action::new(sql))
}

/// Rights that somebody else than the owner gave can only be given by that role; they come back as the
/// owner's.
fn passed_on(rights: &Rights, grantee: &str) -> Option<crate::Note> {
    let of_grantee = rights.acl.iter().filter(|grant| grant.grantee == grantee);
    let others: BTreeSet<_> = of_grantee.filter_map(|grant| grant.grantor.as_deref()).collect();
    let words = format!("what {} granted comes back as granted by the owner", ident_list(&others));
    (!others.is_empty()).then(|| BlindSpot::RightsNotKept.note(words))
}

/// Whether these are the rights on a column.
pub(super) fn of_column(id: &ObjectId) -> bool {
    id.of == Some(Kind::Column) || (id.path.len() == 3 && id.of.is_some_and(Kind::is_relation))
}

/// The object as `grant` names it.
fn on(target: &ObjectId) -> String {
    match target.kind {
        Kind::Schema => format!("schema {}", target.quoted()),
        Kind::Procedure => format!("procedure {}", routine(target)),
        kind if kind.is_routine() => format!("function {}", routine(target)),
        Kind::Enum | Kind::Composite | Kind::Domain => format!("type {}", target.qualified()),
        Kind::Sequence => format!("sequence {}", target.qualified()),
        _ => format!("table {}", target.qualified()),
    }
}

/// By its argument types alone: `grant` doesn't know how aggregates separate theirs.
fn routine(target: &ObjectId) -> String {
    let types = target.at(2).trim_start_matches('*').replace(" ORDER BY ", ", ");
    format!("{}({})", target.qualified(), types.trim_start_matches("ORDER BY "))
}

fn set_owner(target: &ObjectId, side: Side<'_>, owner: &str) -> Action {
    let name = match target.kind {
        Kind::Schema => target.quoted(),
        Kind::StatisticsObject => statistics::name_of(target, side),
        kind if kind.is_routine() => format!("{}({})", target.qualified(), target.at(2)),
        _ => target.qualified(),
    };
    Action::new(format!("alter {} {name} owner to {}", target.kind.sql_noun(), ident(owner)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Catalog;
    use crate::kinds::identity::Identity;

    fn grant(grantee: &str, privilege: &str, grantable: bool) -> Grant {
        Grant { grantee: grantee.into(), privilege: privilege.into(), grantable, grantor: None }
    }

    fn restored(id: &ObjectId, rights: &Rights) -> Vec<String> {
        let catalog = Catalog::default();
        let side = Side { catalog: &catalog, restoring: false };
        restore(rights, id, side).into_iter().map(|a| a.sql).collect()
    }

    #[test]
    fn those_on_an_identity_are_on_its_sequence_which_has_no_owner_of_its_own() {
        let target = ObjectId::new(Kind::Identity, ["s", "t", "c"]);
        let identity: Identity = serde_json::from_str(r#"{"generated": "always"}"#).expect("an identity");
        let mut catalog = Catalog::default();
        catalog.objects.insert(target.clone(), identity.into());
        let rights = Rights {
            owner: Some("boss".into()),
            acl: vec![grant("reader", "usage", false)],
            ..Rights::default()
        };
        let side = Side { catalog: &catalog, restoring: false };
        let actions = restore(&rights, &target.attached(Kind::Rights), side);
        let sql: Vec<_> = actions.into_iter().map(|action| action.sql).collect();
        assert_eq!(sql, ["grant usage on sequence s.t_c_seq to reader"]);
    }

    #[test]
    fn says_only_what_differs() {
        let id = ObjectId::new(Kind::View, ["s", "v"]).attached(Kind::Rights);
        let rights = Rights {
            owner: Some("Boss".into()),
            acl: vec![
                grant("Boss", "select", false),
                grant("reader", "select", true),
                grant("reader", "update", false),
                grant("same", "select", false),
            ],
            of_new: vec![
                grant("Boss", "select", false),
                grant("intruder", "select", false),
                grant("reader", "update", false),
                grant("same", "select", false),
            ],
        };
        assert_eq!(
            restored(&id, &rights),
            [
                "alter view s.v owner to \"Boss\"",
                "revoke all on table s.v from intruder",
                "grant select on table s.v to reader with grant option",
            ]
        );
    }

    #[test]
    fn a_grantee_with_too_much_begins_anew() {
        let id = ObjectId::new(Kind::Aggregate, ["s", "pick", "a ORDER BY b"]).attached(Kind::Rights);
        let rights = Rights {
            owner: Some("boss".into()),
            acl: vec![grant("boss", "execute", false)],
            of_new: vec![grant("boss", "execute", true), grant("public", "execute", false)],
        };
        assert_eq!(
            restored(&id, &rights),
            [
                "alter aggregate s.pick(a ORDER BY b) owner to boss",
                "revoke all on function s.pick(a, b) from boss",
                "revoke all on function s.pick(a, b) from public",
                "grant execute on function s.pick(a, b) to boss",
            ]
        );
    }

    #[test]
    fn columns_are_named_with_each_privilege() {
        let rights = Rights {
            acl: vec![grant("public", "select", false), grant("public", "update", false)],
            ..Rights::default()
        };
        let column = ObjectId::new(Kind::Column, ["s", "t", "order"]).attached(Kind::Rights);
        let want = ["grant select (\"order\"), update (\"order\") on table s.t to public"];
        assert_eq!(restored(&column, &rights), want);
        let of_view = ObjectId::new(Kind::View, ["s", "t", "order"]).attached(Kind::Rights);
        assert_eq!(restored(&of_view, &rights), want);
    }
}
