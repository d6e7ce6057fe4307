//! Where lines come from and go to: a terminal with history, a pipe, or
//! nowhere.

use std::io::{BufRead as _, IsTerminal as _, Write as _};
use std::sync::mpsc as blocking;

use rustyline::error::ReadlineError;
use rustyline::{DefaultEditor, ExternalPrinter};
use tokio::sync::mpsc;

/// Where lines come from and go to.
///
/// Reading blocks, so it happens on a thread that nobody waits for at the end.
pub(super) struct Prompt {
    lines: mpsc::Receiver<String>,
    /// Asks the terminal for the next line; nobody, where lines just come.
    ask: Option<blocking::Sender<String>>,
    /// Prints without disturbing what is being typed.
    printer: Option<Box<dyn ExternalPrinter + Send>>,
    /// Keeps `lines` open where none will ever come.
    _silence: Option<mpsc::Sender<String>>,
}

/// Lines from a terminal, if there is one; if not, none will ever come.
pub(super) fn terminal_only() -> Prompt {
    if std::io::stdin().is_terminal() {
        return terminal();
    }
    let (silence, lines) = mpsc::channel(1);
    Prompt {
        lines,
        ask: None,
        printer: None,
        _silence: Some(silence),
    }
}

/// Lines from a terminal, or from whatever standard input is.
pub(super) fn terminal_or_pipe() -> Prompt {
    if std::io::stdin().is_terminal() {
        return terminal();
    }
    let (sender, lines) = mpsc::channel(1);
    std::thread::spawn(move || {
        for line in std::io::stdin().lock().lines().map_while(Result::ok) {
            if sender.blocking_send(line).is_err() {
                break;
            }
        }
    });
    Prompt {
        lines,
        ask: None,
        printer: None,
        _silence: None,
    }
}

/// The history stays in memory: what is typed has codes in it.
fn terminal() -> Prompt {
    let (sender, lines) = mpsc::channel(1);
    let (ask, asked) = blocking::channel::<String>();
    let editor = DefaultEditor::new();
    let (mut editor, printer) = match editor {
        Ok(mut editor) => {
            let printer = editor.create_external_printer().ok();
            (Some(editor), printer)
        }
        Err(_) => (None, None),
    };
    std::thread::spawn(move || {
        while let (Ok(prompt), Some(editor)) = (asked.recv(), editor.as_mut()) {
            let line = match editor.readline(&prompt) {
                Ok(line) => line,
                Err(ReadlineError::Interrupted | ReadlineError::Eof) => break,
                Err(error) => {
                    eprintln!("pod-server: the terminal cannot be read: {error}");
                    break;
                }
            };
            let _added = editor.add_history_entry(line.as_str());
            if sender.blocking_send(line).is_err() {
                break;
            }
        }
    });
    Prompt {
        lines,
        ask: Some(ask),
        printer: printer.map(|printer| Box::new(printer) as Box<dyn ExternalPrinter + Send>),
        _silence: None,
    }
}

impl Prompt {
    /// Whether a person types at a terminal.
    pub(super) fn is_terminal(&self) -> bool {
        self.ask.is_some()
    }

    /// Asks for a line, where somebody can be asked.
    pub(super) fn ask(&self, prompt: &str) {
        if let Some(ask) = &self.ask {
            // An error means that the terminal is gone, which `line` will say.
            let _gone = ask.send(prompt.to_owned());
        }
    }

    /// The next line; `None` when there will be no more.
    pub(super) async fn line(&mut self) -> Option<String> {
        self.lines.recv().await
    }

    /// Prints text that ends with a line break.
    pub(super) fn print(&mut self, text: &str) {
        let printed = self
            .printer
            .as_mut()
            .is_some_and(|printer| printer.print(text.to_owned()).is_ok());
        if !printed {
            let mut out = std::io::stdout().lock();
            // Nobody reads any more: there is nothing to tell.
            let _closed = out.write_all(text.as_bytes()).and_then(|()| out.flush());
        }
    }
}
