//! Conversations with a pod made of the real crates, in a world that is
//! emulated: each is played on SQLite and in memory, and read as a transcript.
//!
//! `UPDATE_EXPECT=1 cargo test -p pod-tests --test conversations` writes the
//! transcripts anew.

mod stage;

/// Stamps two tests for each conversation: one on SQLite, one in memory.
macro_rules! played_on_both_stores {
    ($($conversation:ident),+ $(,)?) => {
        mod on_sqlite {
            $(
                #[tokio::test]
                async fn $conversation() {
                    super::$conversation(crate::stage::Storage::Sqlite).await;
                }
            )+
        }

        mod in_memory {
            $(
                #[tokio::test]
                async fn $conversation() {
                    super::$conversation(crate::stage::Storage::InMemory).await;
                }
            )+
        }
    };
}

mod accounts;
mod breaking;
mod crashing;
mod events;
mod failing;
mod guessing;
mod oddities;
mod ordering;
mod repeating;
mod several_orders;
mod strangers;
mod waiting;
