//! URLs, as `conninfo_uri_parse` of libpq reads them: several hosts, none, IPv6, `+` a plus.

use crate::error::Error;
use crate::keyword::Keyword;
use crate::parameters::Parameters;

/// What stands behind the scheme, if the text is a URL. `postgresql+driver://`, as SQLAlchemy has it, is one.
pub(crate) fn rest(text: &str) -> Option<&str> {
    let (scheme, rest) = text.split_once("://")?;
    let (name, driver) = scheme.split_once('+').unwrap_or((scheme, ""));
    let plain = driver.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    (["postgres", "postgresql"].contains(&name) && plain).then_some(rest)
}

/// Reads a URL, from behind its scheme.
pub(crate) fn parse(rest: &str) -> Result<Parameters, Error> {
    let mut parameters = Parameters::default();
    let mut rest = rest;
    // libpq looks for `@` up to the first `/`: a password with a slash in it has to be encoded.
    let end = rest.find(['@', '/']).unwrap_or(rest.len());
    if rest[end..].starts_with('@') {
        login(&rest[..end], &mut parameters)?;
        rest = &rest[end + 1..];
    }
    refuse_torn(rest)?;
    let rest = hosts(rest, &mut parameters)?;
    let (name, query) = rest.split_once('?').unwrap_or((rest, ""));
    if let Some(name) = name.strip_prefix('/').filter(|name| !name.is_empty()) {
        parameters.set(Keyword::DbName, decode(name, "dbname")?);
    }
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        parameter(pair, &mut parameters)?;
    }
    Ok(parameters)
}

/// An `@` behind the login comes of a password that holds an `@` or a `/`. libpq would look for a host or a
/// database of such a name, and say it: half a password.
fn refuse_torn(rest: &str) -> Result<(), Error> {
    let place = rest.split_once('?').map_or(rest, |(place, _)| place);
    if place.contains('@') {
        return Err(Error::Syntax(
            "an @ behind the URL's user and password: in them @ is written %40 and / is written %2F, and in a \
             database's name @ is %40"
                .into(),
        ));
    }
    Ok(())
}

fn login(login: &str, parameters: &mut Parameters) -> Result<(), Error> {
    let (user, password) = login.split_once(':').map_or((login, None), |(u, p)| (u, Some(p)));
    if !user.is_empty() {
        parameters.set(Keyword::User, decode(user, "user")?);
    }
    if let Some(password) = password.filter(|password| !password.is_empty()) {
        parameters.set(Keyword::Password, decode(password, "password")?);
    }
    Ok(())
}

/// Takes `host:port,host:port` off; gives what stands behind.
fn hosts<'a>(text: &'a str, parameters: &mut Parameters) -> Result<&'a str, Error> {
    let (mut hosts, mut ports) = (Vec::new(), Vec::new());
    let mut rest = text;
    loop {
        let host;
        (host, rest) = host_of(rest)?;
        hosts.push(decode(host, "host")?);
        let mut port = "";
        if let Some(behind) = rest.strip_prefix(':') {
            (port, rest) = behind.split_at(behind.find(['/', '?', ',']).unwrap_or(behind.len()));
        }
        // What stands there may be half of a password, and isn't repeated.
        if !port.bytes().all(|b| b.is_ascii_digit() || b == b'%') {
            return Err(Error::Syntax("what stands behind a : of the URL is no port".into()));
        }
        ports.push(decode(port, "port")?);
        match rest.strip_prefix(',') {
            Some(next) => rest = next,
            None => break,
        }
    }
    for (keyword, list) in [(Keyword::Host, hosts.join(",")), (Keyword::Port, ports.join(","))] {
        if !list.is_empty() {
            parameters.set(keyword, list);
        }
    }
    Ok(rest)
}

fn host_of(text: &str) -> Result<(&str, &str), Error> {
    let Some(inside) = text.strip_prefix('[') else {
        return Ok(text.split_at(text.find([':', '/', '?', ',']).unwrap_or(text.len())));
    };
    let unclosed = || Error::Syntax("an IPv6 address in the URL has no closing ]".into());
    let (address, rest) = inside.split_once(']').ok_or_else(unclosed)?;
    if address.is_empty() {
        return Err(Error::Syntax("the IPv6 address in the URL is empty".into()));
    }
    if !(rest.is_empty() || rest.starts_with([':', '/', '?', ','])) {
        return Err(Error::Syntax("after ] in the URL comes : or / or , or ?".into()));
    }
    Ok((address, rest))
}

fn parameter(pair: &str, parameters: &mut Parameters) -> Result<(), Error> {
    let Some((word, value)) = pair.split_once('=') else {
        return Err(Error::Syntax("a parameter of the URL has no value".into()));
    };
    let word = decode(word, "a parameter's name")?;
    if value.contains('=') {
        return Err(Error::Syntax("a parameter of the URL has a second =: it is written %3D".into()));
    }
    let value = decode(value, "a parameter")?;
    // JDBC's spelling, which libpq takes too.
    if word == "ssl" && value == "true" {
        parameters.set(Keyword::SslMode, "require");
        return Ok(());
    }
    parameters.set_word(&word, value)
}

/// Decodes `%2F`. What can't be decoded isn't repeated: it may be a password.
fn decode(text: &str, what: &str) -> Result<String, Error> {
    let wrong = || {
        Error::Syntax(format!("the URL's {what} has a % without two hexadecimal digits: a % is written %25"))
    };
    let mut out = Vec::new();
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        if byte != b'%' {
            out.push(byte);
            continue;
        }
        let mut digit = || (bytes.next()? as char).to_digit(16);
        let (high, low) = digit().zip(digit()).ok_or_else(wrong)?;
        match u8::try_from(high * 16 + low).unwrap_or_default() {
            0 => return Err(Error::Syntax(format!("the URL's {what} has a %00"))),
            byte => out.push(byte),
        }
    }
    String::from_utf8(out).map_err(|_| Error::Syntax(format!("the URL's {what} is not UTF-8")))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `user:password@host:port/dbname`, as far as it is set.
    fn read(text: &str) -> String {
        let parameters = parse(rest(text).unwrap()).unwrap();
        let get = |keyword| parameters.get(keyword).unwrap_or("-");
        let keywords = [
            Keyword::User,
            Keyword::Password,
            Keyword::Host,
            Keyword::Port,
            Keyword::DbName,
            Keyword::SslMode,
        ];
        keywords.map(get).join(" ")
    }

    #[test]
    fn urls_are_taken_apart_as_libpq_does() {
        for (text, expected) in [
            ("postgres://", "- - - - - -"),
            ("postgresql:///d", "- - - - d -"),
            ("postgres://u:p@h:5433/d", "u p h 5433 d -"),
            ("postgres://u@/d", "u - - - d -"),
            ("postgres://u:a+b@/d", "u a+b - - d -"),
            ("postgres://:5435/d", "- - - 5435 d -"),
            ("postgres://u:%40%2F%25%27%22%5C%20@h", "u @/%'\"\\  h - - -"),
            ("postgres://u:p:q@h", "u p:q h - - -"),
            ("postgres://u:@h", "u - h - - -"),
            ("postgres://[::1]:5433/d", "- - ::1 5433 d -"),
            ("postgres://[::1]", "- - ::1 - - -"),
            ("postgres://a:1,b,[::2]:3/d", "- - a,b,::2 1,,3 d -"),
            ("postgres://%2Frun%2Fpg:5434/d", "- - /run/pg 5434 d -"),
            ("postgresql:///d?host=/run/pg&port=5434", "- - /run/pg 5434 d -"),
            ("postgres://h?sslmode=require", "- - h - - require"),
            ("postgres://h/d?ssl=true", "- - h - d require"),
            ("postgres://h/d?user=v&password=a%26b", "v a&b h - d -"),
            ("postgres://h/d?user=v&password=a@b", "v a@b h - d -"),
            ("postgres://h/d%40e", "- - h - d@e -"),
            ("postgresql+psycopg2://u@h/d", "u - h - d -"),
            ("postgres://h/a%2Fb", "- - h - a/b -"),
        ] {
            assert_eq!(read(text), expected, "{text}");
        }
    }

    #[test]
    fn mistakes_are_said_without_the_password() {
        for (text, part) in [
            ("postgres://u:secret%zz@h", "password has a %"),
            ("postgres://u:secret%0@h", "password has a %"),
            ("postgres://u:secret%00@h", "%00"),
            ("postgres://u:secret@[::1/d", "closing ]"),
            ("postgres://u:secret@[::1]x", "after ]"),
            ("postgres://u:secret@[]", "empty"),
            ("postgres://u:secret@h/d?host", "no value"),
            ("postgres://u:secret@h/d?password=secret=1", "%3D"),
            ("postgres://u:secret@h/d?hots=x", "\"hots\""),
            ("postgres://h:secret", "no port"),
            ("postgres://u:12/x?secret@h/d", "no value"),
            ("postgres://u:12/x?secret=1=2@h/d", "%3D"),
            ("postgres://u:my@secret@h/d", "%40"),
            ("postgres://u:my/secret@h/d", "%2F"),
            ("postgres://u:123/secret@h/d?sslmode=require", "%2F"),
        ] {
            let message = parse(rest(text).unwrap()).unwrap_err().to_string();
            assert!(message.contains(part) && !message.contains("secret"), "{text}: {message}");
        }
        assert_eq!(rest("mysql://h/d"), None);
        assert_eq!(rest("host=h"), None);
    }
}
