//! Headers and cookies, given by C or decoded.

use crate::error::{CC_END, CC_ERR_ARGUMENT, CC_ERR_STATE};
use crate::memory::{Fault, Place, Result, Written, reference, refuse, run, values};
use crate::text::{CcStr, CcText};
use callcontainer::{Cookies, CookiesIter, Headers, HeadersIter};
use core::mem::{MaybeUninit, offset_of};

/// `cc_header`.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct CcHeader {
    /// The name.
    pub name: CcStr,
    /// The value.
    pub value: CcStr,
}

// A `cc_str` whose pointer is not NULL and whose bytes are UTF-8 is a `&str`, and a `cc_header` of two such is a pair of
// them, in the memory layout of this compiler: so the headers and cookies of C need not be copied. Neither layout is
// promised, but both are proved here: the second word of a `&str` reads as its length, so that the first is its pointer.
const _: () = {
    /// A `&str` as its two words.
    union Words {
        text: &'static str,
        words: [MaybeUninit<usize>; 2],
    }
    assert!(size_of::<&str>() == size_of::<CcStr>() && align_of::<&str>() == align_of::<CcStr>());
    assert!(offset_of!(CcStr, ptr) == 0 && offset_of!(CcStr, len) == size_of::<usize>());
    let text = Words { text: "abc" };
    // SAFETY: the second word is initialised, as both words of a `&str` are. If it were the pointer, the compiler would
    // refuse to read it as a number.
    let len = unsafe { text.words[1].assume_init() };
    assert!(len == 3, "the length of a `&str` is its second word");
    assert!(size_of::<(&str, &str)>() == size_of::<CcHeader>());
    assert!(offset_of!((&str, &str), 0) == offset_of!(CcHeader, name));
    assert!(offset_of!((&str, &str), 1) == offset_of!(CcHeader, value));
};

impl CcStr {
    /// Checks that it can be taken for a `&str`.
    ///
    /// # Safety
    /// The contract.
    unsafe fn check(&self, written: Written) -> Result<()> {
        written.without(self.ptr, self.len)?;
        // SAFETY: the caller's promise.
        if self.ptr.is_null() { refuse() } else { unsafe { self.get() }.map(|_| ()) }
    }
}

/// Returns the headers at a pointer.
///
/// # Safety
/// The contract.
pub(crate) unsafe fn pairs<'a>(
    start: *const CcHeader,
    count: usize,
    written: Written,
) -> Result<&'a [(&'a str, &'a str)]> {
    // SAFETY: the caller's promise; strings of C are valid whatever is in them.
    let headers = unsafe { values(start, count) }?;
    written.without(start.cast(), size_of_val(headers))?;
    for header in headers {
        // SAFETY: the caller's promise.
        unsafe {
            header.name.check(written)?;
            header.value.check(written)?;
        }
    }
    // SAFETY: the layouts are the same, as asserted above. Each string is UTF-8 and not NULL, as checked, and lives for
    // `'a` by the contract.
    Ok(unsafe { core::slice::from_raw_parts(headers.as_ptr().cast(), headers.len()) })
}

/// Returns the texts at a pointer.
///
/// # Safety
/// The contract.
pub(crate) unsafe fn strings<'a>(start: *const CcStr, count: usize, written: Written) -> Result<&'a [&'a str]> {
    // SAFETY: the caller's promise; strings of C are valid whatever is in them.
    let texts = unsafe { values(start, count) }?;
    written.without(start.cast(), size_of_val(texts))?;
    for text in texts {
        // SAFETY: the caller's promise.
        unsafe { text.check(written) }?;
    }
    // SAFETY: as for `pairs`.
    Ok(unsafe { core::slice::from_raw_parts(texts.as_ptr().cast(), texts.len()) })
}

/// Defines a list that C gives as an array, or that the library has decoded, and its iterator.
macro_rules! list {
    (
        $list:ident, $magic:literal, $iter:ident, $iter_magic:literal, $item:ident, $read:ident,
        $of:ident, $of_iter:ident, $next:ident, $at_end:literal
    ) => {
        #[doc = concat!("`", $at_end, "`.")]
        #[repr(C)]
        #[derive(Clone, Copy)]
        pub struct $list {
            /// An array of the caller's, or NULL.
            pub array: *const $item,
            /// How many there are.
            pub count: usize,
            /// What was decoded.
            pub(crate) decoded: MaybeUninit<$of<'static>>,
            /// That there is something decoded.
            pub(crate) magic: u32,
        }

        const _: () = assert!(size_of::<$of<'_>>() == 3 * size_of::<usize>(), "the header says so");

        impl $list {
            pub(crate) const EMPTY: Self =
                Self { array: core::ptr::null(), count: 0, decoded: MaybeUninit::uninit(), magic: 0 };

            pub(crate) fn of(list: $of<'_>) -> Self {
                // SAFETY: only the lifetime differs, and whoever reads it does so by the contract, while the envelope is
                // there.
                let decoded: $of<'static> = unsafe { core::mem::transmute(list) };
                Self { array: core::ptr::null(), count: list.len(), decoded: MaybeUninit::new(decoded), magic: $magic }
            }

            /// Returns the list.
            ///
            /// # Safety
            /// The contract.
            pub(crate) unsafe fn get<'a>(&self, written: Written) -> Result<$of<'a>> {
                if !self.array.is_null() {
                    // SAFETY: the caller's promise.
                    return Ok($of::new(unsafe { $read(self.array, self.count, written) }?));
                }
                match self.magic {
                    // SAFETY: the library has put it there, together with the magic word.
                    $magic => Ok(unsafe { self.decoded.assume_init() }),
                    0 if self.count == 0 => Ok($of::EMPTY),
                    _ => refuse(),
                }
            }
        }

        #[doc = concat!("The iterator of `", $at_end, "`.")]
        #[repr(C)]
        pub struct $iter {
            pub(crate) state: MaybeUninit<[*const u8; 6]>,
            pub(crate) magic: u32,
        }

        const _: () = assert!(size_of::<$of_iter<'_>>() <= 6 * size_of::<usize>(), "an iterator is too small");
        const _: () = assert!(align_of::<$of_iter<'_>>() <= align_of::<usize>());

        impl $iter {
            /// Takes the next step, the first one at the beginning of a list.
            ///
            /// # Safety
            /// The contract.
            unsafe fn step<'a>(
                this: *mut Self,
                list: *const $list,
            ) -> Result<Option<<$of_iter<'a> as Iterator>::Item>> {
                if this.is_null() || !this.is_aligned() {
                    return refuse();
                }
                // SAFETY: the contract: there is memory for an iterator, any bytes of which are valid.
                let this = unsafe { &mut *this };
                let state = this.state.as_mut_ptr().cast::<$of_iter<'a>>();
                match this.magic {
                    0 => {
                        // SAFETY: the contract.
                        let list = unsafe { reference(list)?.get(Written::NOTHING) }?;
                        // SAFETY: there is room, as asserted.
                        unsafe { state.write(list.iter()) }
                        this.magic = $iter_magic;
                    }
                    $iter_magic => {}
                    _ => return Err(Fault::of(CC_ERR_STATE)),
                }
                // SAFETY: it was written together with the magic word.
                Ok(unsafe { &mut *state }.next())
            }
        }
    };
}

list!(
    CcHeaders,
    0x4845_4144,
    CcHeadersIter,
    0x4849_5445,
    CcHeader,
    pairs,
    Headers,
    HeadersIter,
    cc_headers_next,
    "cc_headers"
);
list!(
    CcCookies,
    0x434F_4F4B,
    CcCookiesIter,
    0x4349_5445,
    CcStr,
    strings,
    Cookies,
    CookiesIter,
    cc_cookies_next,
    "cc_cookies"
);

/// `cc_headers_next`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cc_headers_next(
    headers: *const CcHeaders,
    iter: *mut CcHeadersIter,
    name: *mut CcText,
    value: *mut CcText,
) -> i32 {
    // SAFETY: the contract.
    unsafe {
        run(|| {
            let places = (Place::new(name)?, Place::new(value)?);
            let header = CcHeadersIter::step(iter, headers)?.ok_or(Fault::of(CC_END))?;
            places.0.put(CcText::of(header.0));
            places.1.put(CcText::of(header.1));
            Ok(())
        })
    }
}

/// `cc_headers_get`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cc_headers_get(headers: *const CcHeaders, name: CcStr, value: *mut CcText) -> i32 {
    // SAFETY: the contract.
    unsafe {
        run(|| {
            let (place, name) = (Place::new(value)?, name.get()?);
            let headers = reference(headers)?.get(Written::NOTHING)?;
            place.put(CcText::of(headers.get(name).ok_or(Fault::of(CC_END))?));
            Ok(())
        })
    }
}

/// `cc_cookies_next`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cc_cookies_next(
    cookies: *const CcCookies,
    iter: *mut CcCookiesIter,
    cookie: *mut CcText,
) -> i32 {
    // SAFETY: the contract.
    unsafe {
        run(|| {
            let place = Place::new(cookie)?;
            place.put(CcText::of(CcCookiesIter::step(iter, cookies)?.ok_or(Fault::of(CC_END))?));
            Ok(())
        })
    }
}

/// Refuses what is no list: for `matches!` on numbers of C.
pub(crate) const fn no() -> Fault {
    Fault::of(CC_ERR_ARGUMENT)
}
