use super::types::{
    Adjacent, Bytes, Colour, Everything, Flat, Inner, Key, Newtype, Pair, Shape, Tagged, Unit, Untagged,
};
use proptest::collection::{btree_map, vec};
use proptest::option;
use proptest::prelude::*;

/// Text with all that matters to JSON: quotes, backslashes, controls, long characters.
pub fn text() -> BoxedStrategy<String> {
    let character = prop_oneof![
        4 => prop::char::range('a', 'z'),
        2 => prop::sample::select(vec!['"', '\\', '/', '\u{8}', '\t', '\n', '\u{c}', '\r', '\0', '\u{1f}', '\u{7f}']),
        1 => prop::sample::select(vec!['é', '名', '😀', '\u{2028}', '\u{d7ff}', '\u{e000}', '\u{ffff}', '\u{10ffff}']),
        1 => any::<char>(),
    ];
    vec(character, 0..12).prop_map(String::from_iter).boxed()
}

pub fn shape() -> BoxedStrategy<Shape> {
    let leaf = prop_oneof![
        Just(Shape::Unit),
        Just(Shape::Renamed),
        Just(Shape::Nothing(())),
        any::<i32>().prop_map(Shape::Newtype),
        any::<Option<u8>>().prop_map(Shape::Optional),
        (any::<u8>(), text()).prop_map(|(number, text)| Shape::Tuple(number, text)),
        (any::<i64>(), option::of(text())).prop_map(|(x, y)| Shape::Struct { x, y }),
    ];
    leaf.prop_recursive(4, 8, 1, |inner| inner.prop_map(|inner| Shape::Nested(Box::new(inner)))).boxed()
}

pub fn colour() -> BoxedStrategy<Colour> {
    prop::sample::select(vec![Colour::Red, Colour::Green, Colour::Blue]).boxed()
}

fn untagged() -> BoxedStrategy<Untagged> {
    let leaf = prop_oneof![
        any::<i64>().prop_map(Untagged::Number),
        any::<bool>().prop_map(Untagged::Flag),
        text().prop_map(Untagged::Text),
        any::<u8>().prop_map(|only| Untagged::Struct { only }),
        Just(Untagged::Nothing),
    ];
    leaf.prop_recursive(3, 8, 3, |inner| vec(inner, 0..3).prop_map(Untagged::List)).boxed()
}

fn flat() -> BoxedStrategy<Flat> {
    let rest = btree_map(text().prop_map(|name| format!("_{name}")), untagged(), 0..3);
    (any::<u8>(), any::<i32>(), option::of(text()), rest)
        .prop_map(|(id, x, y, rest)| Flat { id, inner: Inner { x, y }, rest })
        .boxed()
}

fn tagged() -> BoxedStrategy<(Tagged, Adjacent)> {
    let tagged =
        prop_oneof![Just(Tagged::Empty), (any::<u32>(), text()).prop_map(|(size, name)| Tagged::Full { size, name }),];
    let adjacent = prop_oneof![
        Just(Adjacent::Unit),
        text().prop_map(Adjacent::One),
        any::<(u8, i8)>().prop_map(|(a, b)| Adjacent::Two(a, b)),
        any::<u64>().prop_map(|x| Adjacent::Named { x }),
    ];
    (tagged, adjacent).boxed()
}

pub fn everything() -> BoxedStrategy<Everything> {
    let numbers = any::<(bool, (i8, i16, i32, i64), (u8, u16, u32, u64), (i128, u128), u16, i8, [u16; 3])>();
    let texts = (any::<char>(), text(), text(), option::of(text()), vec(any::<u8>(), 0..5));
    let lists = (option::of(any::<u32>()), vec(shape(), 0..4), colour(), vec(any::<i32>(), 0..4), "[a-z\"]{0,16}");
    let maps = (
        btree_map(text(), colour(), 0..4),
        btree_map(any::<i64>(), text(), 0..4),
        btree_map(any::<i16>().prop_map(Key), any::<u8>(), 0..4),
        btree_map(any::<bool>(), any::<u8>(), 0..3),
        btree_map(any::<char>(), any::<u8>(), 0..4),
        btree_map(colour(), vec(any::<u8>(), 0..3), 0..3),
    );
    (numbers, texts, lists, maps, tagged(), untagged(), flat())
        .prop_map(|(numbers, texts, lists, maps, (tagged, adjacent), untagged, flat)| Everything {
            flag: numbers.0,
            signed: numbers.1,
            unsigned: numbers.2,
            wide: numbers.3,
            letter: texts.0,
            text: texts.1,
            unit: (),
            unit_struct: Unit,
            newtype: Newtype(numbers.4),
            pair: Pair(numbers.5, texts.2),
            maybe: lists.0.map(|number| Some(Box::new(number))),
            list: lists.1,
            array: numbers.6,
            renamed: lists.2,
            left_out: texts.3,
            bytes: Bytes(texts.4),
            by_text: maps.0,
            by_number: maps.1,
            by_newtype: maps.2,
            by_flag: maps.3,
            by_letter: maps.4,
            by_colour: maps.5,
            inline: heapless::String::try_from(lists.4.as_str()).unwrap(),
            inline_list: lists.3.into_iter().collect(),
            tagged,
            adjacent,
            untagged,
            flat,
        })
        .boxed()
}
