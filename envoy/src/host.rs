//! What is asked of the proxy, by the functions of proxy-wasm 0.2.1. What it does not have, or does not want to do, is as
//! if it were not there; what must not go wrong unseen says whether it was done.
//!
//! The functions of the crate `proxy-wasm` would panic at a status that they do not expect, or a name that is no UTF-8.

use std::ops::Range;

use proxy_wasm::types::{BufferType, LogLevel, MapType};

/// Headers as the proxy gives them, with pseudo-header fields such as `:status` among them.
#[derive(Default)]
pub struct Headers {
    bytes: Vec<u8>,
    /// Where each name and each value is.
    places: Vec<(Range<usize>, Range<usize>)>,
}

impl Headers {
    /// Returns them in order; a name may be there several times.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (&[u8], &[u8])> + Clone {
        let part = |place: &Range<usize>| self.bytes.get(place.clone()).unwrap_or_default();
        self.places.iter().map(move |(name, value)| (part(name), part(value)))
    }
}

/// Headers as they are to be.
#[derive(Default)]
pub struct Map {
    lengths: Vec<u8>,
    parts: Vec<u8>,
}

impl Map {
    pub fn new() -> Self {
        Self { lengths: Vec::with_capacity(256), parts: Vec::with_capacity(1024) }
    }

    /// Adds one behind the others.
    pub fn add(&mut self, name: impl AsRef<[u8]>, value: impl AsRef<[u8]>) {
        for part in [name.as_ref(), value.as_ref()] {
            // No header is as long as that, and no map.
            self.lengths.extend(u32::try_from(part.len()).unwrap_or(u32::MAX).to_le_bytes());
            self.parts.extend_from_slice(part);
            self.parts.push(0);
        }
    }

    /// As they pass to the proxy and back: how many, the length of each name and value, and each of them with a zero
    /// behind it.
    fn written(&self) -> Vec<u8> {
        let count = u32::try_from(self.lengths.len() / 8).unwrap_or(u32::MAX);
        [&count.to_le_bytes()[..], &self.lengths, &self.parts].concat()
    }
}

impl<N: AsRef<[u8]>, V: AsRef<[u8]>> FromIterator<(N, V)> for Map {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(headers: I) -> Self {
        let mut map = Self::new();
        headers.into_iter().for_each(|(name, value)| map.add(name, value));
        map
    }
}

/// The functions of the proxy. Each returns a status, which is 0 if all went well.
#[allow(unsafe_code)]
mod functions {
    use std::ptr::{null, null_mut};

    #[link(wasm_import_module = "env")]
    unsafe extern "C" {
        fn proxy_log(level: u32, message: *const u8, size: usize) -> u32;
        fn proxy_get_current_time_nanoseconds(time: *mut u64) -> u32;
        fn proxy_get_buffer_bytes(buffer: u32, start: usize, most: usize, data: *mut *mut u8, size: *mut usize) -> u32;
        fn proxy_set_buffer_bytes(buffer: u32, start: usize, most: usize, data: *const u8, size: usize) -> u32;
        fn proxy_get_header_map_pairs(map: u32, data: *mut *mut u8, size: *mut usize) -> u32;
        fn proxy_set_header_map_pairs(map: u32, data: *const u8, size: usize) -> u32;
        fn proxy_get_property(path: *const u8, path_size: usize, data: *mut *mut u8, size: *mut usize) -> u32;
        fn proxy_set_property(path: *const u8, path_size: usize, data: *const u8, size: usize) -> u32;
        fn proxy_send_local_response(
            status: u32,
            details: *const u8,
            details_size: usize,
            body: *const u8,
            body_size: usize,
            headers: *const u8,
            headers_size: usize,
            grpc_status: i32,
        ) -> u32;
        fn proxy_call_foreign_function(
            name: *const u8,
            name_size: usize,
            argument: *const u8,
            argument_size: usize,
            data: *mut *mut u8,
            size: *mut usize,
        ) -> u32;
    }

    /// Takes what the proxy has written to memory that it was given, if it did.
    fn taken(get: impl FnOnce(*mut *mut u8, *mut usize) -> u32) -> Option<Vec<u8>> {
        let (mut data, mut size) = (null_mut(), 0);
        if get(&raw mut data, &raw mut size) != 0 {
            return None;
        }
        if data.is_null() {
            return Some(Vec::new());
        }
        // SAFETY: `proxy_on_memory_allocate` gave the proxy the memory of a vector of this capacity, which nobody else
        // has kept, and the proxy has filled it.
        Some(unsafe { Vec::from_raw_parts(data, size, size) })
    }

    // SAFETY, of all that follow: the proxy reads the bytes that it is given and keeps none of them, and writes to the
    // places for a pointer and a length.

    pub fn log(level: u32, message: &[u8]) {
        unsafe { proxy_log(level, message.as_ptr(), message.len()) };
    }

    pub fn time() -> Option<u64> {
        let mut time = 0;
        (unsafe { proxy_get_current_time_nanoseconds(&raw mut time) } == 0).then_some(time)
    }

    pub fn get_buffer(buffer: u32) -> Option<Vec<u8>> {
        taken(|data, size| unsafe { proxy_get_buffer_bytes(buffer, 0, usize::MAX, data, size) })
    }

    pub fn set_buffer(buffer: u32, start: usize, most: usize, data: &[u8]) -> bool {
        unsafe { proxy_set_buffer_bytes(buffer, start, most, data.as_ptr(), data.len()) == 0 }
    }

    pub fn get_map(map: u32) -> Option<Vec<u8>> {
        taken(|data, size| unsafe { proxy_get_header_map_pairs(map, data, size) })
    }

    pub fn set_map(map: u32, data: &[u8]) -> bool {
        unsafe { proxy_set_header_map_pairs(map, data.as_ptr(), data.len()) == 0 }
    }

    pub fn get_property(path: &[u8]) -> Option<Vec<u8>> {
        taken(|data, size| unsafe { proxy_get_property(path.as_ptr(), path.len(), data, size) })
    }

    pub fn set_property(path: &[u8], value: &[u8]) {
        unsafe { proxy_set_property(path.as_ptr(), path.len(), value.as_ptr(), value.len()) };
    }

    pub fn answer(status: u32, headers: &[u8], body: &[u8]) {
        let (body_size, headers_size) = (body.len(), headers.len());
        unsafe {
            proxy_send_local_response(status, null(), 0, body.as_ptr(), body_size, headers.as_ptr(), headers_size, -1)
        };
    }

    pub fn call(name: &[u8]) {
        let _ = taken(|data, size| unsafe {
            proxy_call_foreign_function(name.as_ptr(), name.len(), null(), 0, data, size)
        });
    }
}

pub fn log(level: LogLevel, line: &str) {
    functions::log(level as u32, line.as_bytes());
}

/// Returns all of a buffer.
pub fn buffer(buffer: BufferType) -> Vec<u8> {
    functions::get_buffer(buffer as u32).unwrap_or_default()
}

/// Replaces all of a buffer; says whether the proxy did.
#[must_use]
pub fn set_buffer(buffer: BufferType, bytes: &[u8]) -> bool {
    functions::set_buffer(buffer as u32, 0, usize::MAX, bytes)
}

/// Puts something before and behind what is in a buffer of this length; says whether the proxy did. It may have done a
/// part of it.
#[must_use]
pub fn surround_buffer(buffer: BufferType, length: usize, before: &[u8], behind: &[u8]) -> bool {
    functions::set_buffer(buffer as u32, length, 0, behind) && functions::set_buffer(buffer as u32, 0, 0, before)
}

pub fn headers(map: MapType) -> Headers {
    functions::get_map(map as u32).and_then(parse).unwrap_or_default()
}

/// Replaces all headers; says whether the proxy did.
#[must_use]
pub fn set_headers(map: MapType, headers: &Map) -> bool {
    functions::set_map(map as u32, &headers.written())
}

/// Returns what the proxy knows about the call and its connections.
pub fn property(path: &[&str]) -> Option<Vec<u8>> {
    functions::get_property(path.join("\0").as_bytes())
}

/// The same, if it is text.
pub fn text_property(path: &[&str]) -> Option<String> {
    String::from_utf8(property(path)?).ok()
}

/// Leaves something for the access log, which Envoy has as `FILTER_STATE(wasm.NAME:PLAIN)`.
pub fn note(name: &str, value: &str) {
    functions::set_property(name.as_bytes(), value.as_bytes());
}

/// Answers instead of the service.
pub fn answer(status: u16, headers: &[(&str, &str)], body: &[u8]) {
    let headers: Map = headers.iter().copied().collect();
    functions::answer(status.into(), &headers.written(), body);
}

/// Has the proxy choose the route anew, by the headers as they are now.
pub fn choose_route() {
    // A proxy that does so by itself when headers change need not know of this.
    functions::call(b"clear_route_cache");
}

/// Returns the nanoseconds since 1970.
pub fn now() -> u64 {
    functions::time().unwrap_or_default()
}

fn parse(bytes: Vec<u8>) -> Option<Headers> {
    if bytes.is_empty() {
        return Some(Headers::default());
    }
    let (count, mut lengths) = number(&bytes)?;
    let size = count.checked_mul(8)?;
    lengths.get(size..)?;
    let mut at = size.checked_add(4)?;
    let mut places = Vec::with_capacity(count);
    for _ in 0..count {
        let mut part = || {
            let (length, others) = number(lengths)?;
            lengths = others;
            let place = at..at.checked_add(length)?;
            // Behind each part is a zero.
            bytes.get(place.end)?;
            at = place.end.checked_add(1)?;
            Some(place)
        };
        places.push((part()?, part()?));
    }
    Some(Headers { bytes, places })
}

fn number(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let (number, rest) = bytes.split_first_chunk()?;
    Some((usize::try_from(u32::from_le_bytes(*number)).ok()?, rest))
}
