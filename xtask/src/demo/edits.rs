//! What the developer of the demo changes in the models: one of each thing that is hard to write by hand.

/// The column that goes, whose values no downgrade brings back.
pub(super) const DROPPED: &str = "public.customers.fax";

/// A change of one line of a model file.
pub(super) struct Edit {
    /// What it is, for the reader.
    pub(super) words: &'static str,
    /// The file, below `models`.
    pub(super) file: &'static str,
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
    let edit = |file, line, change, words| Edit { words, file, line, change };
    use Change::{Below, Remove, Replace};
    vec![
        edit(
            "public/customers.yaml",
            "name: {",
            Replace("name: {", "full_name: { renamed_from: name,"),
            "customers.name becomes full_name: an index, a check and a view use it",
        ),
        edit(
            "public/customers.yaml",
            "customers_name_idx:",
            Replace("(name)", "(full_name)"),
            "… in the index,",
        ),
        edit(
            "public/customers.yaml",
            "customers_name_check:",
            Replace("name <>", "full_name <>"),
            "… in the check",
        ),
        edit("public/customers.yaml", "fax:", Remove, "customers.fax goes, with what stands in it"),
        edit(
            "public/order_items.yaml",
            "quantity: {",
            Replace("integer", "bigint"),
            "order_items.quantity becomes bigint, under three views and a materialized view",
        ),
        edit(
            "public/products.yaml",
            "weight_grams:",
            Below("fragile: { type: boolean, not_null: true, default: false }"),
            "products get a column that is not null",
        ),
        edit(
            "public/orders.yaml",
            "orders_customer_id_idx:",
            Below("orders_customer_placed_idx: { on: [customer_id, placed_at desc] }"),
            "orders get an index",
        ),
    ]
}

impl Edit {
    /// The file's text after the change; nothing where the line isn't there.
    pub(super) fn apply(&self, text: &str) -> Option<String> {
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        let at = lines.iter().position(|l| l.trim_start().starts_with(self.line))?;
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
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edit(line: &'static str, change: Change) -> Edit {
        Edit { words: "", file: "", line, change }
    }

    #[test]
    fn a_line_is_changed_joined_or_removed() {
        let text = "columns:\n  a: { type: int }\n  b: text\n";
        let replaced = edit("a:", Change::Replace("int", "bigint")).apply(text);
        assert_eq!(replaced.as_deref(), Some("columns:\n  a: { type: bigint }\n  b: text\n"));
        let below = edit("a:", Change::Below("c: date")).apply(text);
        assert_eq!(below.as_deref(), Some("columns:\n  a: { type: int }\n  c: date\n  b: text\n"));
        assert_eq!(edit("a:", Change::Remove).apply(text).as_deref(), Some("columns:\n  b: text\n"));
        assert_eq!(edit("z:", Change::Remove).apply(text), None);
        assert_eq!(edit("b:", Change::Replace("int", "x")).apply(text), None);
    }
}
