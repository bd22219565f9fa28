//! Typed calls: sends any `Serialize` and receives any `Deserialize`, in memory provided by the caller.
//!
//! Knows which value goes where. [`typed`](crate::typed) knows how a value is written as JSON.

use super::cloud::Cloud;
use super::response_error::ResponseError;
use crate::{Json, Request, Response};
use serde::{Deserialize, Serialize};

/// The result of a typed call: the value, and the response that it was read from.
pub type Typed<'b, T, E> = Result<(T, Response<'b>), ResponseError<'b, E>>;

impl<C: embedded_io::Read + embedded_io::Write, const W: usize> Cloud<'_, C, W> {
    /// `callContainer` with `data` as the request's data, written as JSON, and the response's data read as a `T`.
    ///
    /// The reply is received into `buffer`. `scratch` first holds the JSON that is sent, and then the decoded text
    /// of the response's escaped strings, as for [`Json::to`]. A response without data is read as `null`.
    ///
    /// ```
    /// use callcontainer::client::{Cloud, Framing};
    /// use callcontainer::{Method, Request};
    /// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/client/example.rs")); }
    /// # use example::Connection;
    /// # let serial = Connection(b"{\"statusCode\":201,\"callID\":\"7\",\"data\":{\"id\":7,\"note\":\"a \\\"b\\\"\"}}\n");
    /// # #[derive(serde::Serialize)]
    /// # struct Order { item: &'static str, count: u32 }
    /// # #[derive(serde::Deserialize)]
    /// # struct Placed<'a> { id: u32, note: &'a str }
    ///
    /// let mut cloud = Cloud::<_, 64>::new(0);
    /// cloud.init(serial, Framing::LINE);
    /// let (mut buffer, mut scratch) = ([0; 256], [0; 64]);
    /// let request = Request::new("/orders").with_env("prod-01").with_method(Method::Post).with_call_id("7");
    /// let order = Order { item: "tea", count: 2 };
    /// let (placed, response) = cloud.call_typed::<_, Placed>(&request, &order, &mut buffer, &mut scratch).unwrap();
    /// assert_eq!((placed.id, placed.note, response.status()), (7, "a \"b\"", 201));
    /// ```
    ///
    /// # Errors
    /// [`ResponseError::Value`] when `data` cannot be serialised, in which case nothing was sent;
    /// [`ResponseError::Call`] and [`ResponseError::Failure`]; [`ResponseError::Data`] when the response's data are not
    /// a `T`.
    pub fn call_typed<'b, D: Serialize + ?Sized, T: Deserialize<'b>>(
        &mut self,
        request: &Request<'_>,
        data: &D,
        buffer: &'b mut [u8],
        scratch: &'b mut [u8],
    ) -> Typed<'b, T, C::Error> {
        let json = Json::from_value(data, scratch).map_err(ResponseError::Value)?;
        let result = self.call(&request.with_data(json.into()), buffer);
        read(ResponseError::or_response(result)?, scratch)
    }
}

impl<C: embedded_io_async::Read + embedded_io_async::Write, const W: usize> Cloud<'_, C, W> {
    /// Async version of [`call_typed`](Cloud::call_typed).
    ///
    /// # Errors
    /// As for [`call_typed`](Cloud::call_typed).
    ///
    /// # Cancel safety
    /// As for [`Call::receive_async`](super::Call::receive_async).
    pub async fn call_typed_async<'b, D: Serialize + ?Sized, T: Deserialize<'b>>(
        &mut self,
        request: &Request<'_>,
        data: &D,
        buffer: &'b mut [u8],
        scratch: &'b mut [u8],
    ) -> Typed<'b, T, C::Error> {
        let json = Json::from_value(data, scratch).map_err(ResponseError::Value)?;
        let result = self.call_async(&request.with_data(json.into()), buffer).await;
        read(ResponseError::or_response(result)?, scratch)
    }
}

/// Reads the data of a response.
pub(super) fn read<'b, T: Deserialize<'b>, E>(response: Response<'b>, scratch: &'b mut [u8]) -> Typed<'b, T, E> {
    match response.data().to(scratch) {
        Ok(value) => Ok((value, response)),
        Err(error) => Err(ResponseError::Data(response.status(), error)),
    }
}
