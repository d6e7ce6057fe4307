//! A mail server on loopback: it takes mail for everybody, and puts its text
//! into the inbox.

mod session;

use std::io;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use mail_parser::MessageParser;
use pod_core::{Contact, EmailAddress};
use tokio::net::TcpListener;
use tokio::task::{AbortHandle, JoinSet};

use crate::inbox::Inbox;

/// The user whom the mail server knows.
pub const MAIL_USER: &str = "pod";
/// That user's password.
pub const MAIL_PASSWORD: &str = "mail-password-42";

/// The domain of addresses that there are not.
const BOUNCING: &str = "@bounce.localtest.me";

/// A mail server, and what it is to say. Addresses at `bounce.localtest.me` it
/// does not know. Clones are the same server.
#[derive(Clone)]
pub struct Mailbox(Arc<Inner>);

struct Inner {
    inbox: Inbox,
    address: SocketAddr,
    received: AtomicUsize,
    connections: AtomicUsize,
    refusals: Mutex<Vec<Refusal>>,
    silent: AtomicBool,
    serving: Mutex<Option<AbortHandle>>,
}

struct Refusal {
    reply: String,
    times: u32,
}

impl std::fmt::Debug for Mailbox {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Mailbox")
            .field("received", &self.received())
            .finish_non_exhaustive()
    }
}

impl Mailbox {
    pub(crate) fn new(inbox: Inbox, address: SocketAddr) -> Self {
        Self(Arc::new(Inner {
            inbox,
            address,
            received: AtomicUsize::new(0),
            connections: AtomicUsize::new(0),
            refusals: Mutex::default(),
            silent: AtomicBool::new(false),
            serving: Mutex::default(),
        }))
    }

    /// Gives the address where it answers.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.0.address
    }

    /// Gives how many mails it has taken.
    #[must_use]
    pub fn received(&self) -> usize {
        self.0.received.load(Ordering::SeqCst)
    }

    /// Gives how many connections were made to it.
    #[must_use]
    pub fn connections(&self) -> usize {
        self.0.connections.load(Ordering::SeqCst)
    }

    /// Answers so many recipients with this reply, such as `450 4.7.1 Try
    /// again later`; for [`u32::MAX`], all of them from now on.
    pub fn refuse(&self, reply: &str, times: u32) {
        let reply = reply.to_owned();
        lock(&self.0.refusals).push(Refusal { reply, times });
    }

    /// Takes everybody's mail again.
    pub fn accept(&self) {
        lock(&self.0.refusals).clear();
    }

    /// Answers nobody from now on, though it still can be connected to.
    pub fn fall_silent(&self) {
        self.0.silent.store(true, Ordering::SeqCst);
    }

    /// Answers again: whoever was not answered stays so.
    pub fn speak(&self) {
        self.0.silent.store(false, Ordering::SeqCst);
    }

    fn is_silent(&self) -> bool {
        self.0.silent.load(Ordering::SeqCst)
    }

    /// Stops at once, as a server does that is killed: whoever is connected
    /// loses the connection, and nobody else gets one.
    pub fn kill(&self) {
        if let Some(serving) = lock(&self.0.serving).take() {
            serving.abort();
        }
    }

    /// Answers at the same address again.
    ///
    /// # Errors
    ///
    /// What the system says if the address cannot be had again.
    pub async fn revive(&self) -> io::Result<()> {
        let listener = TcpListener::bind(self.address()).await?;
        let (mailbox, task) = (self.clone(), self.serve(listener));
        let serving = tokio::spawn(task).abort_handle();
        *lock(&mailbox.0.serving) = Some(serving);
        Ok(())
    }

    /// Starts to answer, as one of the tasks of the emulator.
    pub(crate) fn start(&self, listener: TcpListener, tasks: &mut JoinSet<()>) {
        let serving = tasks.spawn(self.serve(listener));
        *lock(&self.0.serving) = Some(serving);
    }

    fn serve(&self, listener: TcpListener) -> impl Future<Output = ()> + Send + 'static {
        let mailbox = self.clone();
        async move {
            // Dropped with the task, and every session with it.
            let mut sessions = JoinSet::new();
            loop {
                while sessions.try_join_next().is_some() {}
                if let Ok((stream, _)) = listener.accept().await {
                    mailbox.0.connections.fetch_add(1, Ordering::SeqCst);
                    sessions.spawn(session::session(mailbox.clone(), stream));
                }
            }
        }
    }

    /// What a recipient is answered that is not taken.
    fn refusal(&self, to: &str) -> Option<String> {
        if to.ends_with(BOUNCING) {
            return Some("550 5.1.1 No such user".to_owned());
        }
        let mut refusals = lock(&self.0.refusals);
        let refusal = refusals.iter_mut().find(|refusal| refusal.times > 0)?;
        // So many times are for ever.
        if refusal.times < u32::MAX {
            refusal.times -= 1;
        }
        Some(refusal.reply.clone())
    }

    /// Takes a mail for those it is for.
    fn take(&self, recipients: &[String], mail: &[u8]) -> Result<(), ()> {
        let parsed = MessageParser::default().parse(mail).ok_or(())?;
        let text = parsed.body_text(0).ok_or(())?.replace("\r\n", "\n");
        for recipient in recipients {
            let address = EmailAddress::parse(recipient).map_err(|_| ())?;
            let text = text.trim_end().to_owned();
            self.0.inbox.take(Contact::Email(address), text);
        }
        self.0.received.fetch_add(1, Ordering::SeqCst);
        Ok(())
    }
}

fn lock<T>(kept: &Mutex<T>) -> MutexGuard<'_, T> {
    kept.lock().unwrap_or_else(PoisonError::into_inner)
}
