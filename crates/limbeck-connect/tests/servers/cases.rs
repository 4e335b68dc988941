//! Ways to name a database, and where each leads. `{main}` and the like are ports, `{dir}` holds sockets and
//! certificates, `{home}` is the home folder of the try.

/// What a password can be made of.
pub(crate) const PASSWORD: &str = r#"a@b/c%d e"f'g\h#i?j&k:l+m=ü"#;

/// What a try comes to.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Expected {
    /// `user database tls server search_path`.
    Row(&'static str),
    /// An error that says this.
    Error(&'static str),
    /// An error that says this, where libpq connects.
    Missing(&'static str),
}

/// A way to name a database.
#[derive(Debug)]
pub(crate) struct Case {
    pub(crate) name: &'static str,
    pub(crate) text: &'static str,
    pub(crate) variables: &'static [(&'static str, &'static str)],
    /// Files at home: name, text, mode.
    pub(crate) files: &'static [(&'static str, &'static str, u32)],
    pub(crate) expected: Expected,
    /// Whether `psql` is asked too.
    pub(crate) psql: bool,
}

const fn case(name: &'static str, text: &'static str, expected: Expected) -> Case {
    Case { name, text, variables: &[], files: &[], expected, psql: true }
}

const fn ok(name: &'static str, text: &'static str, row: &'static str) -> Case {
    case(name, text, Expected::Row(row))
}

const fn no(name: &'static str, text: &'static str, error: &'static str) -> Case {
    case(name, text, Expected::Error(error))
}

impl Case {
    const fn with(mut self, variables: &'static [(&'static str, &'static str)]) -> Self {
        self.variables = variables;
        self
    }

    const fn having(mut self, files: &'static [(&'static str, &'static str, u32)]) -> Self {
        self.files = files;
        self
    }

    /// For what a `psql` that is still around may not know, or takes otherwise with good reason.
    const fn alone(mut self) -> Self {
        self.psql = false;
        self
    }
}

const ROW: &str = r#"postgres postgres t main "$user", public"#;
const PLAIN: &str = r#"postgres postgres f main "$user", public"#;
const SCRAM: &str = r#"scram postgres t main "$user", public"#;
const READ_ONLY: &str = r#"postgres postgres f read_only "$user", public"#;
const STANDBY: &str = r#"postgres postgres f standby "$user", public"#;
const CERTIFIED: &str = r#"certified postgres t main "$user", public"#;

/// All of them.
pub(crate) const CASES: &[Case] = &[
    // Ways to say it.
    ok("url", "postgres://postgres@127.0.0.1:{main}/postgres", ROW),
    ok("url_socket_host", "postgresql://postgres@/postgres?host={dir}&port={main}", PLAIN),
    ok("url_socket_require", "postgresql://postgres@/postgres?host={dir}&port={main}&sslmode=verify-full", PLAIN),
    ok("conninfo", "host=127.0.0.1 port={main} user=postgres dbname=postgres", ROW),
    ok("localhost", "host=localhost port={main} user=postgres dbname=postgres", ROW),
    ok("hostaddr", "hostaddr=127.0.0.1 port={main} user=postgres dbname=postgres", ROW),
    ok("hostaddr_hides_name", "host=nowhere.invalid hostaddr=127.0.0.1 port={main} user=postgres dbname=postgres", ROW),
    ok("variables", "", ROW).with(&[("PGHOST", "127.0.0.1"), ("PGPORT", "{main}"), ("PGUSER", "postgres"), ("PGDATABASE", "postgres")]),
    ok("variables_socket", "", PLAIN).with(&[("PGHOST", "{dir}"), ("PGPORT", "{main}"), ("PGUSER", "postgres")]),
    ok("text_before_variables", "host=127.0.0.1 port={main} user=postgres dbname=postgres", ROW).with(&[("PGHOST", "nowhere.invalid"), ("PGPORT", "{dead}"), ("PGUSER", "nobody"), ("PGDATABASE", "nothing"), ("PGHOSTADDR", "")]),
    ok("dbname_is_user", " host=127.0.0.1 port={main} user=postgres", ROW),
    no("nobody_there", "host=127.0.0.1 port={dead}", "127.0.0.1:dead"),
    no("no_such_database", "host=127.0.0.1 port={main} user=postgres dbname=nothing", "does not exist"),
    no("unknown_parameter", "hots=127.0.0.1", "\"hots\""),
    ok("application_name", "host=127.0.0.1 port={main} user=postgres dbname=postgres application_name=x", ROW),
    // Passwords that are hard to write.
    ok("password_url", "postgres://scram:a%40b%2Fc%25d%20e%22f%27g%5Ch%23i%3Fj%26k%3Al+m%3D%C3%BC@127.0.0.1:{main}/postgres", SCRAM),
    ok("password_url_parameter", "postgres://scram@127.0.0.1:{main}/postgres?password=a%40b%2Fc%25d%20e%22f%27g%5Ch%23i%3Fj%26k%3Al+m%3D%C3%BC", SCRAM),
    ok("password_quoted", "host=127.0.0.1 port={main} user=scram dbname=postgres password='a@b/c%d e\"f\\'g\\\\h#i?j&k:l+m=ü'", SCRAM),
    ok("password_escaped", "host=127.0.0.1 port={main} user=scram dbname=postgres password=a@b/c%d\\ e\"f\\'g\\\\h#i?j&k:l+m=ü", SCRAM),
    ok("password_variable", "host=127.0.0.1 port={main} user=scram dbname=postgres", SCRAM).with(&[("PGPASSWORD", "a@b/c%d e\"f'g\\h#i?j&k:l+m=ü")]),
    ok("password_file", "host=127.0.0.1 port={main} user=scram dbname=postgres", SCRAM).having(&[(".pgpass", "# ours\n127.0.0.1:{main}:postgres:scram:a@b/c%d e\"f'g\\\\h#i?j&k\\:l+m=ü\n", 0o600)]),
    ok("password_file_named", "host=127.0.0.1 port={main} user=scram dbname=postgres", SCRAM).with(&[("PGPASSFILE", "{home}/other")]).having(&[("other", "*:*:*:*:a@b/c%d e\"f'g\\\\h#i?j&k\\:l+m=ü\n", 0o600)]),
    ok("password_file_parameter", "host=127.0.0.1 port={main} user=scram dbname=postgres passfile={home}/other", SCRAM).with(&[("PGPASSFILE", "/nowhere")]).having(&[("other", "*:*:*:*:a@b/c%d e\"f'g\\\\h#i?j&k\\:l+m=ü\n", 0o600)]),
    ok("password_file_behind_empty", "host=127.0.0.1 port={main} user=scram dbname=postgres password=''", SCRAM).with(&[("PGPASSWORD", "wrong")]).having(&[(".pgpass", "*:*:*:*:a@b/c%d e\"f'g\\\\h#i?j&k\\:l+m=ü\n", 0o600)]),
    no("password_file_open", "host=127.0.0.1 port={main} user=scram dbname=postgres", "password").having(&[(".pgpass", "*:*:*:*:a@b/c%d e\"f'g\\\\h#i?j&k\\:l+m=ü\n", 0o640)]),
    no("password_file_of_others", "host=127.0.0.1 port={main} user=scram dbname=postgres", "password").having(&[(".pgpass", "127.0.0.1:1:*:*:a@b/c%d e\"f'g\\\\h#i?j&k\\:l+m=ü\nother:*:*:*:a@b/c%d e\"f'g\\\\h#i?j&k\\:l+m=ü\n", 0o600)]),
    no("password_wrong", "host=127.0.0.1 port={main} user=scram dbname=postgres password=wrong", "password authentication failed"),
    no("password_none", "host=127.0.0.1 port={main} user=scram dbname=postgres", "password"),
    ok("password_md5", "host=127.0.0.1 port={main} user=hashed dbname=postgres password='a@b/c%d e\"f\\'g\\\\h#i?j&k:l+m=ü'", "hashed postgres t main \"$user\", public"),
    ok("password_clear", "host=127.0.0.1 port={main} user=clear dbname=postgres password='a@b/c%d e\"f\\'g\\\\h#i?j&k:l+m=ü'", "clear postgres t main \"$user\", public"),
    // Services.
    ok("service", "service=shop", ROW).having(&[(".pg_service.conf", "[shop]\nhost=127.0.0.1\nport={main}\nuser=postgres\ndbname=postgres\n", 0o644)]),
    ok("service_url", "postgres:///?service=shop", ROW).having(&[(".pg_service.conf", "[shop]\nhost=127.0.0.1\nport={main}\nuser=postgres\ndbname=postgres\n", 0o644)]),
    ok("service_variable", "", ROW).with(&[("PGSERVICE", "shop"), ("PGSERVICEFILE", "{home}/services")]).having(&[("services", "[shop]\nhost=127.0.0.1\nport={main}\nuser=postgres\ndbname=postgres\n", 0o644)]),
    ok("service_system", "service=shop", ROW).with(&[("PGSYSCONFDIR", "{home}")]).having(&[(".pg_service.conf", "[other]\nhost=h\n", 0o644), ("pg_service.conf", "[shop]\nhost=127.0.0.1\nport={main}\nuser=postgres\ndbname=postgres\n", 0o644)]),
    ok("service_between", "service=shop dbname=tls", "postgres tls t main \"$user\", public").with(&[("PGPORT", "{dead}"), ("PGUSER", "nobody")]).having(&[(".pg_service.conf", "[shop]\nhost=127.0.0.1\nport={main}\nuser=postgres\ndbname=postgres\n", 0o644)]),
    no("service_unknown", "service=other", "defined nowhere").having(&[(".pg_service.conf", "[shop]\nhost=127.0.0.1\nport={main}\nuser=postgres\ndbname=postgres\n", 0o644)]),
    no("service_wrong", "service=shop", ":2: unknown parameter").having(&[(".pg_service.conf", "[shop]\nhost = h\n", 0o644)]),
    // TLS.
    no("disable_tls", "host=localhost port={main} user=postgres dbname=tls sslmode=disable", "pg_hba.conf rejects"),
    ok("disable_plain", "host=localhost port={main} user=postgres dbname=plain sslmode=disable", "postgres plain f main \"$user\", public"),
    ok("allow_tls", "host=localhost port={main} user=postgres dbname=tls sslmode=allow", "postgres tls t main \"$user\", public"),
    ok("allow_plain", "host=localhost port={main} user=postgres dbname=plain sslmode=allow", "postgres plain f main \"$user\", public"),
    ok("prefer_tls", "host=localhost port={main} user=postgres dbname=tls sslmode=prefer", "postgres tls t main \"$user\", public"),
    ok("prefer_plain", "host=localhost port={main} user=postgres dbname=plain sslmode=prefer", "postgres plain f main \"$user\", public"),
    ok("require_tls", "host=localhost port={main} user=postgres dbname=tls sslmode=require", "postgres tls t main \"$user\", public"),
    no("require_plain", "host=localhost port={main} user=postgres dbname=plain sslmode=require", "pg_hba.conf rejects"),
    ok("allow_is_plain_first", "host=localhost port={main} user=postgres dbname=postgres sslmode=allow", PLAIN),
    ok("prefer_is_tls_first", "host=localhost port={main} user=postgres dbname=postgres sslmode=prefer", ROW),
    no("require_without_tls", "host=127.0.0.1 port={read_only} user=postgres sslmode=require", "TLS connection"),
    ok("prefer_without_tls", "host=127.0.0.1 port={read_only} user=postgres", READ_ONLY),
    ok("mode_variable", "host=localhost port={main} user=postgres dbname=plain", "postgres plain f main \"$user\", public").with(&[("PGSSLMODE", "disable")]),
    ok("old_variable", "host=localhost port={main} user=postgres dbname=postgres", ROW).with(&[("PGREQUIRESSL", "1")]),
    ok("verify_ca", "host=127.0.0.1 port={main} user=postgres dbname=postgres sslmode=verify-ca sslrootcert={dir}/root.crt", "postgres postgres t main \"$user\", public (sslmode=verify-ca takes certificates of the system's authorities too, for any host: verify-full also compares the name)").alone(),
    no("verify_ca_stranger", "host=localhost port={main} user=postgres dbname=postgres sslmode=verify-ca sslrootcert={dir}/stranger.crt", "TLS connection"),
    no("verify_ca_no_root", "host=localhost port={main} user=postgres dbname=postgres sslmode=verify-ca", "root.crt is not there"),
    ok("verify_full", "host=localhost port={main} user=postgres dbname=postgres sslmode=verify-full sslrootcert={dir}/root.crt", ROW),
    ok("verify_full_variables", "host=localhost port={main} user=postgres dbname=postgres", ROW).with(&[("PGSSLMODE", "verify-full"), ("PGSSLROOTCERT", "{dir}/root.crt")]),
    no("verify_full_other_name", "host=127.0.0.1 port={main} user=postgres dbname=postgres sslmode=verify-full sslrootcert={dir}/root.crt", "TLS connection"),
    no("verify_full_stranger", "host=localhost port={main} user=postgres dbname=postgres sslmode=verify-full sslrootcert={dir}/stranger.crt", "TLS connection"),
    no("verify_full_no_root", "host=localhost port={main} user=postgres dbname=postgres sslmode=verify-full sslrootcert=/nowhere", "/nowhere is not there"),
    case("verify_full_hostaddr", "host=localhost port={main} user=postgres dbname=postgres sslmode=verify-full sslrootcert={dir}/root.crt hostaddr=127.0.0.1", Expected::Missing("hostaddr=127.0.0.1 can't be had")),
    no("require_with_root_verifies", "host=localhost port={main} user=postgres dbname=postgres sslmode=require sslrootcert={dir}/stranger.crt", "TLS connection"),
    ok("require_with_missing_root", "host=localhost port={main} user=postgres dbname=postgres sslmode=require sslrootcert=/nowhere", ROW),
    ok("text_root_before_variable", "host=localhost port={main} user=postgres dbname=postgres sslmode=require sslrootcert=/nowhere", ROW).with(&[("PGSSLROOTCERT", "{dir}/stranger.crt")]),
    ok("prefer_with_stranger_is_plain", "host=localhost port={main} user=postgres dbname=postgres sslrootcert={dir}/stranger.crt", PLAIN),
    no("system_root_weak", "host=localhost port={main} user=postgres dbname=postgres sslmode=require sslrootcert=system", "wants verify-full").alone(),
    no("system_root_before_variable", "host=localhost port={main} user=postgres sslrootcert=system", "TLS connection")
        .with(&[("PGSSLROOTCERT", "{dir}/root.crt")])
        .alone(),
    no("system_root_stranger", "host=localhost port={main} user=postgres dbname=postgres sslrootcert=system", "TLS connection").alone(),
    ok("client_certificate", "host=localhost port={main} user=certified dbname=postgres sslcert={dir}/client.crt sslkey={dir}/client.key", CERTIFIED),
    ok("client_certificate_variables", "host=localhost port={main} user=certified dbname=postgres", CERTIFIED).with(&[("PGSSLCERT", "{dir}/client.crt"), ("PGSSLKEY", "{dir}/client.key")]),
    no("client_certificate_missing", "host=localhost port={main} user=certified dbname=postgres sslmode=require", "certificate"),
    no("client_certificate_of_another", "host=localhost port={main} user=certified dbname=postgres sslmode=require sslcert={dir}/server.crt sslkey={home}/k", " can't be read"),
    no("client_key_open", "host=localhost port={main} user=certified dbname=postgres sslmode=require sslcert={dir}/client.crt sslkey={home}/k", "chmod 600").having(&[("k", "-----BEGIN PRIVATE KEY-----\n", 0o644)]),
    no("client_key_encrypted", "host=localhost port={main} user=certified dbname=postgres sslmode=require sslcert={dir}/client.crt sslkey={home}/k", "encrypted").having(&[("k", "-----BEGIN ENCRYPTED PRIVATE KEY-----\n", 0o600)]),
    ok("client_certificate_off", "host=localhost port={main} user=postgres sslcertmode=disable sslcert=/nowhere/x", ROW).alone(),
    // Several hosts.
    ok("several_url", "postgres://postgres@127.0.0.1:{dead},127.0.0.1:{main}/postgres", ROW),
    ok("several_sockets", "host={home},{dir} port={main} dbname=postgres user=postgres", PLAIN),
    ok("any", "host=127.0.0.1,127.0.0.1,127.0.0.1,127.0.0.1 port={dead},{read_only},{standby},{main} dbname=postgres user=postgres target_session_attrs=any", READ_ONLY),
    ok("read_write", "host=127.0.0.1,127.0.0.1,127.0.0.1,127.0.0.1 port={dead},{read_only},{standby},{main} dbname=postgres user=postgres target_session_attrs=read-write", ROW),
    ok("primary", "host=127.0.0.1,127.0.0.1,127.0.0.1,127.0.0.1 port={dead},{read_only},{standby},{main} dbname=postgres user=postgres target_session_attrs=primary", READ_ONLY),
    ok("standby", "host=127.0.0.1,127.0.0.1,127.0.0.1,127.0.0.1 port={dead},{read_only},{standby},{main} dbname=postgres user=postgres target_session_attrs=standby", STANDBY),
    ok("prefer_standby", "host=127.0.0.1,127.0.0.1,127.0.0.1,127.0.0.1 port={dead},{read_only},{standby},{main} dbname=postgres user=postgres target_session_attrs=prefer-standby", STANDBY),
    ok("prefer_standby_without", "host=127.0.0.1,127.0.0.1 port={dead},{main} dbname=postgres user=postgres target_session_attrs=prefer-standby", ROW),
    ok("read_only", "host=127.0.0.1,127.0.0.1 port={main},{standby} dbname=postgres user=postgres target_session_attrs=read-only", STANDBY),
    ok("attributes_variable", "host=127.0.0.1,127.0.0.1 port={read_only},{main} dbname=postgres user=postgres", ROW).with(&[("PGTARGETSESSIONATTRS", "read-write")]),
    no("read_write_nowhere", "host=127.0.0.1,127.0.0.1 port={read_only},{standby} dbname=postgres user=postgres target_session_attrs=read-write", "127.0.0.1:read_only: it is read-only, and a read-write server is wanted; 127.0.0.1:standby: it is read-only"),
    no(
        "refused_ends_it",
        "host=127.0.0.1,127.0.0.1 port={main},{read_only} user=postgres dbname=template1",
        "pg_hba.conf rejects",
    ),
    ok("balanced", "host=127.0.0.1,127.0.0.1 port={dead},{main} dbname=postgres user=postgres load_balance_hosts=random", ROW).alone(),
    no("counts", "host=a,b,c port=1,2", "2 ports"),
    // Settings.
    ok("options", "host=127.0.0.1 port={main} user=postgres dbname=postgres options='-c search_path=a,\\\\ b --geqo=off'", "postgres postgres t main a, b"),
    ok("options_url", "postgres://postgres@127.0.0.1:{main}/postgres?options=-csearch_path%3Dx", "postgres postgres t main x"),
    ok("options_variable", "host=127.0.0.1 port={main} user=postgres dbname=postgres", "postgres postgres t main y").with(&[("PGOPTIONS", "-c search_path=y")]),
    ok("options_over_variable", "host=127.0.0.1 port={main} user=postgres dbname=postgres options='-c search_path=x'", "postgres postgres t main x (PGOPTIONS applies as well, before `options`: the driver can't leave it out)").with(&[("PGOPTIONS", "-c search_path=y")]).alone(),
    ok("harmless", "host=127.0.0.1 port={main} user=postgres dbname=postgres keepalives=1 keepalives_idle=10 tcp_user_timeout=1000 client_encoding=auto gssencmode=disable channel_binding=prefer connect_timeout=5", ROW),
    case("channel_binding", "host=127.0.0.1 port={main} user=scram dbname=postgres channel_binding=require password='a@b/c%d e\"f\\'g\\\\h#i?j&k:l+m=ü'", Expected::Missing("channel_binding=require can't be had")),
    case("channel_binding_variable", "host=127.0.0.1 port={main} user=scram dbname=postgres password='a@b/c%d e\"f\\'g\\\\h#i?j&k:l+m=ü'", Expected::Missing("PGCHANNELBINDING=require can't be had")).with(&[("PGCHANNELBINDING", "require")]),
    no("gssapi", "host=127.0.0.1 port={main} user=postgres dbname=postgres gssencmode=require", "gssencmode=require can't be had"),
    no("timeout_word", "host=127.0.0.1 port={main} user=postgres dbname=postgres connect_timeout=soon", "connect_timeout"),
    case("require_peer", "host={dir} port={main} user=postgres requirepeer=postgres", Expected::Missing("requirepeer=postgres can't be had")).alone(),
];
