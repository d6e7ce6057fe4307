//! Connections to the mail server: so many at most, kept and used again.

use std::error::Error;
use std::io;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use lettre::Message;
use lettre::transport::smtp::Error as SmtpError;
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{AsyncSmtpConnection, TlsParameters};
use lettre::transport::smtp::extension::ClientId;
use tokio::net::TcpStream;
use tokio::sync::Semaphore;
use tokio::time::timeout;

use super::MailError;

/// How long a connection is kept that nobody uses.
const IDLE: Duration = Duration::from_mins(1);

/// How long a connection that was kept may take to show that it still works.
const SIGN_OF_LIFE: Duration = Duration::from_secs(1);

const MECHANISMS: [Mechanism; 2] = [Mechanism::Plain, Mechanism::Login];

/// Where the mail server is, and how it is spoken to.
pub(super) struct Server {
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) protection: Protection,
    pub(super) login: Option<Credentials>,
    /// What pod calls itself.
    pub(super) hello: ClientId,
}

/// How a connection is protected.
pub(super) enum Protection {
    /// TLS from the start.
    Implicit(TlsParameters),
    /// STARTTLS, or nothing.
    Required(TlsParameters),
    /// Nothing: it never leaves this machine.
    None,
}

/// The connections.
///
/// One that is given up, because whoever waits for it stops, is closed: in the
/// middle of a mail it is of no use to anybody else.
pub(super) struct Connections {
    server: Server,
    turns: Semaphore,
    idle: Mutex<Vec<Idle>>,
}

struct Idle {
    connection: AsyncSmtpConnection,
    since: Instant,
}

/// Why a mail was not taken.
pub(super) enum SendError {
    /// What the server said to it, or that it said nothing.
    Smtp(SmtpError),
    /// Something else.
    Mail(MailError),
}

impl From<SmtpError> for SendError {
    fn from(error: SmtpError) -> Self {
        Self::Smtp(error)
    }
}

impl Connections {
    pub(super) fn new(server: Server, most: u32) -> Self {
        Self {
            server,
            turns: Semaphore::new(most as usize),
            idle: Mutex::default(),
        }
    }

    /// Sends a mail, once a connection comes free. It takes as long as it
    /// takes: the caller stops waiting.
    pub(super) async fn send(&self, mail: &Message) -> Result<(), SendError> {
        // It is never closed.
        let _turn = self.turns.acquire().await;
        let mut connection = self.connection().await?;
        connection.send(mail.envelope(), &mail.formatted()).await?;
        self.keep(connection);
        Ok(())
    }

    /// Connects, signs in, and says goodbye.
    pub(super) async fn check(&self) -> Result<(), SendError> {
        self.open().await?.quit().await?;
        Ok(())
    }

    async fn connection(&self) -> Result<AsyncSmtpConnection, SendError> {
        while let Some(mut kept) = self.take() {
            let lives = kept.since.elapsed() < IDLE
                && timeout(SIGN_OF_LIFE, kept.connection.test_connected()).await == Ok(true);
            if lives {
                return Ok(kept.connection);
            }
        }
        self.open().await
    }

    fn take(&self) -> Option<Idle> {
        self.lock().pop()
    }

    fn keep(&self, connection: AsyncSmtpConnection) {
        if connection.has_broken() {
            return;
        }
        let mut idle = self.lock();
        idle.retain(|kept| kept.since.elapsed() < IDLE);
        idle.push(Idle {
            connection,
            since: Instant::now(),
        });
    }

    async fn open(&self) -> Result<AsyncSmtpConnection, SendError> {
        let Server {
            host,
            port,
            protection,
            login,
            hello,
        } = &self.server;
        let mut connection = match protection {
            Protection::Implicit(tls) => {
                let (server, tls) = ((host.as_str(), *port), Some(tls.clone()));
                AsyncSmtpConnection::connect_tokio1(server, None, hello, tls, None)
                    .await
                    .map_err(unless_tls)?
            }
            Protection::Required(_) | Protection::None => {
                let stream = connect(host, *port).await?;
                AsyncSmtpConnection::connect_with_transport(Box::new(stream), hello).await?
            }
        };
        if let Protection::Required(tls) = protection {
            if !connection.can_starttls() {
                return Err(SendError::Mail(MailError::Tls));
            }
            let upgraded = connection.starttls(tls.clone(), hello).await;
            upgraded.map_err(unless_tls)?;
        }
        if let Some(login) = login {
            connection.auth(&MECHANISMS, login).await?;
        }
        Ok(connection)
    }

    /// Each step under the lock is whole, even if a later one panics.
    fn lock(&self) -> MutexGuard<'_, Vec<Idle>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn connect(host: &str, port: u16) -> Result<TcpStream, SendError> {
    let failed = |_| SendError::Mail(MailError::Connection);
    let stream = TcpStream::connect((host, port)).await.map_err(failed)?;
    // The end of a mail is a small packet, and its answer is waited for.
    stream.set_nodelay(true).map_err(failed)?;
    Ok(stream)
}

/// A protection that could not be agreed on arrives as an error of the
/// connection's.
fn unless_tls(error: SmtpError) -> SendError {
    let mut source = error.source();
    while let Some(cause) = source {
        let kind = cause.downcast_ref::<io::Error>().map(io::Error::kind);
        if kind == Some(io::ErrorKind::InvalidData) {
            return SendError::Mail(MailError::Tls);
        }
        source = cause.source();
    }
    SendError::Smtp(error)
}
