//! What the bodies hold: lists of orders, prose, bytes.

use std::fmt::Write;

/// SplitMix64: a generator small enough to stand here, so that the inputs depend on nothing else.
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }

    fn between(&mut self, low: u64, high: u64) -> u64 {
        low + self.below(high - low + 1)
    }

    fn pick<'a>(&mut self, among: &[&'a str]) -> &'a str {
        among[usize::try_from(self.below(among.len() as u64)).unwrap()]
    }
}

/// The words of one language.
pub struct Words {
    names: &'static [&'static str],
    cities: &'static [&'static str],
    streets: &'static [&'static str],
    goods: &'static [&'static str],
    colours: &'static [&'static str],
    remarks: &'static [&'static str],
}

pub const ENGLISH: Words = Words {
    names: &["Alice W.", "bob_1987", "Chen Li", "Dorothea", "Zoë", "J. \\\"Jay\\\" Ortega", "mrs smith"],
    cities: &["Guangzhou", "Shenzhen", "Bristol", "Aarhus", "San José", "Kyoto"],
    streets: &["Zhongshan Road 17, building 3", "Canal Street 4b", "Old Mill Lane 112, 2nd floor", "Harbour Gate 9"],
    goods: &[
        "Cotton T-shirt, round neck",
        "Ceramic mug 350 ml",
        "USB-C cable 1.5 m (braided)",
        "Green tea, loose leaf, 250 g",
        "Notebook A5 \\\"dotted\\\"",
        "Desk lamp with dimmer",
    ],
    colours: &["red", "navy", "off-white", "black", "sand"],
    remarks: &[
        "",
        "Leave it at the door.",
        "Ring twice.\\nThe bell is broken.",
        "Gift: no price tag, please",
        "tel. first",
    ],
};

pub const CHINESE: Words = Words {
    names: &["王小明", "李娜", "欧阳振华", "小鱼儿🐟", "陈\\\"阿强\\\"强", "Lucy刘", "张伟"],
    cities: &["广州市", "深圳市", "呼和浩特市", "上海市", "成都市", "哈尔滨市"],
    streets: &[
        "天河区体育西路103号维多利广场A座28楼",
        "南山区科技园南区高新南一道008号",
        "浦东新区世纪大道100号",
        "武侯区人民南路四段19号3单元1502室",
    ],
    goods: &[
        "纯棉圆领短袖T恤（男女同款）",
        "景德镇陶瓷马克杯 350ml",
        "编织数据线，快充，1.5米",
        "明前西湖龙井茶 250克礼盒装",
        "A5点阵笔记本",
        "可调光护眼台灯",
    ],
    colours: &["红色", "藏青", "米白", "黑色", "卡其"],
    remarks: &["", "放在门口就行，谢谢！", "请先打电话，\\n门铃坏了。", "生日礼物，请不要放价格标签", "尽快发货～"],
};

/// Bytes that a text takes in a JSON string, where only what must be escaped is.
pub fn escaped_length(text: &str) -> usize {
    text.len() + text.bytes().filter(|byte| matches!(byte, b'"' | b'\\' | b'\n')).count()
}

/// A page of orders as JSON, as many as stay within `room`, measured by `length`, but one at least.
pub fn orders(random: &mut Random, words: &Words, room: usize, length: impl Fn(&str) -> usize) -> String {
    let mut json = String::from(r#"{"code":0,"message":"ok","page":1,"orders":["#);
    let end = "]}";
    let mut used = length(&json) + length(end);
    let mut separator = "";
    loop {
        let next = format!("{separator}{}", order(random, words));
        used += length(&next);
        if used > room && !separator.is_empty() {
            json.push_str(end);
            return json;
        }
        json.push_str(&next);
        separator = ",";
    }
}

fn order(random: &mut Random, words: &Words) -> String {
    let mut json = String::new();
    let id = random.between(100_000, 9_999_999);
    let day = random.between(1, 28);
    let (hour, minute, second) = (random.below(24), random.below(60), random.below(60));
    let milliseconds = 1_717_200_000_000 + random.below(2_500_000_000);
    write!(json, r#"{{"id":{id},"orderNo":"202406{day:02}{hour:02}{minute:02}{second:02}{:06}","#, id % 1_000_000)
        .unwrap();
    let status = random.pick(&["created", "paid", "shipped", "done", "refunded"]);
    write!(
        json,
        r#""status":"{status}","createdAt":"2024-06-{day:02}T{hour:02}:{minute:02}:{second:02}.{:03}Z","#,
        milliseconds % 1000
    )
    .unwrap();
    let (paid, coupon) = (random.pick(&["true", "false"]), random.pick(&["null", "null", "\"JUNE-10\""]));
    write!(json, r#""updatedAt":{milliseconds},"paid":{paid},"coupon":{coupon},"#).unwrap();
    write!(
        json,
        r#""user":{{"id":{},"openid":"o{:016X}{:011X}","nickname":"{}","#,
        random.between(1, 999_999),
        random.next(),
        random.below(1 << 44),
        random.pick(words.names)
    )
    .unwrap();
    write!(
        json,
        r#""avatar":"https://thirdwx.qlogo.cn/mmopen/vi_32/{:016x}/132","level":{},"tags":["#,
        random.next(),
        random.below(9)
    )
    .unwrap();
    list(&mut json, random.below(3), |json| {
        write!(json, "\"{}\"", random.pick(&["new", "vip", "b2b", "risk"])).unwrap();
    });
    write!(
        json,
        r#"]}},"address":{{"city":"{}","street":"{}","#,
        random.pick(words.cities),
        random.pick(words.streets)
    )
    .unwrap();
    write!(
        json,
        r#""location":[{}.{:06},{}.{:06}],"phone":"1{:010}"}},"lines":["#,
        random.between(73, 135),
        random.below(1_000_000),
        random.between(18, 53),
        random.below(1_000_000),
        random.below(10_000_000_000)
    )
    .unwrap();
    list(&mut json, random.between(1, 4), |json| line(json, random, words));
    let total = random.between(100, 99_999);
    write!(
        json,
        r#"],"amount":{{"currency":"CNY","total":{}.{:02},"shipping":{},"rate":{}e-{}}},"#,
        total / 100,
        total % 100,
        random.pick(&["0", "6", "12.5"]),
        random.between(1, 9),
        random.between(2, 9)
    )
    .unwrap();
    write!(json, r#""remark":"{}"}}"#, random.pick(words.remarks)).unwrap();
    json
}

fn line(json: &mut String, random: &mut Random, words: &Words) {
    let price = random.between(100, 49_999);
    write!(
        json,
        r#"{{"sku":"SKU-{:06}","title":"{}","price":{}.{:02},"quantity":{},"#,
        random.below(1_000_000),
        random.pick(words.goods),
        price / 100,
        price % 100,
        random.between(1, 5)
    )
    .unwrap();
    write!(
        json,
        r#""attributes":{{"colour":"{}","size":{}}},"discount":-{}.{}}}"#,
        random.pick(words.colours),
        random.pick(&["\"S\"", "\"M\"", "\"XL\"", "42"]),
        random.below(9),
        random.between(1, 9)
    )
    .unwrap();
}

fn list(json: &mut String, count: u64, mut item: impl FnMut(&mut String)) {
    for number in 0..count {
        if number > 0 {
            json.push(',');
        }
        item(json);
    }
}

/// Of the shape of `twitter.json`: posts with texts in several scripts, escaped slashes, many keys, much that is `null`.
pub fn posts(random: &mut Random, room: usize) -> String {
    filled(r#"{"statuses":["#, "]}", room, || post(random))
}

/// Of the shape of `canada.json`: little but numbers, two to an array.
pub fn polygons(random: &mut Random, room: usize) -> String {
    let begin =
        r#"{"type":"FeatureCollection","features":[{"type":"Feature","geometry":{"type":"Polygon","coordinates":[["#;
    filled(begin, "]]}}]}", room, || {
        let (east, north) = (random.between(73, 135), random.between(18, 53));
        format!("[-{east}.{:06},{north}.{:06}]", random.below(1_000_000), random.below(1_000_000))
    })
}

/// As many parts, with commas between them, as stay within `room`.
fn filled(begin: &str, end: &str, room: usize, mut part: impl FnMut() -> String) -> String {
    let mut json = begin.to_owned();
    loop {
        let separator = if json.len() == begin.len() { "" } else { "," };
        let next = part();
        if json.len() + separator.len() + next.len() + end.len() > room {
            json.push_str(end);
            return json;
        }
        json.push_str(separator);
        json.push_str(&next);
    }
}

fn post(random: &mut Random) -> String {
    const TEXTS: [&str; 5] = [
        "@lin 今天的茶真香，谢谢！ http:\\/\\/t.cn\\/A6b",
        "RT @ota: 明日は朝から雨だそうです☔ 傘を忘れずに\\n",
        "just landed in Guangzhou, what a view \\ud83d\\ude0d",
        "名前を呼ばれたので振り返ったら別の人だった",
        "二手自行车转让，九成新，\\\"几乎没骑过\\\"",
    ];
    let id = 505_874_000_000_000_000 + random.below(1_000_000_000_000);
    let mut json = String::new();
    write!(
        json,
        r#"{{"metadata":{{"result_type":"recent","iso_language_code":"{}"}},"created_at":"Sun Aug 31 00:{:02}:{:02} +0000 2014","id":{id},"id_str":"{id}","text":"{}","#,
        random.pick(&["ja", "zh", "en"]),
        random.below(60),
        random.below(60),
        random.pick(&TEXTS)
    )
    .unwrap();
    write!(
        json,
        r#""source":"<a href=\"http:\/\/client.example\/a\" rel=\"nofollow\">Client<\/a>","truncated":false,"in_reply_to_status_id":null,"in_reply_to_user_id":null,"user":{{"id":{},"name":"{}","location":"","followers_count":{},"verified":false,"lang":"{}","profile_image_url":"http:\/\/img.example\/{:016x}.jpeg","following":false}},"#,
        random.between(1, 2_999_999_999),
        random.pick(CHINESE.names),
        random.below(5000),
        random.pick(&["ja", "zh-cn", "en"]),
        random.next()
    )
    .unwrap();
    write!(
        json,
        r#""geo":null,"coordinates":null,"place":null,"retweet_count":{},"favorite_count":{},"entities":{{"hashtags":[],"symbols":[],"urls":[{{"url":"http:\/\/t.cn\/A6b","indices":[{},{}]}}]}},"favorited":false,"lang":"ja"}}"#,
        random.below(90),
        random.below(90),
        random.below(60),
        random.between(60, 99)
    )
    .unwrap();
    json
}

/// A few members, as most calls have.
pub fn small(random: &mut Random) -> String {
    format!(
        r#"{{"sku":"A-{:04}","count":{},"gift":{},"price":{}.{:02}}}"#,
        random.below(10_000),
        random.between(1, 9),
        random.pick(&["true", "false"]),
        random.between(10, 99),
        random.below(100)
    )
}

/// Paragraphs of prose, mostly ASCII, as many as stay within `room` once they are escaped, but one at least.
pub fn prose(random: &mut Random, room: usize) -> String {
    let mut text = String::new();
    let mut used = 0;
    loop {
        let paragraph = paragraph(random);
        used += escaped_length(&paragraph);
        if used > room && !text.is_empty() {
            return text;
        }
        text.push_str(&paragraph);
    }
}

fn paragraph(random: &mut Random) -> String {
    const WORDS: [&str; 28] = [
        "the",
        "a",
        "of",
        "and",
        "parcel",
        "was",
        "waiting",
        "behind",
        "counter",
        "when",
        "she",
        "arrived",
        "nobody",
        "knew",
        "who",
        "had",
        "sent",
        "it",
        "from",
        "Guangzhou",
        "café",
        "morning",
        "seven",
        "letters",
        "—",
        "quietly",
        "opened",
        "window",
    ];
    let mut text = String::new();
    for _ in 0..random.between(3, 7) {
        let quoted = random.below(6) == 0;
        text.push_str(if quoted { "\"So" } else { "Then" });
        for _ in 0..random.between(6, 20) {
            text.push_str(if random.below(12) == 0 { ", " } else { " " });
            text.push_str(random.pick(&WORDS));
        }
        text.push_str(if quoted { ".\" " } else { ". " });
    }
    text.push_str("\n\n");
    text
}

/// Sentences of ASCII in which nothing must be escaped.
pub const ENGLISH_SENTENCES: [&str; 5] = [
    "The parcel was waiting behind the counter when she arrived. ",
    "Nobody knew who had sent it. ",
    "It came from Guangzhou, seven days ago, by sea. ",
    "She opened the window; the morning was quiet. ",
    "There were letters in it. ",
];

/// Sentences of Chinese, with a little of what else stands in such texts.
pub const CHINESE_SENTENCES: [&str; 5] = [
    "她到的时候，包裹已经放在柜台后面了。",
    "没有人知道是谁寄来的。",
    "七天前从广州经海路寄出，重 2.5 kg。",
    "她打开窗户，早晨很安静。",
    "里面装着几封信。",
];

/// As many of these sentences as stay within `room`.
pub fn plain_text(random: &mut Random, sentences: &[&str], room: usize) -> String {
    let mut text = String::new();
    loop {
        let sentence = random.pick(sentences);
        if text.len() + sentence.len() > room {
            return text;
        }
        text.push_str(sentence);
    }
}

pub fn bytes(random: &mut Random, length: usize) -> Vec<u8> {
    let mut bytes: Vec<u8> = (0..length.div_ceil(8)).flat_map(|_| random.next().to_le_bytes()).collect();
    bytes.truncate(length);
    bytes
}
