//! Conversion of a URL to a client of one server, of a cluster, or of sentinels that know the server.

use redis::cluster::{ClusterClient, ClusterClientBuilder};
use redis::sentinel::{SentinelClient, SentinelClientBuilder, SentinelServerType};
use redis::{
    Client, ClientTlsConfig, ConnectionAddr, ErrorKind, IntoConnectionInfo as _, RedisError, TlsCertificates, TlsMode,
};
use tokio::sync::Mutex;

use super::config::Config;
use crate::error::{Error, Result};

/// Attempts of a command within a cluster's connection, before the whole connection is made again.
const CLUSTER_RETRIES: u32 = 3;

/// The servers to connect to.
pub struct Target {
    pub client: Servers,
    /// Hosts and ports, or the path of a socket, for messages.
    pub address: String,
    /// Whether the scheme asks for TLS.
    pub is_tls: bool,
    /// Texts that must not appear in any message: a server may repeat in its refusal what it received.
    secrets: Vec<String>,
}

/// The client of one server, of a cluster, or of sentinels that know the server.
pub enum Servers {
    Single(Client),
    Cluster(ClusterClient),
    Sentinel(Mutex<SentinelClient>),
}

impl Target {
    /// Returns `text` without the passwords of the configuration and of the URL.
    pub fn redacted(&self, text: &str) -> String {
        self.secrets.iter().fold(text.to_owned(), |text, secret| text.replace(secret, "***"))
    }
}

/// Returns the client for a configuration.
///
/// # Errors
/// `Argument` for a URL that is not supported.
pub fn target(config: &Config) -> Result<Target> {
    let client = servers(config)?;
    let secrets = secrets(config, &client);
    let is_tls = ["rediss", "valkeys"].iter().any(|scheme| config.url.starts_with(scheme));
    Ok(Target { address: address(&config.url), is_tls, client, secrets })
}

/// Returns hosts and ports of a URL, or the path of a socket: the part after the login, without database, query and
/// fragment.
fn address(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return String::new() };
    let rest = rest.split(['?', '#']).next().unwrap_or_default();
    let rest = rest.rsplit_once('@').map_or(rest, |(_, hosts)| hosts);
    let default_port = if scheme.ends_with("sentinel") { "26379" } else { "6379" };
    if scheme == "redis+unix" {
        return rest.to_owned();
    }
    let hosts = rest.split('/').next().unwrap_or_default().split(',').map(|host| {
        let has_port = host.rsplit(':').next().is_some_and(|port| port != host && !port.ends_with(']'));
        if has_port { host.to_owned() } else { format!("{host}:{default_port}") }
    });
    hosts.collect::<Vec<_>>().join(",")
}

/// Returns the passwords of a configuration and of its URL, the latter both encoded and decoded.
fn secrets(config: &Config, client: &Servers) -> Vec<String> {
    let rest = config.url.split_once("://").map_or("", |(_, rest)| rest);
    let login = rest.rsplit_once('@').map_or("", |(login, _)| login);
    let written = login.split_once(':').map(|(_, password)| password.to_owned());
    let in_url = Config { password: None, ..config.clone() };
    let meant = match client {
        Servers::Single(client) => client.get_connection_info().redis_settings().password().map(str::to_owned),
        _ => login_of(&in_url, login).ok().and_then(|(_, password)| password),
    };
    let all = [config.password.clone(), written, meant];
    all.into_iter().flatten().filter(|secret| !secret.is_empty()).collect()
}

fn servers(config: &Config) -> Result<Servers> {
    let Some((scheme, rest)) = config.url.split_once("://") else { return Err(wrong_url()) };
    match scheme {
        "redis" | "valkey" => single(config, &format!("redis://{rest}"), false),
        "rediss" | "valkeys" if config.tls.accept_any => single(config, &format!("rediss://{rest}#insecure"), true),
        "rediss" | "valkeys" => single(config, &format!("rediss://{rest}"), true),
        "redis+unix" => single(config, &format!("unix://{rest}"), false),
        "redis+cluster" => cluster(config, rest, false),
        "rediss+cluster" => cluster(config, rest, true),
        "redis+sentinel" => sentinel(config, rest),
        _ => Err(wrong_url()),
    }
}

fn single(config: &Config, url: &str, is_tls: bool) -> Result<Servers> {
    let mut info = url.into_connection_info().map_err(refuse)?;
    let mut settings = info.redis_settings().clone();
    if let Some(username) = &config.username {
        settings = settings.set_username(username);
    }
    if let Some(password) = &config.password {
        settings = settings.set_password(password);
    }
    if let Some(db) = config.db {
        settings = settings.set_db(db);
    }
    info = info.set_redis_settings(settings);
    let client = if is_tls { Client::build_with_tls(info, certificates(config)) } else { Client::open(info) };
    Ok(Servers::Single(client.map_err(refuse)?))
}

fn cluster(config: &Config, rest: &str, is_tls: bool) -> Result<Servers> {
    let (login, hosts) = rest.rsplit_once('@').unwrap_or(("", rest));
    let scheme = if is_tls { "rediss" } else { "redis" };
    let insecure = if is_tls && config.tls.accept_any { "#insecure" } else { "" };
    let nodes = hosts.trim_end_matches('/').split(',').map(|host| format!("{scheme}://{host}{insecure}"));
    let mut builder = ClusterClientBuilder::new(nodes)
        .connection_timeout(config.connect_timeout)
        .response_timeout(config.command_timeout)
        .retries(CLUSTER_RETRIES);
    let (user, password) = login_of(config, login)?;
    if let Some(user) = user {
        builder = builder.username(user);
    }
    if let Some(password) = password {
        builder = builder.password(password);
    }
    if is_tls {
        builder = builder.certs(certificates(config)).tls(tls_mode(config));
    }
    Ok(Servers::Cluster(builder.build().map_err(refuse)?))
}

fn sentinel(config: &Config, rest: &str) -> Result<Servers> {
    let (login, rest) = rest.rsplit_once('@').unwrap_or(("", rest));
    let mut parts = rest.splitn(3, '/');
    let (hosts, master, db) = (parts.next().unwrap_or(""), parts.next().unwrap_or(""), parts.next());
    if master.is_empty() {
        return Err(Error::argument("url: redis+sentinel needs the master's name: …/<master>"));
    }
    let addresses = hosts.split(',').map(|host| {
        let (name, port) = host.rsplit_once(':').unwrap_or((host, "26379"));
        Ok(ConnectionAddr::Tcp(name.to_owned(), port.parse().map_err(|_| wrong_url())?))
    });
    let addresses = addresses.collect::<Result<Vec<_>>>()?;
    let builder = SentinelClientBuilder::new(addresses, master, SentinelServerType::Master);
    let mut builder = builder.map_err(refuse)?;
    let (user, password) = login_of(config, login)?;
    if let Some(user) = user {
        builder = builder.set_client_to_redis_username(user);
    }
    if let Some(password) = password {
        builder = builder.set_client_to_redis_password(password);
    }
    let db = db.filter(|db| !db.is_empty()).map(|db| db.parse().map_err(|_| wrong_url())).transpose()?;
    if let Some(db) = config.db.or(db) {
        builder = builder.set_client_to_redis_db(db);
    }
    if config.tls.ca.is_some() || config.tls.client.is_some() || config.tls.accept_any {
        builder = builder
            .set_client_to_redis_tls_mode(tls_mode(config))
            .set_client_to_redis_certificates(certificates(config));
    }
    Ok(Servers::Sentinel(Mutex::new(builder.build().map_err(refuse)?)))
}

fn wrong_url() -> Error {
    Error::argument("url must begin with redis, rediss, valkey, valkeys, redis+unix, redis+cluster or redis+sentinel")
}

/// Returns the error about a URL without quoting it, since it may contain a password.
fn refuse(error: RedisError) -> Error {
    use std::error::Error as _;
    let why = match error.kind() {
        ErrorKind::InvalidClientConfig if error.source().is_none() => {
            error.to_string().split(" - ").next().unwrap_or_default().to_owned()
        }
        _ => "it cannot be read".to_owned(),
    };
    Error::argument(format!("url: {why}"))
}

fn certificates(config: &Config) -> TlsCertificates {
    let client = config.tls.client.clone();
    TlsCertificates {
        client_tls: client.map(|(client_cert, client_key)| ClientTlsConfig { client_cert, client_key }),
        root_cert: config.tls.ca.clone(),
    }
}

fn tls_mode(config: &Config) -> TlsMode {
    if config.tls.accept_any { TlsMode::Insecure } else { TlsMode::Secure }
}

/// Returns user and password; those of the configuration take precedence over those of the URL.
fn login_of(config: &Config, login: &str) -> Result<(Option<String>, Option<String>)> {
    // Read as in the URL of a single server, so that escapes mean the same.
    let info = format!("redis://{login}@localhost").into_connection_info().map_err(refuse)?;
    let (user, password) = (info.redis_settings().username(), info.redis_settings().password());
    let given = |own: &Option<String>, text: Option<&str>| own.clone().or_else(|| text.map(str::to_owned));
    Ok((given(&config.username, user), given(&config.password, password)))
}

#[cfg(test)]
mod tests {
    use super::super::config::Tls;
    use super::*;
    use std::time::Duration;

    fn config(url: &str) -> Config {
        let second = Duration::from_secs(1);
        Config {
            url: url.into(),
            prefix: "p".into(),
            ttl: None,
            username: None,
            password: None,
            db: None,
            tls: Tls::default(),
            connect_timeout: second,
            command_timeout: second,
            reconnect: (second, second),
            retry_for: second,
            chunk_bytes: 1,
            chunk_keys: 1,
            compress: false,
            wait_replicas: 0,
        }
    }

    #[test]
    fn urls_of_all_kinds() {
        for url in ["redis://h", "rediss://u:p@h:1/2", "valkey://h", "valkeys://h", "redis+unix:///tmp/s"] {
            assert!(matches!(servers(&config(url)), Ok(Servers::Single(_))), "{url}");
        }
        assert!(matches!(servers(&config("redis+cluster://u:p@a:1,b:2/")), Ok(Servers::Cluster(_))));
        assert!(matches!(servers(&config("rediss+cluster://a:1")), Ok(Servers::Cluster(_))));
        assert!(matches!(servers(&config("redis+sentinel://a,b:2/main/3")), Ok(Servers::Sentinel(_))));
        for url in ["", "h:1", "http://h", "redis+sentinel://h", "redis+sentinel://h:x/m", "redis+sentinel://h/m/x"] {
            assert!(matches!(target(&config(url)), Err(Error::Argument(_))), "{url}");
        }
    }

    #[test]
    fn any_certificate_will_do_where_asked_for_also_with_a_database() {
        let mut config = config("rediss://h/3");
        config.tls.accept_any = true;
        let Ok(Servers::Single(client)) = servers(&config) else { panic!("a single server") };
        assert!(matches!(client.get_connection_info().addr(), ConnectionAddr::TcpTls { insecure: true, .. }));
        assert_eq!(client.get_connection_info().redis_settings().db(), 3);
    }

    #[test]
    fn no_error_of_a_url_tells_a_part_of_it() {
        for url in [
            "redis://u:hidden@h:port",
            "redis://u:hidden@h/base",
            "redis://:hidden@",
            "redis://u:hidden@h?protocol=hidden",
            "rediss://u:hidden@h#hidden",
            "redis+unix://hidden?db=hidden",
            "redis+cluster://u:hidden@h:x",
            "redis+sentinel://u:hidden@h:x/m",
            "redis+sentinel://u:hidden@h/m/hidden",
            "hidden://h",
            "hidden",
        ] {
            if let Err(error) = target(&config(url)) {
                assert!(!error.to_string().contains("hidden"), "{url}: {error}");
            }
        }
    }

    #[test]
    fn places_are_hosts_and_ports() {
        for (url, expected) in [
            ("redis://h", "h:6379"),
            ("rediss://u:p@h:1/2", "h:1"),
            ("redis://:p%40x@[::1]:7/0?protocol=3", "[::1]:7"),
            ("redis://[::1]", "[::1]:6379"),
            ("redis+cluster://u:p@a:1,b/", "a:1,b:6379"),
            ("redis+sentinel://a,b:2/main/3", "a:26379,b:2"),
            ("redis+unix:///tmp/s?pass=p", "/tmp/s"),
        ] {
            assert_eq!(address(url), expected, "{url}");
        }
    }

    #[test]
    fn passwords_are_taken_out_of_what_a_server_says() {
        let mut config = config("redis://u:in%40url@h");
        config.password = Some("beside".into());
        let text = target(&config).unwrap().redacted("ERR 'beside' 'in%40url' 'u'");
        assert_eq!(text, "ERR '***' '***' 'u'");
        config.password = None;
        assert_eq!(target(&config).unwrap().redacted("ERR 'in@url'"), "ERR '***'");
    }

    #[test]
    fn logins_are_read_with_their_escapes() {
        let mut config = config("");
        let read = |config: &Config, login| login_of(config, login).unwrap();
        assert_eq!(read(&config, "u:p%40x"), (Some("u".into()), Some("p@x".into())));
        assert_eq!(read(&config, ":p"), (None, Some("p".into())));
        assert_eq!(read(&config, ""), (None, None));
        config.password = Some("own".into());
        assert_eq!(read(&config, "u:p"), (Some("u".into()), Some("own".into())));
    }
}
