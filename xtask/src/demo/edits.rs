//! What the developer of the demo changes in the models: one of each thing that is hard to write by hand.

/// The column that goes, whose values no downgrade brings back.
pub(super) const DROPPED: &str = "public.customers.fax";

/// A change of one line in the model of one object.
pub(super) struct Edit {
    /// What it is, for the reader.
    pub(super) words: &'static str,
    /// The object whose model it is in.
    pub(super) object: &'static str,
    /// How the line begins that it is about, its indentation aside.
    line: &'static str,
    /// What becomes of it.
    change: Change,
}

enum Change {
    /// A part of the line is another.
    Replace(&'static str, &'static str),
    /// A line more below it, at the same depth.
    Below(&'static str),
    /// It goes.
    Remove,
}

/// All of them, in the order in which they are made.
pub(super) fn all() -> Vec<Edit> {
    use Change::{Below, Remove, Replace};
    let edit = |object, line, change, words| Edit { words, object, line, change };
    vec![
        edit(
            "customers",
            "name:",
            Replace("name: {", "full_name: { renamed_from: name,"),
            "customers.name becomes full_name,",
        ),
        edit("customers", "customers_name_idx:", Replace("(name)", "(full_name)"), "… in its index,"),
        edit("customers", "customers_name_check:", Replace("name <>", "full_name <>"), "… in its check,"),
        edit("open_orders", "c.name AS", Replace("c.name", "c.full_name"), "… and in a view"),
        edit("customers", "fax:", Remove, "customers.fax goes, with what stands in it"),
        edit(
            "order_items",
            "quantity:",
            Replace("integer", "bigint"),
            "order_items.quantity becomes bigint, under views and a materialized view",
        ),
        edit(
            "products",
            "weight_grams:",
            Below("fragile: { type: boolean, not_null: true, default: false }"),
            "products get a column that is not null",
        ),
        edit(
            "order_status",
            "order_status:",
            Replace("delivered,", "delivered, returned,"),
            "orders can be returned",
        ),
        edit(
            "orders",
            "orders_customer_id_idx:",
            Below("orders_customer_placed_idx: [customer_id, placed_at desc]"),
            "orders get an index",
        ),
    ]
}

impl Edit {
    /// Whether a file holds the object's model.
    pub(super) fn is_in(&self, text: &str) -> bool {
        self.start(text).is_some()
    }

    /// The file's text after the change; nothing where the line isn't there.
    pub(super) fn apply(&self, text: &str) -> Option<String> {
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        let start = self.start(text)?;
        let at = start + lines[start..].iter().position(|l| l.trim_start().starts_with(self.line))?;
        match self.change {
            Change::Replace(from, to) if lines[at].contains(from) => {
                lines[at] = lines[at].replacen(from, to, 1)
            }
            Change::Replace(..) => return None,
            Change::Below(line) => {
                let depth = lines[at].len() - lines[at].trim_start().len();
                lines.insert(at + 1, format!("{}{line}", " ".repeat(depth)));
            }
            Change::Remove => {
                lines.remove(at);
            }
        }
        Some(lines.join("\n") + "\n")
    }

    /// Where the object's model begins: its name is a key one level below `tables`, `views` and the like.
    fn start(&self, text: &str) -> Option<usize> {
        text.lines()
            .position(|l| l.strip_prefix("  ").is_some_and(|l| l.starts_with(&format!("{}:", self.object))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "tables:\n  other:\n    a: date\n  t:\n    a: { type: int }\n    b: text\n";

    fn applied(object: &'static str, line: &'static str, change: Change) -> Option<String> {
        Edit { words: "", object, line, change }.apply(TEXT)
    }

    #[test]
    fn a_line_is_changed_joined_or_removed() {
        let head = "tables:\n  other:\n    a: date\n  t:\n";
        let replaced = applied("t", "a:", Change::Replace("int", "bigint"));
        assert_eq!(replaced, Some(format!("{head}    a: {{ type: bigint }}\n    b: text\n")));
        let below = applied("t", "a:", Change::Below("c: date"));
        assert_eq!(below, Some(format!("{head}    a: {{ type: int }}\n    c: date\n    b: text\n")));
        let removed = applied("t", "a:", Change::Remove);
        assert_eq!(removed, Some(format!("{head}    b: text\n")));
    }

    #[test]
    fn what_is_not_there_is_not_changed() {
        assert_eq!(applied("t", "z:", Change::Remove), None);
        assert_eq!(applied("t", "b:", Change::Replace("int", "x")), None);
        assert_eq!(applied("u", "a:", Change::Remove), None);
    }
}
