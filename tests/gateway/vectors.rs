//! Responses with what is made of them here, and whether llhttp, the parser of Node.js, takes them in its strict mode: as
//! `http.request` of Node.js 20.20 answers. Where the two differ, the reason stands beside it.

use super::responses::{Call, answer, answer_in};
use callcontainer::Method;
use callcontainer::gateway::HttpReader;

/// What is made of a response.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Is {
    /// This status and this body, and the connection can be used again.
    Kept(u16, &'static str),
    /// The same, and it cannot.
    Spent(u16, &'static str),
    /// Refused, with one of these reasons.
    Refused(&'static str),
}
use Is::{Kept, Refused, Spent};

/// What llhttp makes of it.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Other {
    Takes,
    Refuses,
}
use Other::{Refuses, Takes};

const HEAD: &str = "an answer that is not HTTP/1.1";
const LENGTH: &str = "an HTTP body of uncertain length";
const CHUNK: &str = "a broken chunk";
const CUT: &str = "an HTTP response that is cut short";
const SWITCH: &str = "a switch to another protocol";

/// The response, what is made of it here and there, and why that is not the same.
type Case = (&'static str, Is, Other, &'static str);

const NO_REASON: &str = "";

const STATUS_LINES: &[Case] = &[
    ("HTTP/1.1 200 OK\r\n\r\n", Spent(200, ""), Takes, NO_REASON),
    ("HTTP/1.0 200 OK\r\n\r\nold", Spent(200, "old"), Takes, NO_REASON),
    ("HTTP/1.1 301\r\nContent-Length: 0\r\n\r\n", Kept(301, ""), Takes, NO_REASON),
    ("HTTP/1.1 301 \r\nContent-Length: 0\r\n\r\n", Kept(301, ""), Takes, NO_REASON),
    ("HTTP/1.1 200  OK\r\nContent-Length: 0\r\n\r\n", Kept(200, ""), Takes, NO_REASON),
    ("HTTP/1.1 200 \t\r\nContent-Length: 0\r\n\r\n", Kept(200, ""), Takes, NO_REASON),
    ("HTTP/1.1 200 Quite\tso\r\nContent-Length: 0\r\n\r\n", Kept(200, ""), Takes, NO_REASON),
    ("HTTP/1.1 500 Störung im Betriebsablauf\r\nContent-Length: 0\r\n\r\n", Kept(500, ""), Takes, NO_REASON),
    ("HTTP/1.1 404 Not: Found, \"really\"\r\nContent-Length: 0\r\n\r\n", Kept(404, ""), Takes, NO_REASON),
    ("HTTP/1.1 999 What\r\nContent-Length: 0\r\n\r\n", Kept(999, ""), Takes, NO_REASON),
    (
        "HTTP/1.1 099 What\r\nContent-Length: 0\r\n\r\n",
        Refused(HEAD),
        Takes,
        "no class of status (RFC 9110, section 15)",
    ),
    ("HTTP/1.1 2 OK\r\n\r\n", Refused(HEAD), Refuses, NO_REASON),
    ("HTTP/1.1 20 OK\r\n\r\n", Refused(HEAD), Refuses, NO_REASON),
    ("HTTP/1.1 2000 OK\r\n\r\n", Refused(HEAD), Refuses, NO_REASON),
    ("HTTP/1.1 2x0 OK\r\n\r\n", Refused(HEAD), Refuses, NO_REASON),
    ("HTTP/1.1 OK\r\n\r\n", Refused(HEAD), Refuses, NO_REASON),
    ("HTTP/1.1\r\n\r\n", Refused(HEAD), Refuses, NO_REASON),
    ("HTTP/1.1  200 OK\r\n\r\n", Refused(HEAD), Refuses, NO_REASON),
    ("HTTP/1.1\t200 OK\r\n\r\n", Refused(HEAD), Refuses, NO_REASON),
    ("HTTP/1.1 200\tOK\r\n\r\n", Refused(HEAD), Refuses, NO_REASON),
    ("HTTP/1.1 200 O\0K\r\n\r\n", Refused(HEAD), Takes, "a control character (RFC 9112, section 4)"),
    ("HTTP/0.9 200 OK\r\n\r\n", Refused(HEAD), Takes, "version 0.9 has no status line"),
    ("HTTP/2.0 200 OK\r\n\r\n", Refused(HEAD), Takes, "version 2 is not written in lines"),
    ("HTTP/1.2 200 OK\r\n\r\n", Refused(HEAD), Refuses, NO_REASON),
    ("HTTP/5.6 200 OK\r\n\r\n", Refused(HEAD), Refuses, NO_REASON),
    ("HTTP/01.1 200 OK\r\n\r\n", Refused(HEAD), Refuses, NO_REASON),
    ("HTTP/11.1 200 OK\r\n\r\n", Refused(HEAD), Refuses, NO_REASON),
    ("HTTP/1.01 200 OK\r\n\r\n", Refused(HEAD), Refuses, NO_REASON),
    ("HTTP/1 200 OK\r\n\r\n", Refused(HEAD), Refuses, NO_REASON),
    ("HTTP/1,1 200 OK\r\n\r\n", Refused(HEAD), Refuses, NO_REASON),
    ("http/1.1 200 OK\r\n\r\n", Refused(HEAD), Refuses, NO_REASON),
    ("HTP/1.1 200 OK\r\n\r\n", Refused(HEAD), Refuses, NO_REASON),
    ("HTTPS/1.1 200 OK\r\n\r\n", Refused(HEAD), Refuses, NO_REASON),
    ("RTSP/1.0 200 OK\r\n\r\n", Refused(HEAD), Takes, "another protocol"),
    ("ICE/1.0 200 OK\r\n\r\n", Refused(HEAD), Takes, "another protocol"),
    ("GET / HTTP/1.1\r\n\r\n", Refused(HEAD), Refuses, NO_REASON),
    ("<html>\r\n\r\n", Refused(HEAD), Refuses, NO_REASON),
    (" HTTP/1.1 200 OK\r\n\r\n", Refused(HEAD), Refuses, NO_REASON),
    (
        "\r\nHTTP/1.1 200 OK\r\n\r\n",
        Refused(HEAD),
        Takes,
        "what an earlier response left behind is no part of this one",
    ),
    ("\nHTTP/1.1 200 OK\r\n\r\n", Refused(HEAD), Takes, "likewise"),
    ("HTTP/1.1 200 OK", Refused(CUT), Refuses, NO_REASON),
    ("HTTP/1.1 200 OK\r\n", Refused(CUT), Refuses, NO_REASON),
    ("", Refused(CUT), Refuses, NO_REASON),
];

const LINE_ENDS: &[Case] = &[
    ("HTTP/1.1 200 OK\n\n", Refused(HEAD), Refuses, NO_REASON),
    ("HTTP/1.1 200 OK\nA: b\n\nbody", Refused(HEAD), Refuses, NO_REASON),
    ("HTTP/1.1 200 OK\r\nA: b\n\r\n", Refused(HEAD), Refuses, NO_REASON),
    ("HTTP/1.1 200 OK\r\nA: b\r\n\n", Refused(HEAD), Refuses, NO_REASON),
    ("HTTP/1.1 200 OK\rContent-Length: 0\r\n\r\n", Refused(HEAD), Refuses, NO_REASON),
    (
        "HTTP/1.1 200 OK\r\rContent-Length: 0\r\n\r\n",
        Refused(HEAD),
        Takes,
        "a bare CR, which later versions refuse too",
    ),
    ("HTTP/1.1 200 OK\r\r\nContent-Length: 0\r\n\r\n", Refused(HEAD), Refuses, NO_REASON),
    ("HTTP/1.1 200 OK\r\nA: b\rB: c\r\n\r\n", Refused(HEAD), Refuses, NO_REASON),
    ("HTTP/1.1 200 OK\r\nA: b\r\r\n\r\n", Refused(HEAD), Refuses, NO_REASON),
];

const HEADERS: &[Case] = &[
    ("HTTP/1.1 200 OK\r\nA:b\r\nContent-Length:0\r\n\r\n", Kept(200, ""), Takes, NO_REASON),
    ("HTTP/1.1 200 OK\r\nA: \t b c \t \r\nContent-Length: 0\r\n\r\n", Kept(200, ""), Takes, NO_REASON),
    ("HTTP/1.1 200 OK\r\nA:\r\nB: \r\nContent-Length: 0\r\n\r\n", Kept(200, ""), Takes, NO_REASON),
    ("HTTP/1.1 200 OK\r\nA_b.c$d!#%&'*+^`|~9: e\r\nContent-Length: 0\r\n\r\n", Kept(200, ""), Takes, NO_REASON),
    ("HTTP/1.1 200 OK\r\nA: é \"(,:;<=>?@[\\]{})\r\nContent-Length: 0\r\n\r\n", Kept(200, ""), Takes, NO_REASON),
    ("HTTP/1.1 200 OK\r\nA: b:c: d\r\ncontent-LENGTH: 2\r\n\r\nok", Kept(200, "ok"), Takes, NO_REASON),
    (
        "HTTP/1.1 200 OK\r\nContent-Length-X: 9\r\nX-Content-Length: 8\r\nContent-Length: 2\r\n\r\nok",
        Kept(200, "ok"),
        Takes,
        NO_REASON,
    ),
    ("HTTP/1.1 200 OK\r\nA B: c\r\n\r\n", Refused(HEAD), Refuses, NO_REASON),
    ("HTTP/1.1 200 OK\r\nA : b\r\n\r\n", Refused(HEAD), Refuses, NO_REASON),
    ("HTTP/1.1 200 OK\r\nA\t: b\r\n\r\n", Refused(HEAD), Refuses, NO_REASON),
    ("HTTP/1.1 200 OK\r\nA\r\n\r\n", Refused(HEAD), Refuses, NO_REASON),
    ("HTTP/1.1 200 OK\r\n: b\r\n\r\n", Refused(HEAD), Refuses, NO_REASON),
    ("HTTP/1.1 200 OK\r\n:\r\n\r\n", Refused(HEAD), Refuses, NO_REASON),
    ("HTTP/1.1 200 OK\r\nÄ: b\r\n\r\n", Refused(HEAD), Refuses, NO_REASON),
    ("HTTP/1.1 200 OK\r\nA@: b\r\n\r\n", Refused(HEAD), Refuses, NO_REASON),
    ("HTTP/1.1 200 OK\r\nA: \0\r\n\r\n", Refused(HEAD), Refuses, NO_REASON),
    ("HTTP/1.1 200 OK\r\nA: \u{1}\r\n\r\n", Refused(HEAD), Refuses, NO_REASON),
    ("HTTP/1.1 200 OK\r\nA: \u{7f}\r\n\r\n", Refused(HEAD), Refuses, NO_REASON),
    ("HTTP/1.1 200 OK\r\n A: b\r\n\r\n", Refused(HEAD), Refuses, NO_REASON),
    ("HTTP/1.1 200 OK\r\nA: b\r\n c\r\nContent-Length: 0\r\n\r\n", Refused(HEAD), Refuses, NO_REASON),
    ("HTTP/1.1 200 OK\r\nA: b\r\n\tc\r\nContent-Length: 0\r\n\r\n", Refused(HEAD), Refuses, NO_REASON),
    ("HTTP/1.1 200 OK\r\nA:\r\n b\r\nContent-Length: 0\r\n\r\n", Refused(HEAD), Refuses, NO_REASON),
    ("HTTP/1.1 200 OK\r\nA: b\r\n \r\n\r\n", Refused(HEAD), Refuses, NO_REASON),
];

const LENGTHS: &[Case] = &[
    ("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", Kept(200, "hello"), Takes, NO_REASON),
    (
        "HTTP/1.1 200 OK\r\nContent-Length:\t5\t\r\n\r\nhello",
        Kept(200, "hello"),
        Refuses,
        "blanks around a value are none of it; later versions take them too",
    ),
    ("HTTP/1.1 200 OK\r\nContent-Length:  5  \r\n\r\nhello", Kept(200, "hello"), Takes, NO_REASON),
    ("HTTP/1.1 200 OK\r\nContent-Length: 0005\r\n\r\nhello", Kept(200, "hello"), Takes, NO_REASON),
    ("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", Kept(200, ""), Takes, NO_REASON),
    ("HTTP/1.1 500 No\r\nContent-Length: 4\r\n\r\noops", Kept(500, "oops"), Takes, NO_REASON),
    ("HTTP/1.1 205 Reset\r\nContent-Length: 0\r\n\r\n", Kept(205, ""), Takes, NO_REASON),
    ("HTTP/1.1 200 OK\r\n\r\nuntil the end", Spent(200, "until the end"), Takes, NO_REASON),
    (
        "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\nuntil\r\n\r\nthe end",
        Spent(200, "until\r\n\r\nthe end"),
        Takes,
        NO_REASON,
    ),
    ("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell", Refused(CUT), Refuses, NO_REASON),
    ("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", Refused(CUT), Refuses, NO_REASON),
    ("HTTP/1.1 200 OK\r\nContent-Length: \r\n\r\n", Refused(LENGTH), Refuses, NO_REASON),
    ("HTTP/1.1 200 OK\r\nContent-Length: +5\r\n\r\nhello", Refused(LENGTH), Refuses, NO_REASON),
    ("HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\nhello", Refused(LENGTH), Refuses, NO_REASON),
    ("HTTP/1.1 200 OK\r\nContent-Length: 5.0\r\n\r\nhello", Refused(LENGTH), Refuses, NO_REASON),
    ("HTTP/1.1 200 OK\r\nContent-Length: 0x5\r\n\r\nhello", Refused(LENGTH), Refuses, NO_REASON),
    ("HTTP/1.1 200 OK\r\nContent-Length: 5 5\r\n\r\nhello", Refused(LENGTH), Refuses, NO_REASON),
    ("HTTP/1.1 200 OK\r\nContent-Length: 5;\r\n\r\nhello", Refused(LENGTH), Refuses, NO_REASON),
    ("HTTP/1.1 200 OK\r\nContent-Length: five\r\n\r\nhello", Refused(LENGTH), Refuses, NO_REASON),
    ("HTTP/1.1 200 OK\r\nContent-Length: 18446744073709551621\r\n\r\nhello", Refused(LENGTH), Refuses, NO_REASON),
    (
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\nhello",
        Kept(200, "hello"),
        Refuses,
        "RFC 9110, section 8.6, allows either",
    ),
    ("HTTP/1.1 200 OK\r\nContent-Length: 5, 5\r\n\r\nhello", Kept(200, "hello"), Refuses, "likewise"),
    ("HTTP/1.1 200 OK\r\nContent-Length: 5, 6\r\n\r\nhello", Refused(LENGTH), Refuses, NO_REASON),
    ("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello", Refused(LENGTH), Refuses, NO_REASON),
    ("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 05\r\n\r\nhello", Refused(LENGTH), Refuses, NO_REASON),
    (
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        Refused(LENGTH),
        Refuses,
        NO_REASON,
    ),
    (
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
        Refused(LENGTH),
        Refuses,
        NO_REASON,
    ),
];

/// Behind `HTTP/1.1 200 OK` and `Transfer-Encoding: chunked`.
const CHUNKS: &[Case] = &[
    ("5\r\nhello\r\n0\r\n\r\n", Kept(200, "hello"), Takes, NO_REASON),
    ("2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n", Kept(200, "hello"), Takes, NO_REASON),
    ("0\r\n\r\n", Kept(200, ""), Takes, NO_REASON),
    ("000\r\n\r\n", Kept(200, ""), Takes, NO_REASON),
    ("00005\r\nhello\r\n0\r\n\r\n", Kept(200, "hello"), Takes, NO_REASON),
    ("A\r\nabcdefghij\r\n0\r\n\r\n", Kept(200, "abcdefghij"), Takes, NO_REASON),
    ("a\r\nabcdefghij\r\n0\r\n\r\n", Kept(200, "abcdefghij"), Takes, NO_REASON),
    ("4\r\n\r\n\r\n\r\n0\r\n\r\n", Kept(200, "\r\n\r\n"), Takes, NO_REASON),
    ("5;a\r\nhello\r\n0;b\r\n\r\n", Kept(200, "hello"), Takes, NO_REASON),
    ("5;a=b;c=d\r\nhello\r\n0\r\n\r\n", Kept(200, "hello"), Takes, NO_REASON),
    ("5;a=\"b; c\";d\r\nhello\r\n0\r\n\r\n", Kept(200, "hello"), Takes, NO_REASON),
    ("5;a=\"b\\\"c\"\r\nhello\r\n0\r\n\r\n", Kept(200, "hello"), Takes, NO_REASON),
    (
        "5;\r\nhello\r\n0\r\n\r\n",
        Kept(200, "hello"),
        Refuses,
        "nothing hangs on an extension, and its line ends where it ends",
    ),
    ("5; a=b\r\nhello\r\n0\r\n\r\n", Kept(200, "hello"), Refuses, "likewise"),
    ("5;a=\"b\r\nhello\r\n0\r\n\r\n", Kept(200, "hello"), Refuses, "likewise"),
    ("5 ;a\r\nhello\r\n0\r\n\r\n", Kept(200, "hello"), Refuses, "blanks that all others take"),
    ("5 \r\nhello\r\n0\r\n\r\n", Kept(200, "hello"), Refuses, "likewise"),
    ("5\t \r\nhello\r\n0  \r\n\r\n", Kept(200, "hello"), Refuses, "likewise"),
    (" 5\r\nhello\r\n0\r\n\r\n", Refused(CHUNK), Refuses, NO_REASON),
    ("5 a\r\nhello\r\n0\r\n\r\n", Refused(CHUNK), Refuses, NO_REASON),
    ("5 5\r\nhello\r\n0\r\n\r\n", Refused(CHUNK), Refuses, NO_REASON),
    ("5;a\nhello\r\n0\r\n\r\n", Refused(CHUNK), Refuses, NO_REASON),
    ("5\nhello\r\n0\r\n\r\n", Refused(CHUNK), Refuses, NO_REASON),
    ("5\r\nhello\n0\r\n\r\n", Refused(CHUNK), Refuses, NO_REASON),
    ("5\r\nhello0\r\n\r\n", Refused(CHUNK), Refuses, NO_REASON),
    ("5\r\nhello!\r\n0\r\n\r\n", Refused(CHUNK), Refuses, NO_REASON),
    ("6\r\nhello\r\n0\r\n\r\n", Refused(CHUNK), Refuses, NO_REASON),
    ("\r\n", Refused(CHUNK), Refuses, NO_REASON),
    ("hello", Refused(CHUNK), Refuses, NO_REASON),
    ("+5\r\nhello\r\n0\r\n\r\n", Refused(CHUNK), Refuses, NO_REASON),
    ("-5\r\nhello\r\n0\r\n\r\n", Refused(CHUNK), Refuses, NO_REASON),
    ("0x5\r\nhello\r\n0\r\n\r\n", Refused(CHUNK), Refuses, NO_REASON),
    ("5g\r\nhello\r\n0\r\n\r\n", Refused(CHUNK), Refuses, NO_REASON),
    ("10000000000000005\r\nhello\r\n0\r\n\r\n", Refused(CHUNK), Refuses, NO_REASON),
    ("5\r\nhel", Refused(CUT), Refuses, NO_REASON),
    ("5\r\nhello\r\n", Refused(CUT), Refuses, NO_REASON),
    ("5\r\nhello\r\n0\r\n", Refused(CUT), Refuses, NO_REASON),
    ("5\r\nhello\r\n0\r\nA: b\r\n", Refused(CUT), Refuses, NO_REASON),
    ("5\r\nhello\r\n0\r\nA: b\r\n\r\n", Kept(200, "hello"), Takes, NO_REASON),
    ("5\r\nhello\r\n0\r\nA:\r\nB-c: d: e\r\n\r\n", Kept(200, "hello"), Takes, NO_REASON),
    (
        "5\r\nhello\r\n0\r\nContent-Length: 9\r\n\r\n",
        Kept(200, "hello"),
        Refuses,
        "a trailer says nothing of the body (RFC 9110, section 6.5.1)",
    ),
    ("5\r\nhello\r\n0\r\nA\r\n\r\n", Refused(CHUNK), Refuses, NO_REASON),
    ("5\r\nhello\r\n0\r\n: b\r\n\r\n", Refused(CHUNK), Refuses, NO_REASON),
    ("5\r\nhello\r\n0\r\nA : b\r\n\r\n", Refused(CHUNK), Refuses, NO_REASON),
    ("5\r\nhello\r\n0\r\n A: b\r\n\r\n", Refused(CHUNK), Refuses, NO_REASON),
    ("5\r\nhello\r\n0\r\nA: b\n\r\n", Refused(CHUNK), Refuses, NO_REASON),
    ("5\r\nhello\r\n0\r\nA: \0\r\n\r\n", Refused(CHUNK), Refuses, NO_REASON),
    ("5\r\nhello\r\n0\r\nA: b\r\n c\r\n\r\n", Refused(CHUNK), Refuses, NO_REASON),
];

const CODINGS: &[Case] = &[
    ("HTTP/1.1 200 OK\r\nTransfer-Encoding:\t CHUNKED \r\n\r\n2\r\nok\r\n0\r\n\r\n", Kept(200, "ok"), Takes, NO_REASON),
    (
        "HTTP/1.1 200 OK\r\nContent-Length-X: 0\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
        Kept(200, "ok"),
        Takes,
        NO_REASON,
    ),
    (
        "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
        Refused(LENGTH),
        Takes,
        "version 1.0 has no codings",
    ),
    (
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked, deflate\r\n\r\nbody",
        Refused(LENGTH),
        Takes,
        "a coding that nobody undoes",
    ),
    (
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
        Refused(LENGTH),
        Takes,
        "likewise",
    ),
    ("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nbody", Refused(LENGTH), Takes, "likewise"),
    ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunkedchunked\r\n\r\nbody", Refused(LENGTH), Takes, "likewise"),
    (
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\nbody",
        Refused(LENGTH),
        Takes,
        "likewise",
    ),
    (
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: identity\r\n\r\nbody",
        Refused(LENGTH),
        Takes,
        "a coding that is none any more (RFC 9112, section 7)",
    ),
    (
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        Refused(LENGTH),
        Takes,
        "chunks in chunks, by the letter",
    ),
    ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n  abc\r\n\r\n0\r\n\r\n", Refused(HEAD), Refuses, NO_REASON),
];

const CONNECTIONS: &[Case] = &[
    ("HTTP/1.1 200 OK\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\nok", Kept(200, "ok"), Takes, NO_REASON),
    ("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok", Spent(200, "ok"), Takes, NO_REASON),
    ("HTTP/1.1 200 OK\r\nConnection: a, Close\r\nContent-Length: 2\r\n\r\nok", Spent(200, "ok"), Takes, NO_REASON),
    (
        "HTTP/1.1 200 OK\r\nConnection: a\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok",
        Spent(200, "ok"),
        Takes,
        NO_REASON,
    ),
    ("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nok", Spent(200, "ok"), Takes, NO_REASON),
    ("HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok", Spent(200, "ok"), Takes, NO_REASON),
    ("HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\nok", Kept(200, "ok"), Takes, NO_REASON),
    ("HTTP/1.0 200 OK\r\nConnection: keep-alive\r\n\r\nok", Spent(200, "ok"), Takes, NO_REASON),
    ("HTTP/1.1 200 OK\r\nProxy-Connection: close\r\nContent-Length: 2\r\n\r\nok", Kept(200, "ok"), Takes, NO_REASON),
    ("HTTP/1.1 204 No Content\r\n\r\n", Kept(204, ""), Takes, NO_REASON),
    ("HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n", Spent(204, ""), Takes, NO_REASON),
    ("HTTP/1.0 204 No Content\r\nConnection: keep-alive\r\n\r\n", Kept(204, ""), Takes, NO_REASON),
    ("HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n", Kept(204, ""), Takes, NO_REASON),
    ("HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n", Spent(204, ""), Takes, NO_REASON),
    ("HTTP/1.1 304 Not Modified\r\n\r\n", Kept(304, ""), Takes, NO_REASON),
    ("HTTP/1.1 304 Not Modified\r\nContent-Length: 10\r\n\r\n", Spent(304, ""), Takes, NO_REASON),
    ("HTTP/1.1 304 Not Modified\r\nTransfer-Encoding: chunked\r\n\r\n", Spent(304, ""), Takes, NO_REASON),
    (
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 404 Not Found\r\nContent-Length: 4\r\n\r\ngone",
        Kept(404, "gone"),
        Takes,
        NO_REASON,
    ),
    (
        "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\nLink: </b>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
        Kept(200, "ok"),
        Takes,
        NO_REASON,
    ),
    (
        "HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
        Kept(200, "ok"),
        Takes,
        NO_REASON,
    ),
    ("HTTP/1.1 100 Continue\r\n\r\n", Refused(CUT), Refuses, NO_REASON),
    (
        "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: h2c\r\n\r\nproto",
        Refused(SWITCH),
        Takes,
        "nobody asked for another protocol",
    ),
    (
        "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: h2c\r\nContent-Length: 4\r\n\r\nbodyproto",
        Refused(SWITCH),
        Takes,
        "likewise",
    ),
    ("HTTP/1.1 200 OK\r\nConnection: upgrade\r\nUpgrade: h2c\r\n\r\nbody", Spent(200, "body"), Takes, NO_REASON),
    (
        "HTTP/1.1 200 OK\r\nConnection: upgrade\r\nUpgrade: h2c\r\nContent-Length: 4\r\n\r\nbody",
        Kept(200, "body"),
        Takes,
        NO_REASON,
    ),
    (
        "HTTP/1.1 200 OK\r\nConnection: upgrade\r\nUpgrade: h2c\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n0\r\n\r\n",
        Kept(200, "body"),
        Takes,
        NO_REASON,
    ),
];

/// In answer to a `HEAD`.
const TO_HEAD: &[Case] = &[
    ("HTTP/1.1 200 OK\r\n\r\n", Kept(200, ""), Takes, NO_REASON),
    ("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", Kept(200, ""), Takes, NO_REASON),
    ("HTTP/1.1 200 OK\r\nContent-Length: 123\r\n\r\n", Spent(200, ""), Takes, NO_REASON),
    ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", Spent(200, ""), Takes, NO_REASON),
    ("HTTP/1.1 404 Not Found\r\nContent-Length: 9\r\n\r\n", Spent(404, ""), Takes, NO_REASON),
    ("HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n", Refused(LENGTH), Refuses, NO_REASON),
];

/// Every case with its whole response, and whether it answers a `HEAD`.
fn all() -> impl Iterator<Item = (String, bool, Is, Other, &'static str)> {
    let plain = [STATUS_LINES, LINE_ENDS, HEADERS, LENGTHS, CODINGS, CONNECTIONS];
    let plain = plain.into_iter().flatten().map(|case| (case.0.to_owned(), false, case));
    let chunked = CHUNKS
        .iter()
        .map(|case| (format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{}", case.0), false, case));
    let to_head = TO_HEAD.iter().map(|case| (case.0.to_owned(), true, case));
    plain.chain(chunked).chain(to_head).map(|(response, to_head, case)| (response, to_head, case.1, case.2, case.3))
}

fn call(to_head: bool) -> Call<'static> {
    let method = if to_head { Method::Head } else { Method::Get };
    Call { method, data_type: "text", ..Call::default() }
}

#[track_caller]
fn assert_is(to_head: bool, pieces: &[&[u8]], is: Is, kept: bool) {
    let found = answer_in(&call(to_head), pieces, HttpReader::BUFFER);
    let shown = pieces.concat().escape_ascii().to_string();
    match is {
        Kept(status, body) | Spent(status, body) => {
            let found = found.unwrap_or_else(|refusal| panic!("{refusal}: {shown}"));
            let value: serde_json::Value = serde_json::from_slice(&found.envelope).unwrap();
            assert_eq!((found.status, value["data"].as_str()), (status, Some(body)), "{shown}");
            assert_eq!(found.keeps_alive, kept, "{shown}");
        }
        Refused(reason) => {
            let refusal = found.map(|answer| answer.status).expect_err(&shown);
            assert_eq!(refusal.to_string(), format!("-501001 resource system error: {reason}"), "{shown}");
        }
    }
}

#[test]
fn each_is_what_it_is_whole_and_a_byte_at_a_time() {
    assert!(all().count() >= 100);
    for (response, to_head, is, _, _) in all() {
        let response = response.as_bytes();
        let kept = matches!(is, Kept(..));
        assert_is(to_head, &[response], is, kept);
        assert_is(to_head, &response.chunks(1).collect::<Vec<_>>(), is, kept);
        for at in 0..response.len() {
            let (first, second) = response.split_at(at);
            assert_is(to_head, &[first, second], is, kept);
        }
    }
}

/// What comes behind a response, along with it, is no part of it, and nothing more is sent on that connection. llhttp
/// refuses it behind one that closes the connection; here the response stands, since it is whole.
#[test]
fn what_comes_behind_changes_nothing_but_the_connection() {
    for (response, to_head, is, _, _) in all() {
        let is_whole = answer(&call(to_head), response.as_bytes()).is_ok();
        // One that lasts until the connection ends has nothing behind it.
        let until_close = !to_head
            && matches!(is, Spent(status, _) if !matches!(status, 204 | 304))
            && !response.to_ascii_lowercase().contains("content-length");
        if is_whole && !until_close {
            for behind in ["\r\n", "x", "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nforged"] {
                assert_is(to_head, &[format!("{response}{behind}").as_bytes()], is, false);
            }
        }
    }
}

/// A difference has a reason, and a reason is for a difference.
#[test]
fn the_reasons_are_those_of_differences() {
    for (response, _, is, other, reason) in all() {
        let differs = matches!(is, Refused(_)) != (other == Refuses);
        assert_eq!(differs, !reason.is_empty(), "{}", response.escape_debug());
    }
}

/// The heads that are taken here are heads to httparse too, with the same status.
#[test]
fn httparse_takes_the_heads_that_are_taken_here() {
    for (response, _, is, _, _) in all() {
        let (Kept(status, _) | Spent(status, _)) = is else { continue };
        let mut rest = response.as_bytes();
        let last = loop {
            let mut lines = [httparse::EMPTY_HEADER; 16];
            let mut head = httparse::Response::new(&mut lines);
            let parsed = head.parse(rest).unwrap_or_else(|error| panic!("{error}: {}", response.escape_debug()));
            let httparse::Status::Complete(length) = parsed else { panic!("cut: {}", response.escape_debug()) };
            rest = &rest[length..];
            if head.code >= Some(200) {
                break head.code;
            }
        };
        assert_eq!(last, Some(status), "{}", response.escape_debug());
    }
}
