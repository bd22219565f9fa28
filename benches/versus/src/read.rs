//! Reading the text of a reply to its last character: the reply is decoded, and its body is unescaped and handed over as a
//! `&str`. The others read the body alone and skip the rest. Each keeps its memory where its library lets it.

use crate::contest::Contest;
use crate::inputs::{Answer, Body};
use crate::pairs::{Runner, Turns};
use crate::table::OURS;
use callcontainer::{Data, Reply};
use jiter::Jiter;
use serde::Deserialize;
use std::borrow::Cow;
use std::hint::black_box;

/// The sides, on replies whose bodies are texts.
pub fn texts(answers: &[Answer]) -> Contest<'_> {
    let texts: Vec<(&[u8], &str)> = answers
        .iter()
        .map(|answer| match &answer.body {
            Body::Text(text) => (answer.envelope.as_slice(), text.as_str()),
            _ => panic!("{}: its body is no text", answer.name),
        })
        .collect();
    let longest = texts.iter().map(|(envelope, _)| envelope.len()).max().unwrap_or(0);
    let (mut room, mut tape) = (vec![0; longest], Vec::new());
    let ours = side(OURS, "-", &texts, move |envelope, text| ours(envelope, &mut room, text));
    let others = vec![
        side("serde_json", "the other fields", &texts, |envelope, text| {
            serde_json::from_slice(envelope).is_ok_and(|Read { data }| hand_over(text, &data))
        }),
        side("sonic_rs", "the other fields", &texts, |envelope, text| {
            sonic_rs::from_slice(envelope).is_ok_and(|Read { data }| hand_over(text, &data))
        }),
        side("jiter", "the other fields", &texts, move |envelope, text| {
            let mut iter = Jiter::with_tape(envelope, std::mem::take(&mut tape));
            let read = by_iterator(&mut iter, text);
            tape = iter.into_tape();
            read.is_some()
        }),
    ];
    Contest::new(texts.iter().map(|(envelope, _)| *envelope).collect(), ours, others)
}

/// A side, once it has handed over what it should.
fn side<'i>(
    name: &'static str,
    leaves_out: &str,
    texts: &[(&'i [u8], &str)],
    mut read: impl FnMut(&[u8], &mut dyn FnMut(&str)) -> bool + 'i,
) -> Runner<'i> {
    for (envelope, expected) in texts {
        let mut is_right = false;
        let is_read = read(envelope, &mut |text| is_right = text == *expected);
        assert!(is_read && is_right, "{name} reads another text");
    }
    let mut turns = Turns::new(texts.iter().map(|(envelope, _)| *envelope).collect::<Vec<_>>());
    Runner {
        side: name,
        leaves_out: leaves_out.to_owned(),
        time: Box::new(move |times| {
            turns.time(times, |envelope| {
                black_box(read(black_box(*envelope), &mut |text| _ = black_box(text)));
            })
        }),
    }
}

fn hand_over(to: &mut dyn FnMut(&str), text: &str) -> bool {
    to(text);
    true
}

fn ours(envelope: &[u8], room: &mut [u8], to: &mut dyn FnMut(&str)) -> bool {
    let Ok(Reply::Response(response)) = Reply::decode(envelope) else { return false };
    let Data::Text(text) = response.data() else { return false };
    match text.as_str() {
        Some(text) => hand_over(to, text),
        None => text.decode(room).is_ok_and(|text| hand_over(to, text)),
    }
}

/// What serde reads of a reply.
#[derive(Deserialize)]
struct Read<'a> {
    #[serde(borrow)]
    data: Cow<'a, str>,
}

fn by_iterator(iter: &mut Jiter<'_>, to: &mut dyn FnMut(&str)) -> Option<()> {
    let mut is_data = iter.next_object().ok()?? == "data";
    loop {
        if is_data {
            to(iter.next_str().ok()?);
        } else {
            iter.next_skip().ok()?;
        }
        match iter.next_key().ok()? {
            Some(key) => is_data = key == "data",
            None => return iter.finish().ok(),
        }
    }
}
