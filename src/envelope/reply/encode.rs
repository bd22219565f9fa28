//! Encodes a reply, with the checks of a decoder.

use super::{Key, Reply, Status};
use crate::envelope::data::{Data, DataKind};
use crate::envelope::fields::{Number, TextSlot, check_texts};
use crate::envelope::held;
use crate::envelope::layout::{self, Layout};
use crate::envelope::members::Members;
use crate::envelope::rules::Rule;
use crate::envelope::table::reply;
use crate::error::{Error, ErrorKind};
use crate::json::sink::{Sink, SliceSink};
use crate::json::window::Window;
use crate::limits::REPLY_LIMIT;

/// Writes all members that have slots.
macro_rules! put_slots {
    ({ $of:ident $sink:ident $members:ident }
    $($key:ident $name:literal $($kind:ident $how:tt)?
        $(in $slot:ident: $type:ty = $absent:expr $(, up to $capacity:ident)?)?;)*) => {
        $($of.put_slot(Key::$key, $sink, $members);)*
    };
}

impl Reply<'_> {
    /// Checks everything that encoding checks, without a buffer.
    ///
    /// ```
    /// use callcontainer::{ErrorKind, Reply, Response};
    ///
    /// assert!(Reply::from(Response::new(200)).validate().is_ok());
    /// assert_eq!(Reply::from(Response::new(99)).validate().unwrap_err().kind(), ErrorKind::InvalidStatus);
    /// ```
    ///
    /// # Errors
    /// As for [`encode`](Reply::encode), except for the buffer.
    pub fn validate(&self) -> Result<(), Error> {
        self.encoded_len().map(|_| ())
    }

    /// Returns the exact number of bytes that [`encode`](Reply::encode) writes.
    ///
    /// # Errors
    /// As for [`encode`](Reply::encode), except for the buffer.
    pub fn encoded_len(&self) -> Result<usize, Error> {
        self.check()?;
        let mut sink = SliceSink::default();
        self.put(&mut sink);
        sink.len_within(REPLY_LIMIT, ErrorKind::ReplyTooLarge)
    }

    /// Writes the envelope into `buffer` and returns what was written. The bytes are the same every time, and never
    /// contain a newline.
    ///
    /// # Errors
    /// Whatever a decoder would refuse, with the same kind: a status, header or call ID that is not legal, more than
    /// [`REPLY_LIMIT`] bytes; [`ErrorKind::BufferTooSmall`]. After an error, the content of the buffer is meaningless.
    pub fn encode<'b>(&self, buffer: &'b mut [u8]) -> Result<&'b [u8], Error> {
        let mut sink = SliceSink::new(buffer);
        let names = self.put(&mut sink);
        self.check_more(names)?;
        sink.finish_within(REPLY_LIMIT, ErrorKind::ReplyTooLarge)
    }

    /// Checks everything that decoding would check.
    pub(crate) fn check(&self) -> Result<(), Error> {
        self.check_more(false)
    }

    /// Checks everything that decoding would check. `names` says that the call ID and all headers are known to follow
    /// the rule of a name and to need no escape.
    fn check_more(&self, names: bool) -> Result<(), Error> {
        match self {
            Reply::Response(response) => {
                Status(response.status).check()?;
                response.headers.check(false, names)?;
                response.check_scalars()?;
                if !names {
                    reply!(check_texts { response });
                }
            }
            Reply::Failure(failure) => {
                failure.check_scalars()?;
                if !names {
                    reply!(check_texts { failure });
                }
            }
        }
        Ok(())
    }

    /// Writes the members in their fixed order, the body last. Returns whether the call ID and all headers are known to
    /// follow the rule of a name and to need no escape.
    pub(crate) fn put(&self, sink: &mut impl Sink) -> bool {
        let mut members = Members::new();
        self.put_head(sink, &mut members);
        let names = members.are_names();
        if let Reply::Response(response) = self {
            response.data.put(sink, &mut members);
        }
        members.end(sink);
        names
    }

    /// Writes all members except the body.
    fn put_head(&self, sink: &mut impl Sink, members: &mut Members) {
        match self {
            Reply::Response(response) => {
                Status(response.status).put(sink, members, Key::Status.written());
                response.headers.put(sink, members);
                response.cookies.put(sink, members);
                reply!(put_slots { response sink members });
                if !response.is_ok() {
                    members.string(sink, Key::ErrMsg.written(), &response.err_msg);
                }
            }
            Reply::Failure(failure) => {
                if let Some(code) = failure.code {
                    code.put(sink, members, Key::ErrCode.written());
                }
                members.string(sink, Key::ErrMsg.written(), &failure.err_msg);
                reply!(put_slots { failure sink members });
            }
        }
    }
}

impl Layout for Reply<'_> {
    fn has_data(&self) -> bool {
        // A failure has no place for data.
        !matches!(self, Reply::Response(response) if matches!(response.data, Data::None))
    }

    fn put(&self, window: &mut Window<'_>, body: Option<DataKind>) {
        let mut members = Members::new();
        self.put_head(window, &mut members);
        if let Reply::Response(response) = self {
            layout::put_body(window, &mut members, &held::own(response.data), body);
        }
        members.end(window);
    }
}
