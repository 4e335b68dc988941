//! Hosts, addresses and ports: lists in libpq, one beside the other.

use std::net::IpAddr;
use std::path::PathBuf;

use crate::error::Error;
use crate::keyword::Keyword;
use crate::settings::Settings;
use crate::surroundings::Surroundings;

/// The port of Postgres.
const PORT: u16 = 5432;

/// One server to try.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Host {
    /// Its name as it was written, or nothing.
    pub(crate) name: String,
    /// The way to it.
    pub(crate) way: Way,
    pub(crate) port: u16,
}

/// The way to a server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Way {
    /// The folder of a Unix socket.
    Socket(PathBuf),
    /// A name that is looked up, or an address.
    Tcp(String),
}

impl Host {
    /// Where it is, for readers.
    pub(crate) fn place(&self) -> String {
        match &self.way {
            Way::Socket(folder) => format!("{}:{}", folder.display(), self.port),
            Way::Tcp(host) if host.contains(':') => format!("[{host}]:{}", self.port),
            Way::Tcp(host) => format!("{host}:{}", self.port),
        }
    }

    /// Whether an address stands in for the name, so that the name can't be compared with a certificate's.
    pub(crate) fn hides_name(&self) -> bool {
        matches!(&self.way, Way::Tcp(host) if *host != self.name)
    }

    /// What a password file calls it.
    pub(crate) fn known_as(&self) -> &str {
        match &self.way {
            Way::Tcp(address) if self.name.is_empty() => address,
            Way::Tcp(_) | Way::Socket(_) => &self.name,
        }
    }
}

/// All hosts, in the order in which they are written.
pub(crate) fn hosts(settings: &Settings<'_>, surroundings: &Surroundings) -> Result<Vec<Host>, Error> {
    let list =
        |keyword| -> Vec<&str> { settings.get(keyword).map_or(Vec::new(), |v| v.split(',').collect()) };
    let (names, addresses, ports) = (list(Keyword::Host), list(Keyword::HostAddr), list(Keyword::Port));
    let count = if addresses.is_empty() { names.len().max(1) } else { addresses.len() };
    if !addresses.is_empty() && !names.is_empty() && names.len() != count {
        return Err(Error::Counts { what: format!("{count} hostaddr"), hosts: names.len() });
    }
    if ports.len() > 1 && ports.len() != count {
        return Err(Error::Counts { what: format!("{} ports", ports.len()), hosts: count });
    }
    let host = |index: usize| {
        let port = port(ports.get(index).or(ports.first()).copied().unwrap_or_default(), settings)?;
        let name = names.get(index).copied().unwrap_or_default();
        let way = match addresses.get(index).filter(|address| !address.is_empty()) {
            Some(address) => address_of(address, settings)?,
            None => way(name, port, settings, surroundings)?,
        };
        Ok(Host { name: name.to_owned(), way, port })
    };
    (0..count).map(host).collect()
}

fn port(text: &str, settings: &Settings<'_>) -> Result<u16, Error> {
    match text.trim() {
        "" => Ok(PORT),
        text => match text.parse() {
            Ok(port) if port > 0 => Ok(port),
            _ => Err(settings.invalid(Keyword::Port, "a port is a number from 1 to 65535")),
        },
    }
}

fn address_of(text: &str, settings: &Settings<'_>) -> Result<Way, Error> {
    // A link-local address has its interface behind a `%`.
    let address = text.split('%').next().unwrap_or_default();
    match address.parse::<IpAddr>() {
        Ok(_) => Ok(Way::Tcp(text.to_owned())),
        Err(_) => Err(settings.invalid(Keyword::HostAddr, "it takes addresses, and names go into `host`")),
    }
}

fn way(name: &str, port: u16, settings: &Settings<'_>, around: &Surroundings) -> Result<Way, Error> {
    match name.chars().next() {
        None => Ok(Way::Socket(around.socket(port))),
        Some('/') => Ok(Way::Socket(name.into())),
        Some('@') => Err(settings.unsupported(Keyword::Host, "abstract Unix sockets are not supported")),
        Some(_) => Ok(Way::Tcp(name.to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parameters::Parameters;

    fn read(text: &str) -> Result<String, Error> {
        let surroundings = Surroundings { sockets: vec!["/".into()], ..Surroundings::default() };
        let parameters = Parameters::parse(text)?;
        let hosts = hosts(&Settings::resolve(&parameters, &surroundings)?, &surroundings)?;
        Ok(hosts.iter().map(Host::place).collect::<Vec<_>>().join(" "))
    }

    #[test]
    fn lists_go_side_by_side() {
        for (text, expected) in [
            ("", "/:5432"),
            ("host='' port=''", "/:5432"),
            ("port=1", "/:1"),
            ("host=a,b", "a:5432 b:5432"),
            ("host=a,b port=7", "a:7 b:7"),
            ("host=a,,/run/pg port=1,2,", "a:1 /:2 /run/pg:5432"),
            ("hostaddr=127.0.0.1,::1 port=1,2", "127.0.0.1:1 [::1]:2"),
            ("host=a,b hostaddr=10.0.0.1,", "10.0.0.1:5432 b:5432"),
            ("host=a port=' 5433 '", "a:5433"),
            ("postgres://a:1,b,[::2]:3/d", "a:1 b:5432 [::2]:3"),
        ] {
            assert_eq!(read(text).unwrap(), expected, "{text}");
        }
        for (text, part) in [
            ("host=a,b port=1,2,3", "3 ports"),
            ("host=a,b hostaddr=127.0.0.1", "1 hostaddr"),
            ("host=a port=0", "65535"),
            ("host=a port=99999", "65535"),
            ("hostaddr=localhost", "takes addresses"),
            ("host=@pg", "abstract"),
        ] {
            let message = read(text).unwrap_err().to_string();
            assert!(message.contains(part), "{text}: {message}");
        }
    }
}
