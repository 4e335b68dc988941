//! The parameters that libpq has, each with its environment variable.

macro_rules! keywords {
    ($($(#[doc = $doc:literal])+ $name:ident = $word:literal $(, $variable:literal)?;)+) => {
        /// A parameter of libpq.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Keyword { $($(#[doc = $doc])+ $name,)+ }

        impl Keyword {
            /// All of them.
            pub const ALL: &[Keyword] = &[$(Keyword::$name,)+];

            /// As it is written.
            pub fn word(self) -> &'static str {
                match self { $(Keyword::$name => $word,)+ }
            }

            /// The environment variable that stands in where it isn't written.
            pub fn variable(self) -> Option<&'static str> {
                match self { $(Keyword::$name => keywords!(@variable $($variable)?),)+ }
            }
        }
    };
    (@variable $variable:literal) => { Some($variable) };
    (@variable) => { None };
}

// From `PQconninfoOptions` in `fe-connect.c` of PostgreSQL 18.
keywords! {
    /// The group of a service file.
    Service = "service", "PGSERVICE";
    /// The service file.
    ServiceFile = "servicefile", "PGSERVICEFILE";
    /// The role.
    User = "user", "PGUSER";
    /// Its password.
    Password = "password", "PGPASSWORD";
    /// The password file.
    PassFile = "passfile", "PGPASSFILE";
    /// The database.
    DbName = "dbname", "PGDATABASE";
    /// Names of hosts, or folders of sockets, by commas.
    Host = "host", "PGHOST";
    /// Their addresses, by commas.
    HostAddr = "hostaddr", "PGHOSTADDR";
    /// Their ports, by commas.
    Port = "port", "PGPORT";
    /// How long a host is waited for, in seconds.
    ConnectTimeout = "connect_timeout", "PGCONNECT_TIMEOUT";
    /// Command-line options for the server process.
    Options = "options", "PGOPTIONS";
    /// What `pg_stat_activity` calls the session.
    ApplicationName = "application_name", "PGAPPNAME";
    /// The same, where nothing else says it.
    FallbackApplicationName = "fallback_application_name";
    /// Which kind of server is wanted.
    TargetSessionAttrs = "target_session_attrs", "PGTARGETSESSIONATTRS";
    /// Whether hosts are tried in random order.
    LoadBalanceHosts = "load_balance_hosts", "PGLOADBALANCEHOSTS";
    /// How TLS is used.
    SslMode = "sslmode", "PGSSLMODE";
    /// The old way to say `sslmode=require`.
    RequireSsl = "requiressl", "PGREQUIRESSL";
    /// Authorities that may sign the server's certificate.
    SslRootCert = "sslrootcert", "PGSSLROOTCERT";
    /// The client's certificate.
    SslCert = "sslcert", "PGSSLCERT";
    /// Its key.
    SslKey = "sslkey", "PGSSLKEY";
    /// Whether the client's certificate is sent.
    SslCertMode = "sslcertmode", "PGSSLCERTMODE";
    /// The password of the key.
    SslPassword = "sslpassword";
    /// Certificates that were revoked.
    SslCrl = "sslcrl", "PGSSLCRL";
    /// A folder of such.
    SslCrlDir = "sslcrldir", "PGSSLCRLDIR";
    /// Whether TLS is asked for, or simply begun.
    SslNegotiation = "sslnegotiation", "PGSSLNEGOTIATION";
    /// TLS compression, which nobody has any more.
    SslCompression = "sslcompression", "PGSSLCOMPRESSION";
    /// Whether the host's name is sent in the clear.
    SslSni = "sslsni", "PGSSLSNI";
    /// A file for the keys of TLS sessions.
    SslKeyLogFile = "sslkeylogfile", "PGSSLKEYLOGFILE";
    /// The oldest version of TLS.
    SslMinProtocolVersion = "ssl_min_protocol_version", "PGSSLMINPROTOCOLVERSION";
    /// The newest.
    SslMaxProtocolVersion = "ssl_max_protocol_version", "PGSSLMAXPROTOCOLVERSION";
    /// The oldest version of the protocol.
    MinProtocolVersion = "min_protocol_version", "PGMINPROTOCOLVERSION";
    /// The newest.
    MaxProtocolVersion = "max_protocol_version", "PGMAXPROTOCOLVERSION";
    /// Whether SCRAM is bound to the TLS channel.
    ChannelBinding = "channel_binding", "PGCHANNELBINDING";
    /// Methods of authentication that are allowed.
    RequireAuth = "require_auth", "PGREQUIREAUTH";
    /// The operating system's user that a server behind a socket runs as.
    RequirePeer = "requirepeer", "PGREQUIREPEER";
    /// Encryption by GSSAPI.
    GssEncMode = "gssencmode", "PGGSSENCMODE";
    /// GSSAPI's library.
    GssLib = "gsslib", "PGGSSLIB";
    /// GSSAPI's name of the service.
    KrbSrvName = "krbsrvname", "PGKRBSRVNAME";
    /// Whether credentials of GSSAPI are handed on.
    GssDelegation = "gssdelegation", "PGGSSDELEGATION";
    /// SCRAM's key in place of a password.
    ScramClientKey = "scram_client_key";
    /// Its counterpart.
    ScramServerKey = "scram_server_key";
    /// OAuth's issuer.
    OauthIssuer = "oauth_issuer";
    /// OAuth's client.
    OauthClientId = "oauth_client_id";
    /// OAuth's secret.
    OauthClientSecret = "oauth_client_secret";
    /// OAuth's scope.
    OauthScope = "oauth_scope";
    /// Whether the connection is for replication.
    Replication = "replication";
    /// The encoding, which is always UTF-8 here.
    ClientEncoding = "client_encoding", "PGCLIENTENCODING";
    /// Whether TCP looks for a dead peer.
    Keepalives = "keepalives";
    /// After how many idle seconds.
    KeepalivesIdle = "keepalives_idle";
    /// How often.
    KeepalivesInterval = "keepalives_interval";
    /// How many times.
    KeepalivesCount = "keepalives_count";
    /// How long what was sent may stay unacknowledged.
    TcpUserTimeout = "tcp_user_timeout";
}

impl Keyword {
    /// The parameter of this name.
    pub fn find(word: &str) -> Option<Keyword> {
        Self::ALL.iter().copied().find(|keyword| keyword.word() == word)
    }

    /// Whether its value must not be shown.
    pub fn is_secret(self) -> bool {
        matches!(
            self,
            Keyword::Password
                | Keyword::SslPassword
                | Keyword::ScramClientKey
                | Keyword::ScramServerKey
                | Keyword::OauthClientSecret
        )
    }
}
