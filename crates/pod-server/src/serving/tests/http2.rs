//! The other end of HTTP/2, frame by frame: it can be as rude as it likes.

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream};

pub(super) const DATA: u8 = 0;
pub(super) const HEADERS: u8 = 1;
pub(super) const RST_STREAM: u8 = 3;
pub(super) const SETTINGS: u8 = 4;
pub(super) const PING: u8 = 6;
pub(super) const GOAWAY: u8 = 7;
pub(super) const WINDOW_UPDATE: u8 = 8;

const ACK: u8 = 1;
const END_STREAM: u8 = 1;
const END_HEADERS: u8 = 4;

/// What a server that refuses a stream says of it.
pub(super) const REFUSED_STREAM: [u8; 4] = [0, 0, 0, 7];

/// `http://pod/`, in the words of the static table.
const PLACE: [u8; 7] = [0x84, 0x86, 0x41, 3, b'p', b'o', b'd'];

#[derive(Debug)]
pub(super) struct Frame {
    pub(super) kind: u8,
    flags: u8,
    pub(super) stream: u32,
    pub(super) payload: Vec<u8>,
}

impl Frame {
    fn is_ack(&self) -> bool {
        [SETTINGS, PING].contains(&self.kind) && self.flags & ACK != 0
    }
}

/// A client that acknowledges whatever is to be acknowledged, unless it is
/// shown out and will not hear it.
pub(super) struct Http2 {
    stream: DuplexStream,
    read: Vec<u8>,
    pub(super) stays_when_shown_out: bool,
    shown_out: bool,
    gone: bool,
}

impl Http2 {
    /// Greets, and gives every stream so many bytes of room.
    pub(super) async fn greet(stream: DuplexStream, room: u32) -> Self {
        let mut client = Self {
            stream,
            read: Vec::new(),
            stays_when_shown_out: false,
            shown_out: false,
            gone: false,
        };
        let preface = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
        client.stream.write_all(preface).await.unwrap();
        let window = [&[0, 4], &room.to_be_bytes()[..]].concat();
        client.send(SETTINGS, 0, 0, &window).await;
        client
    }

    /// Sends a frame, if anybody is still there.
    async fn send(&mut self, kind: u8, flags: u8, stream: u32, payload: &[u8]) {
        let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
        let mut frame = vec![length[1], length[2], length[3], kind, flags];
        frame.extend(stream.to_be_bytes());
        frame.extend(payload);
        self.gone |= self.stream.write_all(&frame).await.is_err();
    }

    /// Whether nobody was there any more when something was sent.
    pub(super) fn is_gone(&self) -> bool {
        self.gone
    }

    pub(super) async fn get(&mut self, stream: u32) {
        let header = [&[0x82], &PLACE[..]].concat();
        self.send(HEADERS, END_STREAM | END_HEADERS, stream, &header)
            .await;
    }

    /// Begins a request whose body is still to come.
    pub(super) async fn begin_post(&mut self, stream: u32) {
        let header = [&[0x83], &PLACE[..]].concat();
        self.send(HEADERS, END_HEADERS, stream, &header).await;
    }

    pub(super) async fn ping(&mut self) {
        self.send(PING, 0, 0, b"still up").await;
    }

    pub(super) async fn give_room(&mut self, stream: u32, bytes: u32) {
        self.send(WINDOW_UPDATE, 0, stream, &bytes.to_be_bytes())
            .await;
    }

    /// The next frame that is no acknowledgement; `None` at the end. Nothing
    /// is lost if it is not waited for.
    pub(super) async fn next(&mut self) -> Option<Frame> {
        loop {
            let frame = self.any().await?;
            self.shown_out |= frame.kind == GOAWAY;
            let obeys = !(self.shown_out && self.stays_when_shown_out);
            if obeys && [SETTINGS, PING].contains(&frame.kind) && !frame.is_ack() {
                self.send(frame.kind, ACK, 0, answer_to(&frame)).await;
            }
            if !frame.is_ack() {
                return Some(frame);
            }
        }
    }

    /// The next frame of one kind.
    pub(super) async fn next_of(&mut self, kind: u8) -> Option<Frame> {
        loop {
            let frame = self.next().await?;
            if frame.kind == kind {
                return Some(frame);
            }
        }
    }

    async fn any(&mut self) -> Option<Frame> {
        loop {
            if let [a, b, c, kind, flags, s, t, u, v, payload @ ..] = &self.read[..] {
                let length = usize::try_from(u32::from_be_bytes([0, *a, *b, *c])).unwrap();
                if let Some(payload) = payload.get(..length) {
                    let frame = Frame {
                        kind: *kind,
                        flags: *flags,
                        stream: u32::from_be_bytes([*s, *t, *u, *v]),
                        payload: payload.to_vec(),
                    };
                    self.read.drain(..9 + length);
                    return Some(frame);
                }
            }
            match self.stream.read_buf(&mut self.read).await {
                Ok(0) | Err(_) => return None,
                Ok(_) => {}
            }
        }
    }
}

fn answer_to(frame: &Frame) -> &[u8] {
    match frame.kind {
        PING => &frame.payload,
        _ => &[],
    }
}
