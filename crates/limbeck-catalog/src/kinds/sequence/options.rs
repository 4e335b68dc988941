//! What sequences say, free ones and those of identities alike (manual, "CREATE SEQUENCE"). An
//! option that is the default, for the type and the direction, is as if it had not been said.

/// The options of a sequence, without those that are the default.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Options {
    pub(crate) start: Option<i64>,
    pub(crate) increment: Option<i64>,
    pub(crate) min: Option<i64>,
    pub(crate) max: Option<i64>,
    pub(crate) cache: Option<i64>,
    pub(crate) cycle: bool,
}

/// What happens to a sequence's position when its bounds change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Position {
    /// It stays where it is.
    Keeps,
    /// It is moved to the new bound if it lies before it; Postgres refuses bounds that it lies outside of.
    MovesUpTo(i64),
    /// The same, for a sequence that descends.
    MovesDownTo(i64),
    /// Old and new bounds have nothing in common: it begins anew.
    Restarts,
}

/// The numbers that a type has.
fn limits(type_name: &str) -> (i64, i64) {
    match type_name {
        "smallint" => (i16::MIN.into(), i16::MAX.into()),
        "integer" => (i32::MIN.into(), i32::MAX.into()),
        _ => (i64::MIN, i64::MAX),
    }
}

impl Options {
    /// Without what is the default.
    pub(crate) fn canonical(self, type_name: &str) -> Self {
        let increment = self.increment.filter(|by| *by != 1);
        let bare = Self { increment, ..Self::default() };
        let (min, max) = bare.bounds(type_name);
        let bounded =
            Self { min: self.min.filter(|m| *m != min), max: self.max.filter(|m| *m != max), ..bare };
        let start = self.start.filter(|s| *s != bounded.first(type_name));
        Self { start, cache: self.cache.filter(|c| *c != 1), cycle: self.cycle, ..bounded }
    }

    /// Whether it counts downwards.
    pub(crate) fn descends(&self) -> bool {
        self.increment.is_some_and(|by| by < 0)
    }

    /// The least and the greatest value.
    pub(crate) fn bounds(&self, type_name: &str) -> (i64, i64) {
        let (least, greatest) = limits(type_name);
        let (min, max) = if self.descends() { (least, -1) } else { (1, greatest) };
        (self.min.unwrap_or(min), self.max.unwrap_or(max))
    }

    /// The value with which it begins.
    pub(crate) fn first(&self, type_name: &str) -> i64 {
        let (min, max) = self.bounds(type_name);
        self.start.unwrap_or(if self.descends() { max } else { min })
    }

    /// The clauses of a new sequence: `increment by 5`.
    pub(crate) fn clauses(&self) -> Vec<String> {
        let Self { start, increment, min, max, cache, cycle } = *self;
        let clause = |words: &str, value: Option<i64>| value.map(|value| format!("{words} {value}"));
        [
            clause("increment by", increment),
            clause("minvalue", min),
            clause("maxvalue", max),
            clause("start with", start),
            clause("cache", cache),
            cycle.then(|| "cycle".to_owned()),
        ]
        .into_iter()
        .flatten()
        .collect()
    }

    /// The clauses that lead from these options, of a type, to others of another.
    pub(crate) fn changes(&self, type_name: &str, to: &Self, to_type: &str) -> Vec<String> {
        let Self { start: _, increment, min, max, cache, cycle } = *to;
        // With its type, Postgres gives a sequence the new type's own bounds wherever it had the old
        // one's, said or not, and whatever its direction is: so they are written out.
        let retyped = type_name != to_type;
        let turns = self.descends() != to.descends();
        let (least, greatest) = to.bounds(to_type);
        let bound = |words: &str, was: Option<i64>, is: Option<i64>, own: i64| match is {
            _ if was == is && !turns && !(retyped && is.is_some()) => None,
            None if !retyped => Some(format!("no {words}")),
            None | Some(_) => Some(format!("{words} {own}")),
        };
        let first = to.first(to_type);
        [
            (increment != self.increment).then(|| format!("increment by {}", increment.unwrap_or(1))),
            bound("minvalue", self.min, min, least),
            bound("maxvalue", self.max, max, greatest),
            (first != self.first(type_name)).then(|| format!("start with {first}")),
            (cache != self.cache).then(|| format!("cache {}", cache.unwrap_or(1))),
            (cycle != self.cycle).then(|| if cycle { "cycle" } else { "no cycle" }.to_owned()),
        ]
        .into_iter()
        .flatten()
        .collect()
    }

    /// What happens to the position on the way to other options.
    pub(crate) fn position(&self, type_name: &str, to: &Self, to_type: &str) -> Position {
        let ((from_min, from_max), (min, max)) = (self.bounds(type_name), to.bounds(to_type));
        if min > from_max || max < from_min {
            Position::Restarts
        } else if !self.descends() && min > from_min {
            Position::MovesUpTo(min)
        } else if self.descends() && max < from_max {
            Position::MovesDownTo(max)
        } else {
            Position::Keeps
        }
    }

    /// `select setval(…)` from the greatest value (the least, if it descends) of a column that the
    /// sequence fills. `sequence` is an expression, `column` and `table` are quoted.
    pub(crate) fn position_of(&self, type_name: &str, sequence: &str, column: &str, table: &str) -> String {
        let (beyond, last) = if self.descends() { ("least", "min") } else { ("greatest", "max") };
        let first = self.first(type_name);
        format!(
            "select setval({sequence}, {beyond}({last}({column}), {first}), {last}({column}) is not null) from {table}"
        )
    }
}

impl Position {
    /// What is to be run before the sequence (quoted) gets its new bounds.
    pub(crate) fn statement(&self, sequence: &str) -> Option<String> {
        let beyond = match self {
            Position::Keeps | Position::Restarts => return None,
            Position::MovesUpTo(bound) => format!("greatest(last_value, {bound})"),
            Position::MovesDownTo(bound) => format!("least(last_value, {bound})"),
        };
        let name = limbeck_sql::literal(sequence);
        Some(format!("select setval({name}, {beyond}, is_called) from {sequence}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(start: i64, increment: i64, min: i64, max: i64) -> Options {
        let [start, increment, min, max] = [start, increment, min, max].map(Some);
        Options { start, increment, min, max, cache: Some(1), cycle: false }
    }

    const INTEGER: i64 = i32::MAX as i64;

    #[test]
    fn defaults_follow_type_and_direction() {
        let plain = Options::default();
        assert_eq!(options(1, 1, 1, INTEGER).canonical("integer"), plain);
        assert_eq!(options(1, 1, 1, INTEGER).canonical("bigint"), Options { max: Some(INTEGER), ..plain });
        let down = Options { increment: Some(-1), ..plain };
        assert_eq!(options(-1, -1, i16::MIN.into(), -1).canonical("smallint"), down);
        let raised = Options { min: Some(5), ..plain };
        assert_eq!(options(5, 1, 5, i64::MAX).canonical("bigint"), raised);
    }

    #[test]
    fn changes_name_what_differs() {
        let plain = Options::default();
        let raised = Options { min: Some(5), cycle: true, ..plain };
        assert_eq!(plain.changes("bigint", &raised, "bigint"), ["minvalue 5", "start with 5", "cycle"]);
        assert_eq!(raised.changes("bigint", &plain, "bigint"), ["no minvalue", "start with 1", "no cycle"]);
        assert!(plain.changes("integer", &plain, "bigint").is_empty());
        let down = Options { increment: Some(-1), ..plain };
        let turned = plain.changes("bigint", &down, "bigint");
        assert_eq!(turned, ["increment by -1", "no minvalue", "no maxvalue", "start with -1"]);
        let back = down.changes("bigint", &plain, "integer");
        assert_eq!(back, ["increment by 1", "minvalue 1", "maxvalue 2147483647", "start with 1"]);
        let least = Options { min: Some(i16::MIN.into()), start: Some(1), ..plain };
        assert_eq!(least.changes("smallint", &least, "integer"), ["minvalue -32768"]);
    }

    #[test]
    fn a_position_outside_of_new_bounds_moves() {
        let plain = Options::default();
        let position = |to: Options| plain.position("bigint", &to, "bigint");
        assert_eq!(position(Options { min: Some(5), ..plain }), Position::MovesUpTo(5));
        assert_eq!(position(Options { increment: Some(-1), ..plain }), Position::Restarts);
        assert_eq!(position(Options { max: Some(9), ..plain }), Position::Keeps);
        assert_eq!(
            Position::MovesUpTo(5).statement("s.q").as_deref(),
            Some("select setval('s.q', greatest(last_value, 5), is_called) from s.q")
        );
    }
}
