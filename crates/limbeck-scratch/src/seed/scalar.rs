//! Values of base types, Postgres's own and those of well-known extensions.

/// How many values a type has, where they are few.
pub(super) fn size(name: &str) -> Option<usize> {
    match name {
        "bool" => Some(2),
        "char" => Some(26),
        _ => None,
    }
}

/// The value with a number, in the type's input format; `None` for a type that isn't known here.
pub(super) fn value(name: &str, modifier: i32, number: usize) -> Option<String> {
    let n = number + 1;
    Some(match name {
        "text" | "citext" | "refcursor" => text(number, None),
        "varchar" | "bpchar" => text(number, length(modifier, if name == "bpchar" { Some(1) } else { None })),
        "name" => text(number, Some(63)),
        "char" => letter(number),
        "bool" => if number.is_multiple_of(2) { "true" } else { "false" }.to_owned(),
        "int2" => (n % 32_000).to_string(),
        "int4" | "int8" | "oid" | "xid" | "xid8" | "cid" | "money" | "lo" => n.to_string(),
        "regclass" | "regproc" | "regprocedure" | "regoper" | "regoperator" | "regtype" | "regrole"
        | "regnamespace" | "regconfig" | "regdictionary" | "regcollation" => n.to_string(),
        "float4" | "float8" => format!("{n}.5"),
        "numeric" => numeric(modifier, n),
        "bytea" => format!("\\x{n:08x}"),
        "uuid" => format!("00000000-0000-4000-8000-{n:012x}"),
        "json" | "jsonb" => format!("{{\"n\": {n}}}"),
        "jsonpath" => format!("$.n{n}"),
        "xml" => format!("<n>{n}</n>"),
        "bit" => bits(number, usize::try_from(modifier).unwrap_or(1).max(1)),
        "varbit" => bits(number, usize::try_from(modifier).unwrap_or(8).clamp(1, 8)),
        "tsvector" | "tsquery" => format!("word{n}"),
        "pg_lsn" => format!("0/{n:X}"),
        "pg_snapshot" | "txid_snapshot" => format!("{n}:{n}:"),
        "tid" => format!("(0,{n})"),
        "int2vector" | "oidvector" => format!("{n} {}", n + 1),
        _ => return time(name, number).or_else(|| shape(name, n)).or_else(|| extension(name, modifier, n)),
    })
}

fn time(name: &str, number: usize) -> Option<String> {
    let clock = format!("{:02}:{:02}:{:02}", (number / 60 + 1) % 24, number % 60, number % 7);
    Some(match name {
        "date" => date(number),
        "time" => clock,
        "timetz" => format!("{clock}+00"),
        "timestamp" => format!("{} {clock}", date(number)),
        "timestamptz" => format!("{} {clock}+00", date(number)),
        // Years and months are seconds too: whichever field the column keeps differs.
        "interval" => format!("{0} years {0} days {0} hours {0} minutes {0} seconds", number + 1),
        _ => return None,
    })
}

/// Days of one month, then of the next, from 2001 on; every month has 28.
fn date(number: usize) -> String {
    format!("{:04}-{:02}-{:02}", 2001 + number / 336, number / 28 % 12 + 1, number % 28 + 1)
}

/// Geometry and networks.
fn shape(name: &str, n: usize) -> Option<String> {
    Some(match name {
        "inet" => format!("10.{}.{}.{}", n / 65_536 % 256, n / 256 % 256, n % 256),
        "cidr" => format!("10.{}.{}.{}/32", n / 65_536 % 256, n / 256 % 256, n % 256),
        "macaddr" => format!("08:00:2b:{:02x}:{:02x}:{:02x}", n / 65_536 % 256, n / 256 % 256, n % 256),
        "macaddr8" => {
            format!("08:00:2b:00:00:{:02x}:{:02x}:{:02x}", n / 65_536 % 256, n / 256 % 256, n % 256)
        }
        "point" => format!("({n},{n})"),
        "line" => format!("{{1,1,{n}}}"),
        "lseg" | "path" => format!("[(0,0),({n},{n})]"),
        "box" => format!("({0},{0}),({n},{n})", n - 1),
        "polygon" => format!("((0,0),({n},0),({n},{n}))"),
        "circle" => format!("<({n},{n}),1>"),
        _ => return None,
    })
}

fn extension(name: &str, modifier: i32, n: usize) -> Option<String> {
    Some(match name {
        "hstore" => format!("\"n\"=>\"{n}\""),
        "ltree" | "lquery" | "ltxtquery" => format!("v{n}"),
        "cube" => format!("({n})"),
        "seg" | "query_int" => n.to_string(),
        // PostGIS casts between kinds of shape only by force, and most columns hold points.
        "geometry" | "geography" => format!("SRID={};POINT({} 1)", srid(modifier), n % 180),
        "vector" | "halfvec" => {
            let dimensions = usize::try_from(modifier).unwrap_or(3).max(1);
            format!("[{}]", vec![n.to_string(); dimensions].join(","))
        }
        _ => return None,
    })
}

/// The reference system in PostGIS's modifier; 4326 where it says none.
fn srid(modifier: i32) -> i32 {
    if modifier == -1 { 4326 } else { (modifier & 0x0FFF_FF00) >> 8 }
}

/// What a modifier says about the greatest length.
pub(super) fn length(modifier: i32, without: Option<usize>) -> Option<usize> {
    usize::try_from(modifier - 4).ok().or(without)
}

/// `v1`, or a number of as many digits as there is room for.
fn text(number: usize, most: Option<usize>) -> String {
    let plain = format!("v{}", number + 1);
    match most {
        Some(1) => letter(number),
        Some(most) if plain.len() > most => {
            let digits = format!("{:0most$}", number + 1);
            digits[digits.len() - most..].to_owned()
        }
        _ => plain,
    }
}

fn letter(number: usize) -> String {
    char::from(b'a' + u8::try_from(number % 26).unwrap_or_default()).to_string()
}

fn bits(number: usize, length: usize) -> String {
    let bits = format!("{:0length$b}", number + 1);
    bits[bits.len() - length..].to_owned()
}

/// Within precision and scale, as `numeric(p,s)` keeps them in its modifier (`numerictypmodin`).
fn numeric(modifier: i32, n: usize) -> String {
    if modifier < 4 {
        return n.to_string();
    }
    let precision = ((modifier - 4) >> 16) & 0xFFFF;
    let scale = (((modifier - 4) & 0x7FF) ^ 1024) - 1024;
    let most = 10_usize.saturating_pow(u32::try_from(precision.clamp(1, 18)).unwrap_or(1));
    let digits = if n < most { n } else { n % (most - 1) + 1 };
    // Whole numbers where they fit, since those are what people's checks expect.
    let whole = precision - scale;
    let fits = whole > 0 && digits < 10_usize.saturating_pow(u32::try_from(whole.min(18)).unwrap_or(0));
    if fits && scale >= 0 { digits.to_string() } else { format!("{digits}e{}", -scale) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn modifier(precision: i32, scale: i32) -> i32 {
        ((precision << 16) | (scale & 0x7FF)) + 4
    }

    #[test]
    fn numbers_stay_within_precision_and_scale() {
        for (precision, scale, number, want) in
            [(4, 2, 6, "7"), (4, 2, 150, "151e-2"), (2, 2, 0, "1e-2"), (3, 5, 8, "9e-5"), (2, -3, 4, "5e3")]
        {
            assert_eq!(value("numeric", modifier(precision, scale), number).as_deref(), Some(want));
        }
    }

    #[test]
    fn texts_fit_and_differ() {
        for most in 1..6 {
            let values: BTreeSet<_> = (0..9).map(|n| text(n, Some(most))).collect();
            assert!(values.len() == 9 && values.iter().all(|v| v.len() <= most), "{most}: {values:?}");
        }
    }

    #[test]
    fn bits_have_their_length() {
        assert_eq!(bits(2, 5), "00011");
        assert_eq!(bits(6, 2), "11");
    }
}
