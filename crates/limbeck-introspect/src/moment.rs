//! A moment of a server: which transactions had ended.
//!
//! What commits moves it, whatever it wrote; so where it stands still no catalog has changed, and none has to be looked
//! at. Of two moments of a server all that had ended in one had ended in the other: they are in an order.

/// A moment, and whose it is.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Moment<'a> {
    /// All transactions from this one on had not ended.
    end: u64,
    /// Those before it that had not.
    open: Vec<u64>,
    /// The server, the database and the role: a pooler may lead one of two sessions elsewhere.
    of: &'a str,
}

/// The query, in one row and one column `moment`. A standby has no list of what is in progress: there the snapshot can
/// stand still over a commit, and it says nothing.
pub(crate) const QUERY: &str = "select case when not pg_catalog.pg_is_in_recovery() \
     then pg_catalog.concat_ws(' ', pg_catalog.pg_current_snapshot(), \
     extract(epoch from pg_catalog.pg_postmaster_start_time()), d.oid, pg_catalog.quote_ident(current_user)) \
     end as moment from pg_catalog.pg_database d where d.datname = pg_catalog.current_database()";

impl<'a> Moment<'a> {
    /// From the query's text: `740:745:740,743 1795280000.12 16384 app`.
    pub(crate) fn parse(text: &'a str) -> Option<Self> {
        let (snapshot, of) = text.split_once(' ')?;
        let mut parts = snapshot.split(':').skip(1);
        let end = parts.next()?.parse().ok()?;
        let open = parts.next()?.split(',').filter(|id| !id.is_empty()).map(str::parse);
        Some(Self { end, open: open.collect::<Result<_, _>>().ok()?, of })
    }

    /// Whether it is before another one, or can't be told to be the same or later: something had ended in that one which
    /// had not ended here.
    pub(crate) fn is_before(&self, other: &Self) -> bool {
        let had_ended = |id: &u64| *id < other.end && !other.open.contains(id);
        self.of != other.of || self.end < other.end || self.open.iter().any(had_ended)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_in_an_order() {
        let texts = ["5:5: s", "5:8:5,7 s", "5:8:5 s", "9:9: s"];
        for (i, a) in texts.iter().enumerate() {
            for (j, b) in texts.iter().enumerate() {
                let (a, b) = (Moment::parse(a).expect("one"), Moment::parse(b).expect("one"));
                assert_eq!(a.is_before(&b), i < j, "{a:?} {b:?}");
            }
        }
    }

    #[test]
    fn those_of_others_are_in_none() {
        let [a, b] = ["5:5: s 1 app", "5:5: s 1 other"].map(|text| Moment::parse(text).expect("one"));
        assert!(a.is_before(&b) && b.is_before(&a));
        assert_eq!(Moment::parse("5:5:"), None);
        assert_eq!(Moment::parse("5:x: s"), None);
    }
}
