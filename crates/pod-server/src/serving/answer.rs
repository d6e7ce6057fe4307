//! The body of an answer, handed out in pieces that are small enough to tell
//! whether the other end takes any.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use axum::body::{Body, Bytes};
use http_body::{Body as HttpBody, Frame, SizeHint};

use super::activity::InProgress;

/// The most that is handed out at once: whoever takes less than this in
/// [`Limits::idle`](super::Limits::idle) is too slow.
const PIECE: usize = 4 * 1024;

/// A body that says who waits for whom: it is asked for its next piece when
/// there is room for it.
pub(super) struct Answer {
    body: Body,
    rest: Bytes,
    in_progress: InProgress,
}

impl Answer {
    pub(super) fn new(body: Body, mut in_progress: InProgress) -> Self {
        in_progress.offers();
        Self {
            body,
            rest: Bytes::new(),
            in_progress,
        }
    }
}

impl HttpBody for Answer {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        if self.rest.is_empty() {
            let next = Pin::new(&mut self.body).poll_frame(cx);
            if next.is_pending() {
                self.in_progress.works();
            }
            match ready!(next).map(|frame| frame.map(Frame::into_data)) {
                Some(Ok(Ok(data))) => self.rest = data,
                Some(Ok(Err(other))) => return Poll::Ready(Some(Ok(other))),
                Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                None => return Poll::Ready(None),
            }
        }
        self.in_progress.offers();
        let piece = self.rest.len().min(PIECE);
        Poll::Ready(Some(Ok(Frame::data(self.rest.split_to(piece)))))
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_empty() && self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        let (body, rest) = (self.body.size_hint(), self.rest.len() as u64);
        let mut hint = SizeHint::new();
        hint.set_lower(body.lower() + rest);
        if let Some(upper) = body.upper() {
            hint.set_upper(upper + rest);
        }
        hint
    }
}
