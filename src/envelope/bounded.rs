//! Envelopes whose parts have capacities known at compile time, and thus a maximum encoded length.
//!
//! Knows how much room each part takes at most. This must agree to the byte with what the envelopes write.

use super::buffer::{ReplyBuffer, RequestBuffer};
use super::code::ErrorCode;
use super::data::Data;
use super::fields::{Choice, Number, TextSlot};
use super::headers::Headers;
use super::lengths::{ESCAPED, data_member, headers_member, max, member, string, sum, text_member};
use super::parameters::{Method, ResponseType, Timeout};
use super::reply::{self, Reply};
use super::request::{self, Request};
use super::rules::Rule;
use super::table::{reply, request};
use crate::error::{Error, ErrorKind};
use crate::json::Text;
use crate::json::sink::SliceSink;

/// Defines a trait with the capacities of a table in addition to its own.
macro_rules! capacities {
    ({ $(#[$attribute:meta])* pub trait $name:ident { $($own:tt)* } } $($key:ident $key_name:literal
        $(Text($rule:ident $(, $too:ident)?) $(in $slot:ident: $type:ty = $absent:expr, up to $capacity:ident)?)?
        $(Scalar($kind:ident) $(in $value:ident: $value_type:ty = $default:expr)?)?;)*) => {
        $(#[$attribute])*
        pub trait $name {
            $($own)*
            $($($(
                #[doc = concat!("Bytes of `", $key_name, "`.")]
                const $capacity: usize = 0;
            )?)?)*
        }
    };
}

/// The maximum length of all members that have slots, with these capacities.
macro_rules! longest_slots {
    ({ $capacities:ident } $($key:ident $key_name:literal
        $(Text($rule:ident $(, $too:ident)?) $(in $slot:ident: $type:ty = $absent:expr, up to $capacity:ident)?)?
        $(Scalar($kind:ident) $(in $value:ident: $value_type:ty = $default:expr)?)?;)*) => {
        sum(&[
            $($($(text_member($key_name, Rule::$rule, $capacities::$capacity),)?)?
            $($(member($key_name, <$value_type as $kind>::LONGEST),)?)?)*
        ])
    };
}

/// Refuses a text in a slot if it is longer than its capacity.
macro_rules! slots_within {
    ({ $of:ident $capacities:ident } $($key:ident $key_name:literal
        $(Text($rule:ident $(, $too:ident)?) $(in $slot:ident: $type:ty = $absent:expr, up to $capacity:ident)?)?
        $(Scalar($kind:ident) $(in $value:ident: $value_type:ty = $default:expr)?)?;)*) => {
        $($($(text_within($of.$slot.member(), $capacities::$capacity)?;)?)?)*
    };
}

request!(capacities {
    /// The capacities of the parts of a request, known at compile time.
    ///
    /// A capacity is a number of decoded bytes. A capacity of 0 leaves the part out. A capacity over the limit of its
    /// part, for example [`NAME_LIMIT`](crate::NAME_LIMIT), does not compile. A `dataType` of `json` needs no capacity.
    ///
    /// ```
    /// use callcontainer::{BoundedRequest, Method, Request, RequestBuffer, RequestCapacity};
    ///
    /// struct Report;
    /// impl RequestCapacity for Report {
    ///     const ENV: usize = 16;
    ///     const PATH: usize = 32;
    ///     const SERVICE: usize = 12;
    ///     const TEXT: usize = 64;
    /// }
    ///
    /// let mut buffer = RequestBuffer::<{ BoundedRequest::<Report>::MAX_ENCODED_LEN }>::new();
    ///
    /// let request = Request::new("/report").with_env("prod-01").with_method(Method::Post).with_data("21.5".into());
    /// let request = BoundedRequest::<Report>::new(request)?; // what may go wrong goes wrong here
    /// let envelope = request.encode(&mut buffer); // and not here: there is no `Result`
    /// assert_eq!(Request::decode(envelope)?, *request.get());
    /// # Ok::<(), callcontainer::Error>(())
    /// ```
    pub trait RequestCapacity {
        /// Bytes of `config.env`.
        const ENV: usize = 0;
        /// Bytes of `path`.
        const PATH: usize;
        /// Bytes of `service`.
        const SERVICE: usize = 0;
        /// Number of headers.
        const HEADERS: usize = 0;
        /// Bytes of a header name.
        const HEADER_NAME: usize = 0;
        /// Bytes of a header value.
        const HEADER_VALUE: usize = 0;
        /// Bytes of `data`, if it is text.
        const TEXT: usize = 0;
        /// Bytes of `data`, if it is JSON, without white space between tokens.
        const JSON: usize = 0;
        /// Bytes of `data`, if it is bytes.
        const BYTES: usize = 0;
    }
});

reply!(capacities {
    /// The capacities of the parts of a reply, known at compile time.
    ///
    /// A capacity is a number of decoded bytes. A capacity of 0 leaves the part out. A capacity over the limit of its
    /// part, for example [`NAME_LIMIT`](crate::NAME_LIMIT), does not compile.
    ///
    /// ```
    /// use callcontainer::{BoundedReply, ReplyBuffer, ReplyCapacity, Response};
    ///
    /// struct Acknowledgement;
    /// impl ReplyCapacity for Acknowledgement {
    ///     const CALL_ID: usize = 16;
    /// }
    ///
    /// let mut buffer = ReplyBuffer::<{ BoundedReply::<Acknowledgement>::MAX_ENCODED_LEN }>::new();
    /// let reply = BoundedReply::<Acknowledgement>::new(Response::new(204).with_call_id("17-0.5").into())?;
    /// assert_eq!(reply.encode(&mut buffer), br#"{"statusCode":204,"callID":"17-0.5"}"#);
    /// # Ok::<(), callcontainer::Error>(())
    /// ```
    pub trait ReplyCapacity {
        /// Number of headers.
        const HEADERS: usize = 0;
        /// Bytes of a header name.
        const HEADER_NAME: usize = 0;
        /// Bytes of a header value.
        const HEADER_VALUE: usize = 0;
        /// Number of cookies.
        const COOKIES: usize = 0;
        /// Bytes of a cookie.
        const COOKIE: usize = 0;
        /// Bytes of an `errMsg` other than the one of every success.
        const ERR_MSG: usize = 0;
        /// Bytes of `data`, if it is text.
        const TEXT: usize = 0;
        /// Bytes of `data`, if it is JSON, without white space between tokens.
        const JSON: usize = 0;
        /// Bytes of `data`, if it is bytes.
        const BYTES: usize = 0;
    }
});

/// Refuses a part that is longer than its capacity.
fn within(len: usize, capacity: usize) -> Result<(), Error> {
    if len > capacity { Err(Error::new(ErrorKind::TooLong, capacity)) } else { Ok(()) }
}

/// Refuses a text that is longer than its capacity. Where the capacity is 0, not even an empty text is allowed.
fn text_within(text: Option<Text<'_>>, capacity: usize) -> Result<(), Error> {
    text.map_or(Ok(()), |text| within(text.decoded_len().max(1), capacity))
}

fn headers_within(headers: Headers<'_>, count: usize, name: usize, value: usize) -> Result<(), Error> {
    if headers.len() > count {
        return Err(Error::new(ErrorKind::TooManyHeaders, count));
    }
    headers.iter().try_for_each(|header| {
        within(header.0.decoded_len(), name)?;
        within(header.1.decoded_len(), value)
    })
}

fn data_within(data: Data<'_>, text: usize, json: usize, bytes: usize) -> Result<(), Error> {
    match data.normal() {
        Data::None => Ok(()),
        Data::Text(data) => within(data.decoded_len().max(1), text),
        Data::Json(data) => within(data.encoded_len(), json),
        Data::Bytes(data) => within(data.decoded_len().max(1), bytes),
    }
}

/// A request that has been checked and is within its capacities, so that encoding it cannot fail.
///
/// See [`RequestCapacity`] for an example. A buffer that is too small does not compile:
///
/// ```compile_fail
/// # use callcontainer::{BoundedRequest, Request, RequestBuffer, RequestCapacity};
/// struct Ping;
/// impl RequestCapacity for Ping {
///     const ENV: usize = 16;
///     const PATH: usize = 8;
/// }
/// let ping = BoundedRequest::<Ping>::new(Request::new("/").with_env("prod-01")).unwrap();
/// let mut buffer = RequestBuffer::<64>::new();
/// ping.encode(&mut buffer);
/// ```
pub struct BoundedRequest<'a, C> {
    request: Request<'a>,
    capacity: core::marker::PhantomData<C>,
}

impl<'a, C: RequestCapacity> BoundedRequest<'a, C> {
    /// The maximum length of the envelope in bytes. It is reached when every part has its full length and every byte
    /// that may need an escape needs one.
    pub const MAX_ENCODED_LEN: usize = sum(&[
        if C::ENV == 0 { 0 } else { member("config", text_member("env", Rule::Name, C::ENV).saturating_add(1)) },
        text_member("path", request::Key::Path.rule(), C::PATH),
        text_member("service", request::Key::Service.rule(), C::SERVICE),
        headers_member(C::HEADERS, C::HEADER_NAME, C::HEADER_VALUE),
        data_member(C::TEXT, C::JSON, C::BYTES),
        request!(longest_slots { C }),
        "}".len(),
    ]);

    /// Checks a request.
    ///
    /// # Errors
    /// As for [`Request::encode`], except for the buffer; [`ErrorKind::TooLong`] or [`ErrorKind::TooManyHeaders`] where
    /// a part is larger than its capacity, which is the offset.
    pub fn new(request: Request<'a>) -> Result<Self, Error> {
        request.check()?;
        text_within(request.env(), C::ENV)?;
        text_within(Some(request.path()), C::PATH)?;
        text_within(request.service_member(), C::SERVICE)?;
        headers_within(request.headers(), C::HEADERS, C::HEADER_NAME, C::HEADER_VALUE)?;
        request!(slots_within { request C });
        data_within(request.data(), C::TEXT, C::JSON, C::BYTES)?;
        Ok(Self { request, capacity: core::marker::PhantomData })
    }

    /// Returns the request.
    #[must_use]
    pub const fn get(&self) -> &Request<'a> {
        &self.request
    }

    /// Encodes into a buffer of at least [`MAX_ENCODED_LEN`](BoundedRequest::MAX_ENCODED_LEN) bytes and returns the
    /// envelope. A smaller buffer does not compile.
    pub fn encode<'b, const N: usize>(&self, buffer: &'b mut RequestBuffer<N>) -> &'b [u8] {
        const {
            assert!(
                N >= Self::MAX_ENCODED_LEN,
                "the buffer is smaller than the greatest length of this request: choose N of at least MAX_ENCODED_LEN"
            );
        }
        buffer.fill(|bytes| {
            let mut sink = SliceSink::new(bytes);
            self.request.put(&mut sink, self.request.service_header());
            sink.len()
        })
    }
}

/// A reply that has been checked and is within its capacities, so that encoding it cannot fail.
///
/// See [`ReplyCapacity`] for an example. A buffer that is too small does not compile:
///
/// ```compile_fail
/// # use callcontainer::{BoundedReply, ReplyBuffer, ReplyCapacity, Response};
/// struct Text;
/// impl ReplyCapacity for Text {
///     const TEXT: usize = 100;
/// }
/// let reply = BoundedReply::<Text>::new(Response::new(200).into()).unwrap();
/// let mut buffer = ReplyBuffer::<600>::new();
/// reply.encode(&mut buffer);
/// ```
pub struct BoundedReply<'a, C> {
    reply: Reply<'a>,
    capacity: core::marker::PhantomData<C>,
}

impl<'a, C: ReplyCapacity> BoundedReply<'a, C> {
    /// The maximum length of the envelope in bytes, for a response or a failure. It is reached when every part has its
    /// full length and every byte that may need an escape needs one.
    pub const MAX_ENCODED_LEN: usize = max(
        sum(&[
            member("statusCode", reply::Status::LONGEST),
            headers_member(C::HEADERS, C::HEADER_NAME, C::HEADER_VALUE),
            if C::COOKIES == 0 {
                0
            } else {
                let cookie = string(C::COOKIE, ESCAPED).saturating_add(",".len());
                member("cookies", cookie.saturating_mul(C::COOKIES).saturating_add(1))
            },
            reply!(longest_slots { C }),
            text_member("errMsg", reply::Key::ErrMsg.rule(), C::ERR_MSG),
            data_member(C::TEXT, C::JSON, C::BYTES),
            "}".len(),
        ]),
        sum(&[
            member("errCode", ErrorCode::LONGEST),
            member("errMsg", string(C::ERR_MSG, ESCAPED)),
            reply!(longest_slots { C }),
            "}".len(),
        ]),
    );

    /// Checks a reply.
    ///
    /// # Errors
    /// As for [`Reply::encode`], except for the buffer; [`ErrorKind::TooLong`] or [`ErrorKind::TooManyHeaders`] where a
    /// part is larger than its capacity, which is the offset.
    pub fn new(reply: Reply<'a>) -> Result<Self, Error> {
        reply.check()?;
        match &reply {
            Reply::Response(response) => {
                headers_within(response.headers(), C::HEADERS, C::HEADER_NAME, C::HEADER_VALUE)?;
                within(response.cookies().len(), C::COOKIES)?;
                response.cookies().iter().try_for_each(|cookie| within(cookie.decoded_len(), C::COOKIE))?;
                text_within(response.err_msg_member(), C::ERR_MSG)?;
                data_within(response.data(), C::TEXT, C::JSON, C::BYTES)?;
                reply!(slots_within { response C });
            }
            Reply::Failure(failure) => {
                within(failure.err_msg().decoded_len(), C::ERR_MSG)?;
                reply!(slots_within { failure C });
            }
        }
        Ok(Self { reply, capacity: core::marker::PhantomData })
    }

    /// Returns the reply.
    #[must_use]
    pub const fn get(&self) -> &Reply<'a> {
        &self.reply
    }

    /// Encodes into a buffer of at least [`MAX_ENCODED_LEN`](BoundedReply::MAX_ENCODED_LEN) bytes and returns the
    /// envelope. A smaller buffer does not compile.
    pub fn encode<'b, const N: usize>(&self, buffer: &'b mut ReplyBuffer<N>) -> &'b [u8] {
        const {
            assert!(
                N >= Self::MAX_ENCODED_LEN,
                "the buffer is smaller than the greatest length of this reply: choose N of at least MAX_ENCODED_LEN"
            );
        }
        buffer.fill(|bytes| {
            let mut sink = SliceSink::new(bytes);
            self.reply.put(&mut sink);
            sink.len()
        })
    }
}

// Not derived: a derive would require the capacities to be `Copy` too.
impl<C> Clone for BoundedRequest<'_, C> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<C> Copy for BoundedRequest<'_, C> {}

impl<C> Clone for BoundedReply<'_, C> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<C> Copy for BoundedReply<'_, C> {}

impl<C> core::fmt::Debug for BoundedRequest<'_, C> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        self.request.fmt(f)
    }
}

impl<C> core::fmt::Debug for BoundedReply<'_, C> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        self.reply.fmt(f)
    }
}
