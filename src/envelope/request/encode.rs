//! Encodes a request, with the checks of a decoder.

use super::{Key, Request, missing};
use crate::envelope::data::{Data, DataKind};
use crate::envelope::fields::{TextSlot, check_texts};
use crate::envelope::header_names::SERVICE_HEADER;
use crate::envelope::held;
use crate::envelope::layout::{self, Layout};
use crate::envelope::members::{Key as WrittenKey, Members};
use crate::envelope::rules::Rule;
use crate::envelope::table::request;
use crate::error::{Error, ErrorKind};
use crate::json::Text;
use crate::json::sink::{Sink, SliceSink};
use crate::json::window::Window;
use crate::limits::REQUEST_LIMIT;

impl<'a> Request<'a> {
    /// Checks everything that encoding checks, without a buffer.
    ///
    /// ```
    /// use callcontainer::{ErrorKind, Request};
    ///
    /// assert!(Request::new("/").with_env("prod-01").validate().is_ok());
    /// assert_eq!(Request::new("/").validate().unwrap_err().kind(), ErrorKind::MissingEnv);
    /// ```
    ///
    /// # Errors
    /// As for [`encode`](Request::encode), except for the buffer.
    pub fn validate(&self) -> Result<(), Error> {
        self.encoded_len().map(|_| ())
    }

    /// Returns the exact number of bytes that [`encode`](Request::encode) writes.
    ///
    /// # Errors
    /// As for [`encode`](Request::encode), except for the buffer.
    pub fn encoded_len(&self) -> Result<usize, Error> {
        self.check()?;
        let mut sink = SliceSink::default();
        self.put(&mut sink, self.service_header());
        sink.len_within(REQUEST_LIMIT, ErrorKind::RequestTooLarge)
    }

    /// Writes the envelope into `buffer` and returns what was written. The bytes are the same every time, and never
    /// contain a newline.
    ///
    /// # Errors
    /// Whatever a decoder would refuse, with the same kind: a missing environment, a path, name or header that is not
    /// legal, more than [`REQUEST_LIMIT`] bytes; [`ErrorKind::TimeoutTooLong`]; [`ErrorKind::BufferTooSmall`]. After an
    /// error, the content of the buffer is meaningless.
    pub fn encode<'b>(&self, buffer: &'b mut [u8]) -> Result<&'b [u8], Error> {
        let mut sink = SliceSink::new(buffer);
        let service_header = self.service_header();
        let names = self.put(&mut sink, service_header);
        self.check_more(names, service_header)?;
        sink.finish_within(REQUEST_LIMIT, ErrorKind::RequestTooLarge)
    }

    /// Checks everything that decoding would check.
    pub(crate) fn check(&self) -> Result<(), Error> {
        self.check_more(false, self.service_header())
    }

    /// Checks everything that decoding would check. `names` says that all strings which [`put`](Request::put) writes
    /// before the body are known to follow the rule of a name and to need no escape.
    fn check_more(&self, names: bool, service_header: Option<Text<'a>>) -> Result<(), Error> {
        // A service that the header names too is not written.
        if !names || service_header.is_some() {
            self.check_names()?;
        }
        if let Some(missing) = missing(self.target_env().is_some(), true) {
            return Err(Error::new(missing, 0));
        }
        Key::Path.rule().check_more(self.path, names)?;
        self.headers.check(true, names)?;
        // If both places name a service, they must name the same one.
        if service_header.is_some() && service_header != self.service {
            return Err(Error::new(ErrorKind::ServiceConflict, 0));
        }
        self.check_scalars()
    }

    #[inline(never)]
    fn check_names(&self) -> Result<(), Error> {
        request!(check_texts { self, self.env => Rule::Name, self.service => Key::Service.rule() });
        Ok(())
    }

    /// Returns the value of the header that names the service, if the member `service` could name it too.
    pub(in crate::envelope) fn service_header(&self) -> Option<Text<'a>> {
        self.service.and_then(|_| self.headers.get(SERVICE_HEADER))
    }

    /// Returns the value of the member `service`: nothing if the header has it.
    pub(crate) fn service_member(&self) -> Option<Text<'a>> {
        self.service.filter(|_| self.service_header().is_none())
    }

    /// Writes the members in their fixed order, the body last. Returns whether all strings before the body are known to
    /// follow the rule of a name and to need no escape.
    pub(in crate::envelope) fn put(&self, sink: &mut impl Sink, service_header: Option<Text<'_>>) -> bool {
        let mut members = Members::new();
        self.put_head(sink, &mut members, service_header);
        let names = members.are_names();
        held::put(&self.data, sink, &mut members);
        members.end(sink);
        names
    }

    /// Writes all members except the body.
    fn put_head(&self, sink: &mut impl Sink, members: &mut Members, service_header: Option<Text<'_>>) {
        macro_rules! put_each {
            ($($key:ident $name:literal $($kind:ident $of:tt)? $(in $slot:ident: $type:ty = $absent:expr $(, up to $capacity:ident)?)?;)*) => {
                $(self.put_member(Key::$key, sink, members, service_header);)*
            };
        }
        request!(put_each);
    }

    /// Writes the member with this key, unless it is the body.
    #[inline(always)]
    fn put_member(&self, key: Key, sink: &mut impl Sink, members: &mut Members, service_header: Option<Text<'_>>) {
        match key {
            Key::Config => {
                if let Some(env) = &self.env {
                    members.string(sink, const { &WrittenKey::new("\"config\":{\"env\":") }, env);
                    sink.put(b"}");
                }
            }
            Key::Path => members.string(sink, key.written(), &self.path),
            Key::Service if service_header.is_none() => members.string_if(sink, key.written(), self.service.as_ref()),
            Key::Header => self.headers.put(sink, members),
            regular => self.put_slot(regular, sink, members),
        }
    }
}

impl Layout for Request<'_> {
    fn has_data(&self) -> bool {
        !matches!(held::data(&self.data), Data::None)
    }

    fn put(&self, window: &mut Window<'_>, body: Option<DataKind>) {
        let mut members = Members::new();
        self.put_head(window, &mut members, self.service_header());
        layout::put_body(window, &mut members, &self.data, body);
        members.end(window);
    }
}
