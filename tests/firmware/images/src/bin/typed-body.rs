//! Decodes a request and reads its body into a type, order by order; then writes a typed body of its own.

#![no_std]
#![no_main]

use board::{Scratch, Work, bytes, finish, measure, same};
use callcontainer::{Json, Request};
use core::fmt;
use serde::de::{Deserialize, Deserializer, SeqAccess, Visitor};

/// For the texts that are escaped.
#[unsafe(link_section = ".scratch")]
static TEXTS: Scratch<{ 32 * 1024 }> = Scratch::new();
#[unsafe(link_section = ".scratch")]
static ANSWER: Scratch<128> = Scratch::new();

#[derive(serde::Deserialize)]
struct Order<'a> {
    id: u32,
    name: &'a str,
    paid: bool,
    #[serde(default)]
    lines: Option<[Line<'a>; 2]>,
    #[serde(default)]
    city: Option<&'a str>,
    #[serde(default)]
    comment: Option<&'a str>,
}

#[derive(serde::Deserialize)]
struct Line<'a> {
    sku: &'a str,
    count: u32,
}

/// What all orders come to, so that no more than one is held at a time.
#[derive(Default, PartialEq, serde::Serialize)]
struct Totals {
    orders: u32,
    ids: u32,
    paid: u32,
    items: u32,
    /// Bytes of all texts.
    text: u32,
}

impl<'de> Deserialize<'de> for Totals {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(Adding)
    }
}

struct Adding;

impl<'de> Visitor<'de> for Adding {
    type Value = Totals;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("orders")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut orders: A) -> Result<Totals, A::Error> {
        let mut totals = Totals::default();
        let add = |total: &mut u32, value: u32| *total = total.wrapping_add(value);
        while let Some(order) = orders.next_element::<Order<'_>>()? {
            add(&mut totals.orders, 1);
            add(&mut totals.ids, order.id);
            add(&mut totals.paid, u32::from(order.paid));
            for line in order.lines.iter().flatten() {
                add(&mut totals.items, line.count);
                add(&mut totals.text, line.sku.len() as u32);
            }
            for text in [Some(order.name), order.city, order.comment].into_iter().flatten() {
                add(&mut totals.text, text.len() as u32);
            }
        }
        Ok(totals)
    }
}

struct Answer {
    totals: Totals,
    json: &'static [u8],
}

fn answer(envelope: &'static [u8]) -> Option<Answer> {
    // SAFETY: what was taken before has been looked at.
    let (scratch, buffer) = unsafe { (TEXTS.take(), ANSWER.take()) };
    let callcontainer::Data::Json(body) = Request::decode(envelope).ok()?.data() else { return None };
    let totals = body.to::<Totals>(scratch).ok()?;
    let json = Json::from_value(&totals, buffer).ok()?.as_bytes();
    Some(Answer { totals, json })
}

#[unsafe(link_section = ".check")]
fn is_right(answer: &Option<Answer>, envelope: &'static [u8]) -> bool {
    let small = same(envelope, images::small_orders_request());
    let (totals, json) = if small {
        (images::SMALL_TOTALS, bytes!(images::SMALL_ANSWER))
    } else {
        (images::LARGE_TOTALS, bytes!(images::LARGE_ANSWER))
    };
    answer.as_ref().is_some_and(|answer| {
        let Totals { orders, ids, paid, items, text } = answer.totals;
        ([orders, ids, paid, items, text] == totals) & same(answer.json, json)
    })
}

#[unsafe(no_mangle)]
extern "C" fn main() -> ! {
    finish(measure(&Work {
        run: answer,
        is_right,
        small: images::small_orders_request(),
        large: images::large_request(),
    }))
}
