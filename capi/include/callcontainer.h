/*
 * callcontainer: calls to WeChat Cloud Run (wx.cloud.callContainer), for C.
 *
 * The codec and the client for firmware, and what a gateway needs. No heap, no global state, no
 * I/O of its own: all memory is the caller's, and bytes go through functions of the caller's.
 * README.md beside this file's source shows a call in thirty lines.
 *
 * RULES THAT HOLD FOR ALL FUNCTIONS
 *
 * Results. A function returns CC_OK, CC_END where it says so, or one of CC_ERR_...; nothing else
 *   is to be relied on: test for CC_OK. Results in memory are written with CC_OK alone, unless
 *   something else is said; a buffer that was given holds anything after an error. A place `error`
 *   may be NULL; otherwise it is written in any case.
 * Errors of use. CC_ERR_ARGUMENT: a pointer is NULL that must not be, or is misaligned; a length
 *   is over PTRDIFF_MAX or the memory would wrap around; a buffer, or the window of the object,
 *   overlaps with what the function is given to read, or with its place for a length; a number is
 *   none of its enumeration. CC_ERR_STATE: an object was not initialised (zeroed memory
 *   is enough to be told), has been copied or moved, is in use by a function that is still
 *   running, such as the one that has called your callback; or the function is out of turn. Nothing
 *   has changed then. All of this is of every function, and is not repeated below.
 * Memory. A pointer with a length of 0 may be NULL. What a pointer points to must be there, and
 *   not change, while the function runs. What must be so for longer, or is borrowed, is said.
 * Objects, such as cc_client, are memory of the caller's, and opaque. They must not be copied or
 *   moved once they have been initialised. Initialising one again is allowed at any time when
 *   nothing uses it; so not from a callback of its own, which nobody can tell. None must be freed.
 * From where. Any function may be called from any thread, task or interrupt handler, as long as
 *   no two at a time have the same object. Those that call a transport or another callback wait as
 *   long as it waits; they are marked with [waits], and have no place in an interrupt handler. No
 *   other function waits.
 * Strings are UTF-8, and are not terminated.
 *
 * WHAT MAY BE RELIED ON
 *
 * The numbers here never change their meaning, structs never change their members or sizes, and
 * functions keep their arguments, as long as CC_ABI is the same. A newer library may have more
 * functions and more numbers: so a program that was compiled with this header works with it, if it
 * treats an unknown number like the others of its kind (an error as an error, an event as one to
 * be skipped). cc_abi_version() == CC_ABI says at run time that the library fits the header.
 */
#ifndef CALLCONTAINER_H
#define CALLCONTAINER_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The version of the library that this header came with, and that of the interface. */
#define CC_VERSION_MAJOR 0
#define CC_VERSION_MINOR 1
#define CC_VERSION_PATCH 0
#define CC_VERSION "0.1.0"
#define CC_ABI 1

/* Returns the CC_ABI of the library that is linked. */
uint32_t cc_abi_version(void);

/* ------------------------------------------------------------------------------------------
 * Limits, in bytes unless something else is said.
 * ------------------------------------------------------------------------------------------ */

#define CC_REQUEST_LIMIT 102400u  /* a request envelope (the platform's) */
#define CC_REPLY_LIMIT 1024000u   /* a reply envelope (the platform's) */
#define CC_TIMEOUT_LIMIT 15000u   /* a timeout, in milliseconds (the platform's) */
#define CC_DEPTH_LIMIT 128u       /* nested objects and arrays */
#define CC_HEADERS_LIMIT 64u      /* headers */
#define CC_NAME_LIMIT 128u        /* an environment, appid, service, call ID, header name, ... */
#define CC_PATH_LIMIT 8192u       /* a path */
#define CC_DECODER_WINDOW_MIN 16u /* the window of a cc_decoder */
#define CC_WINDOW_MIN 64u         /* the window of anything else */

/* ------------------------------------------------------------------------------------------
 * Results and errors
 * ------------------------------------------------------------------------------------------ */

typedef int32_t cc_result;

enum {
    CC_OK = 0,
    CC_END = -1, /* no error, but nothing more */

    /* In an envelope, or a part of one. cc_error.offset is the byte: when decoding, from the
     * start of the envelope; when encoding, from the start of the part that is refused. The
     * wire format (src/wire-format.md) defines each. */
    CC_ERR_REQUEST_TOO_LARGE = 1,
    CC_ERR_REPLY_TOO_LARGE = 2,
    CC_ERR_TOO_DEEP = 3,
    CC_ERR_TOO_MANY_HEADERS = 4,
    CC_ERR_TOO_LONG = 5,
    CC_ERR_BUFFER_TOO_SMALL = 6,
    CC_ERR_UNEXPECTED_END = 7,
    CC_ERR_UNEXPECTED_BYTE = 8,
    CC_ERR_INVALID_NUMBER = 9,
    CC_ERR_INVALID_LITERAL = 10,
    CC_ERR_CONTROL_CHARACTER = 11,
    CC_ERR_INVALID_ESCAPE = 12,
    CC_ERR_LONE_SURROGATE = 13,
    CC_ERR_INVALID_UTF8 = 14,
    CC_ERR_TRAILING_DATA = 15,
    CC_ERR_WRONG_TYPE = 16,
    CC_ERR_DUPLICATE_KEY = 17,
    CC_ERR_MISSING_ENV = 18,
    CC_ERR_MISSING_PATH = 19,
    CC_ERR_MISSING_FIELD = 20,
    CC_ERR_INVALID_PATH = 21,
    CC_ERR_INVALID_METHOD = 22,
    CC_ERR_INVALID_NAME = 23,
    CC_ERR_INVALID_HEADER_NAME = 24,
    CC_ERR_INVALID_HEADER_VALUE = 25,
    CC_ERR_DUPLICATE_HEADER = 26,
    CC_ERR_FORBIDDEN_HEADER = 27,
    CC_ERR_SERVICE_CONFLICT = 28,
    CC_ERR_INVALID_TIMEOUT = 29,
    CC_ERR_TIMEOUT_TOO_LONG = 30,
    CC_ERR_INVALID_RESPONSE_TYPE = 31,
    CC_ERR_INVALID_STATUS = 32,
    CC_ERR_INVALID_ERROR_CODE = 33,
    CC_ERR_INVALID_BASE64 = 34,
    CC_ERR_INVALID_BUFFER_KEY = 35,
    CC_ERR_DATA_CONFLICT = 36,
    CC_ERR_INVALID_CHECK = 37,
    CC_ERR_BODY_LENGTH = 38,

    /* Wrong use: see the rules above. */
    CC_ERR_ARGUMENT = 100,
    CC_ERR_STATE = 101,

    /* Of a call. */
    CC_ERR_NOT_INITIALISED = 110, /* no connection yet; nothing was sent */
    CC_ERR_NOT_REUSABLE = 111,    /* the connection is spent; nothing was sent */
    CC_ERR_REQUEST = 112,         /* the request is not valid (cause, offset); nothing was sent */
    CC_ERR_WRITE = 113,           /* not sent completely (cause: CC_ERR_IO with io,
                                     CC_ERR_WRITE_ZERO, CC_ERR_BODY with io, or one of an
                                     envelope; written: bytes that were sent) */
    CC_ERR_NO_ANSWER = 114,       /* sent, but the connection ended, or failed (cause CC_ERR_IO,
                                     io), before the answer; the service may have run */
    CC_ERR_IO = 115,              /* the connection failed in the answer (io) */
    CC_ERR_UNEXPECTED_EOF = 116,  /* the connection ended in the answer */
    CC_ERR_HTTP = 117,            /* the answer is not valid HTTP (cause: CC_ERR_HTTP_HEAD, ...) */
    CC_ERR_HTTP_STATUS = 118,     /* the answer has a status other than 200, and is no reply
                                     (status, retry_after) */
    CC_ERR_REPLY = 119,           /* the reply is not valid, or is larger than the buffer
                                     (cause, offset) */
    CC_ERR_FOREIGN_REPLY = 120,   /* the reply is not that of this call */
    CC_ERR_CONNECT = 121,         /* connecting failed (io) */
    CC_ERR_WRITE_ZERO = 122,      /* the transport takes nothing more */
    CC_ERR_BODY = 123,            /* the body could not be read */

    /* Of a gateway: the cc_refusal says why. */
    CC_ERR_REFUSED = 130,

    /* Causes of CC_ERR_HTTP and CC_ERR_REFUSED. */
    CC_ERR_HTTP_HEAD = 200,
    CC_ERR_HTTP_HEAD_TOO_LONG = 201,
    CC_ERR_HTTP_TOO_MANY_HEADERS = 202,
    CC_ERR_HTTP_TOO_MANY_INTERIM = 203,
    CC_ERR_HTTP_SWITCHED = 204,
    CC_ERR_HTTP_LENGTH = 205,
    CC_ERR_HTTP_CHUNK = 206,
    CC_ERR_HTTP_CHUNK_TOO_LONG = 207,
    CC_ERR_HTTP_TRUNCATED = 208,
    CC_ERR_HTTP_CODED = 209
};

/* cc_error.retry_after when there is none. */
#define CC_NO_RETRY_AFTER UINT32_MAX

/* An error in full. Members that the kind does not mention are 0. */
typedef struct cc_error {
    int32_t kind;         /* what the function returned, CC_OK included */
    int32_t cause;        /* in detail */
    size_t offset;        /* the byte at which it is; for CC_ERR_BUFFER_TOO_SMALL, the size */
    size_t written;       /* bytes that were sent */
    int32_t io;           /* the transport's own error number, or one of CC_IO_... */
    uint32_t status;      /* an HTTP status */
    uint32_t retry_after; /* in seconds, or CC_NO_RETRY_AFTER */
    uint32_t reserved;
} cc_error;

/* Returns the name of an error, such as "too-deep", or a sentence about it: terminated, and
 * there for ever; for an unknown number too. */
const char *cc_error_name(int32_t kind);
const char *cc_error_text(int32_t kind);

/* Gives the platform's errCode for an error, with which it would answer such a request. CC_END: it
 * has none. */
cc_result cc_error_code(int32_t kind, int32_t *code);

/* Codes of the platform: cc_reply.code. Any other number is as valid. */
enum {
    CC_CODE_NOT_INITIALISED = -1,
    CC_CODE_REQUEST_TIMEOUT = 102002,
    CC_CODE_INVALID_METHOD = 102005,
    CC_CODE_ILLEGAL_PARAMETER = 40097,
    CC_CODE_ACCESS_DENIED = -501000,
    CC_CODE_CLOUD_SYSTEM_ERROR = -501001,
    CC_CODE_REQUEST_TOO_LARGE = -606001,
    CC_CODE_RESPONSE_TOO_LARGE = -606002,
    CC_CODE_NOT_ACTIVATED = -601034,
    CC_CODE_POLL_RETRY_EXCEEDED = -405005,
    CC_CODE_RESULT_EXPIRED = -405010,
    CC_CODE_TOO_MANY_REQUESTS = -405015
};

/* ------------------------------------------------------------------------------------------
 * Strings and data
 * ------------------------------------------------------------------------------------------ */

/* A string as it is. ptr NULL: no string, where one may be left out. */
typedef struct cc_str {
    const char *ptr;
    size_t len;
} cc_str;

/* What the bytes of a text or of data are. */
enum {
    CC_PLAIN = 0,   /* the text or bytes themselves */
    CC_ESCAPED = 1, /* the inside of a JSON string, with its escapes */
    CC_BASE64 = 2   /* base64; CC_BASE64 | CC_ESCAPED: inside of a JSON string, with escapes */
};

/* A text: given by the caller, or a span of an envelope, which it borrows. ptr NULL: none. */
typedef struct cc_text {
    const char *ptr;
    size_t len;
    int32_t form; /* CC_PLAIN or CC_ESCAPED */
} cc_text;

/* A string literal as a cc_str or a cc_text; the second set is for initialisers. */
#ifndef __cplusplus
#define CC_STR(literal) ((cc_str)CC_STR_INIT(literal))
#define CC_TEXT(literal) ((cc_text)CC_TEXT_INIT(literal))
#else
#define CC_STR(literal) (cc_str CC_STR_INIT(literal))
#define CC_TEXT(literal) (cc_text CC_TEXT_INIT(literal))
#endif
#define CC_STR_INIT(literal) {"" literal, sizeof("" literal) - 1}
#define CC_TEXT_INIT(literal) {"" literal, sizeof("" literal) - 1, CC_PLAIN}

/* Gives the length of a text in bytes once it is unescaped; or that which it takes in an envelope,
 * without its quotes. Errors: those of a string in an envelope, for a text of the caller's. */
cc_result cc_text_len(const cc_text *text, size_t *len);
cc_result cc_text_encoded_len(const cc_text *text, size_t *len);

/* Writes a text, unescaped. Gives its length in any case that is not an error of the text, so also
 * with CC_ERR_BUFFER_TOO_SMALL. What stands behind the text in the buffer may change. */
cc_result cc_text_decode(const cc_text *text, char *buffer, size_t size, size_t *len,
                         cc_error *error);

/* Gives 1 if a text is this string, whatever is escaped in it, and 0 otherwise. */
cc_result cc_text_eq(const cc_text *text, cc_str other, int32_t *equal);

/* Writes bytes as base64 (RFC 4648, section 4), or base64 as bytes. Gives the length also with
 * CC_ERR_BUFFER_TOO_SMALL. Decoding: CC_ERR_INVALID_BASE64. */
cc_result cc_base64_encode(const uint8_t *input, size_t input_len, char *buffer, size_t size,
                           size_t *len, cc_error *error);
cc_result cc_base64_decode(const char *input, size_t input_len, uint8_t *buffer, size_t size,
                           size_t *len, cc_error *error);

/* The bytes that so many bytes take as base64: a constant expression. */
#define CC_BASE64_LEN(bytes) (((size_t)(bytes) + 2) / 3 * 4)

enum { CC_DATA_NONE = 0, CC_DATA_TEXT = 1, CC_DATA_JSON = 2, CC_DATA_BYTES = 3 };

/* The payload of a request or response: none, if all members are 0. What was received is read from
 * the members. With CC_PLAIN, ptr and len are the text, JSON or bytes. */
typedef struct cc_data {
    const void *ptr;
    size_t len;
    int32_t kind; /* CC_DATA_... */
    int32_t form; /* text: CC_PLAIN, CC_ESCAPED; JSON: CC_PLAIN; bytes: CC_PLAIN, CC_BASE64, and
                     CC_BASE64 | CC_ESCAPED */
    const void *sender[2]; /* of the library */
} cc_data;

/* What is sent is made by one of these, which borrow it and cannot fail: what is wrong with it is an
 * error of the function that sends it. Each brings the code for its kind alone into a program. Data
 * that none of them has made, such as what was received, are CC_ERR_ARGUMENT when they are sent; do
 * not write a sender of your own, and change no member. NULL with a length of 0 is empty text or no
 * bytes, and no JSON. */
cc_data cc_data_text(const char *text, size_t len);     /* UTF-8, escaped by the library */
cc_data cc_data_json(const char *json, size_t len);     /* one value; a string is text */
cc_data cc_data_bytes(const void *bytes, size_t len);   /* base64 is made by the library */
cc_data cc_data_base64(const char *base64, size_t len); /* bytes, in base64 already */
cc_data cc_data_again(const cc_data *data);             /* of any kind and form, as received */

/* Gives the length of data once they are decoded, or writes them: text unescaped, JSON as it is
 * written, bytes out of base64. The length is given also with CC_ERR_BUFFER_TOO_SMALL. What stands
 * behind them in the buffer may change. Errors: those of an envelope, for data of the caller's. */
cc_result cc_data_len(const cc_data *data, size_t *len);
cc_result cc_data_decode(const cc_data *data, void *buffer, size_t size, size_t *len,
                         cc_error *error);

typedef struct cc_header {
    cc_str name;
    cc_str value; /* no string: CC_ERR_ARGUMENT; write "" */
} cc_header;

/* Headers, in order. To give some, set array and count; the array is borrowed. To read, iterate:
 * those of an envelope have no array, and borrow the envelope. */
typedef struct cc_headers {
    const cc_header *array;
    size_t count;
    const void *decoded[3]; /* of the library */
    uint32_t magic;         /* of the library; 0 */
} cc_headers;

typedef struct cc_headers_iter {
    const void *state[6];
    uint32_t magic;
} cc_headers_iter;

/* Gives the next header, the first one for an iterator of zeros: `cc_headers_iter iter = {{0}, 0}`.
 * CC_END: there is none. Name and value borrow what the headers do. */
cc_result cc_headers_next(const cc_headers *headers, cc_headers_iter *iter, cc_text *name,
                          cc_text *value);

/* Gives the value of a header; its letter case does not matter. CC_END: there is none. */
cc_result cc_headers_get(const cc_headers *headers, cc_str name, cc_text *value);

/* Cookies, as headers. */
typedef struct cc_cookies {
    const cc_str *array;
    size_t count;
    const void *decoded[3];
    uint32_t magic;
} cc_cookies;

typedef struct cc_cookies_iter {
    const void *state[6];
    uint32_t magic;
} cc_cookies_iter;

cc_result cc_cookies_next(const cc_cookies *cookies, cc_cookies_iter *iter, cc_text *cookie);

/* ------------------------------------------------------------------------------------------
 * Requests
 * ------------------------------------------------------------------------------------------ */

enum {
    CC_GET = 0,
    CC_POST = 1,
    CC_PUT = 2,
    CC_DELETE = 3,
    CC_HEAD = 4,
    CC_OPTIONS = 5,
    CC_TRACE = 6,
    CC_CONNECT = 7
};

/* Returns the name of a method, terminated; NULL for another number. */
const char *cc_method_name(int32_t method);

enum { CC_RESPONSE_TEXT = 0, CC_RESPONSE_ARRAYBUFFER = 1 };

/* cc_request.timeout_ms of a decoded request that asks for more than is allowed. */
#define CC_TIMEOUT_NO_EFFECT UINT32_MAX

/* A request. Zeros are the defaults: set the path and whatever else is wanted. Encoding copies all
 * that it points to; decoding lets it borrow the envelope. */
typedef struct cc_request {
    cc_text env;            /* config.env */
    cc_text resource_appid; /* resourceAppid and */
    cc_text resource_env;   /* resourceEnv: an environment of another app */
    cc_text path;           /* required; with the query */
    cc_text service;        /* decoded: that of the header X-WX-SERVICE, if it is only there */
    cc_text data_type;      /* json is the default */
    cc_text call_id;        /* a client fills it in */
    cc_headers headers;
    cc_data data;
    int32_t method;        /* CC_GET, ... */
    int32_t response_type; /* CC_RESPONSE_... */
    uint32_t timeout_ms;   /* 0: none */
} cc_request;

/* Decodes an envelope of at most `limit` bytes; CC_REQUEST_LIMIT is the most in any case. The
 * request borrows the envelope. Errors: those of envelopes. */
cc_result cc_request_decode(const uint8_t *envelope, size_t len, size_t limit,
                            cc_request *request, cc_error *error);

/* Gives the exact length of the envelope. Errors: those of envelopes. */
cc_result cc_request_measure(const cc_request *request, size_t *len, cc_error *error);

/* Writes the envelope, and gives its length. Errors: those of envelopes;
 * CC_ERR_BUFFER_TOO_SMALL. */
cc_result cc_request_encode(const cc_request *request, uint8_t *buffer, size_t size, size_t *len,
                            cc_error *error);

/* The greatest length of a request whose parts are so long at most: a constant expression, so that
 * it can be the size of an array. Encoding such a request into one never fails for its size.
 *
 *     uint8_t buffer[CC_REQUEST_MAX(CC_MAX_ENV(16) + CC_MAX_PATH(32) + CC_MAX_JSON(200))];
 *
 * Lengths are those of the texts in bytes; of JSON, without white space between its tokens. Of
 * text, JSON and bytes a request has one. CC_MAX_HEADERS is for so many headers, each with a name
 * and a value so long at most. What is left out of the sum is left out of the request; method,
 * timeout and response type are always counted. */
#define CC_REQUEST_MAX(parts) (65 + (size_t)(parts))
#define CC_MAX_ENV(len) (2 * (size_t)(len) + 20)
#define CC_MAX_RESOURCE_APPID(len) (2 * (size_t)(len) + 19)
#define CC_MAX_RESOURCE_ENV(len) (2 * (size_t)(len) + 17)
#define CC_MAX_PATH(len) (2 * (size_t)(len) + 9)
#define CC_MAX_SERVICE(len) (2 * (size_t)(len) + 13)
#define CC_MAX_DATA_TYPE(len) (2 * (size_t)(len) + 14)
#define CC_MAX_CALL_ID(len) (2 * (size_t)(len) + 12)
#define CC_MAX_HEADERS(count, name, value) \
    ((size_t)(count) * (2 * (size_t)(value) + (size_t)(name) + 6) + 11)
#define CC_MAX_TEXT(len) (6 * (size_t)(len) + 10)
#define CC_MAX_JSON(len) ((size_t)(len) + 8)
#define CC_MAX_BYTES(len) (CC_BASE64_LEN(len) + 49)

/* ------------------------------------------------------------------------------------------
 * Replies
 * ------------------------------------------------------------------------------------------ */

enum { CC_RESPONSE = 1, CC_FAILURE = 2 };

/* A reply: what the service has answered, or why there is no answer. A failure that is sent and has
 * headers, cookies or data is CC_ERR_ARGUMENT. */
typedef struct cc_reply {
    int32_t kind;   /* CC_RESPONSE or CC_FAILURE */
    int32_t status; /* of a response */
    int32_t code;   /* of a failure: errCode or errno; cc_reply_code finds one in errMsg too */
    int32_t has_code;
    cc_text err_msg; /* a response: none for cloud.callContainer:ok */
    cc_text call_id; /* a failure: not one that is only in errMsg */
    cc_headers headers;
    cc_cookies cookies;
    cc_data data;
} cc_reply;

/* As for requests, with CC_REPLY_LIMIT. */
cc_result cc_reply_decode(const uint8_t *envelope, size_t len, size_t limit, cc_reply *reply,
                          cc_error *error);
cc_result cc_reply_measure(const cc_reply *reply, size_t *len, cc_error *error);
cc_result cc_reply_encode(const cc_reply *reply, uint8_t *buffer, size_t size, size_t *len,
                          cc_error *error);

/* Gives the code of a failure: errCode or errno, or else the one in its errMsg. CC_END: there is
 * none. */
cc_result cc_reply_code(const cc_reply *reply, int32_t *code);

/* An errMsg taken apart. */
typedef struct cc_message {
    cc_text text;    /* what it says */
    cc_text call_id; /* none, or the ID in it */
    cc_text trace;   /* none, or the trace in it */
    int32_t code;    /* the innermost */
    int32_t has_code;
} cc_message;

/* Takes an errMsg apart; the parts borrow it. */
cc_result cc_message_parse(const cc_text *err_msg, cc_message *message);

/* Gives the platform's message for a code: there for ever. CC_END: it has none, or several. */
cc_result cc_code_message(int32_t code, cc_str *message);

/* ------------------------------------------------------------------------------------------
 * Advice to repeat a call
 * ------------------------------------------------------------------------------------------ */

typedef struct cc_retry {
    uint32_t delay_ms; /* how long to wait before */
    uint32_t at_most;  /* how often; 0: not at all */
} cc_retry;

/* Give the advice for a call with this method that came to this. */
cc_result cc_retry_of_error(const cc_error *error, int32_t method, cc_retry *retry);
cc_result cc_retry_of_reply(const cc_reply *reply, int32_t method, cc_retry *retry);
cc_result cc_retry_of_code(int32_t code, int32_t method, cc_retry *retry);

/* ------------------------------------------------------------------------------------------
 * Objects: opaque memory. The sizes are those of the library for this width of pointers.
 * ------------------------------------------------------------------------------------------ */

#if UINTPTR_MAX > 0xFFFFFFFFu
#define CC_WORDS(wide, narrow) wide
#else
#define CC_WORDS(wide, narrow) narrow
#endif

/* In units of 8 bytes. */
#define CC_DECODER_WORDS CC_WORDS(136, 112)
#define CC_ENCODER_WORDS CC_WORDS(72, 48)
#define CC_MEASURE_WORDS CC_WORDS(24, 18)
#define CC_FRAMING_WORDS CC_WORDS(14, 8)
#define CC_CLIENT_WORDS CC_WORDS(48, 32)
#define CC_CALL_WORDS CC_WORDS(224, 160)
#define CC_GATE_WORDS CC_WORDS(80, 48)
#define CC_READER_WORDS CC_WORDS(64, 40)

typedef struct cc_decoder { uint64_t opaque[CC_DECODER_WORDS]; } cc_decoder;
typedef struct cc_encoder { uint64_t opaque[CC_ENCODER_WORDS]; } cc_encoder;
typedef struct cc_measure { uint64_t opaque[CC_MEASURE_WORDS]; } cc_measure;
typedef struct cc_framing { uint64_t opaque[CC_FRAMING_WORDS]; } cc_framing;
typedef struct cc_client { uint64_t opaque[CC_CLIENT_WORDS]; } cc_client;
typedef struct cc_call { uint64_t opaque[CC_CALL_WORDS]; } cc_call;
typedef struct cc_gate { uint64_t opaque[CC_GATE_WORDS]; } cc_gate;
typedef struct cc_reader { uint64_t opaque[CC_READER_WORDS]; } cc_reader;

/* ------------------------------------------------------------------------------------------
 * Streams, without I/O: an envelope of any size through a window of a few hundred bytes
 * ------------------------------------------------------------------------------------------ */

enum {
    CC_EVENT_NONE = 0,          /* nothing that this header knows: skip it */
    CC_EVENT_MORE = 1,          /* more bytes are needed: fill the window and commit */
    CC_EVENT_END = 2,           /* the envelope is complete and valid */
    CC_EVENT_TEXT = 3,          /* a piece (text) of a field (field); last */
    CC_EVENT_DATA = 4,          /* the body begins; number: CC_DATA_... */
    CC_EVENT_JSON = 5,          /* a piece (text.ptr, text.len) of a JSON body; last */
    CC_EVENT_BYTES = 6,         /* a piece of a body of bytes, out of base64; last */
    CC_EVENT_METHOD = 7,        /* number: CC_GET, ... */
    CC_EVENT_TIMEOUT = 8,       /* (uint32_t)number: milliseconds, or CC_TIMEOUT_NO_EFFECT */
    CC_EVENT_RESPONSE_TYPE = 9, /* number: CC_RESPONSE_... */
    CC_EVENT_STATUS = 10,       /* number */
    CC_EVENT_ERR_CODE = 11,     /* number; 0 is no failure */
    CC_EVENT_ERRNO = 12         /* number: another name for errCode */
};

enum {
    CC_FIELD_NONE = 0,
    CC_FIELD_ENV = 1,
    CC_FIELD_RESOURCE_APPID = 2,
    CC_FIELD_RESOURCE_ENV = 3,
    CC_FIELD_PATH = 4,
    CC_FIELD_SERVICE = 5,
    CC_FIELD_HEADER_NAME = 6,
    CC_FIELD_HEADER_VALUE = 7,
    CC_FIELD_DATA_TYPE = 8,
    CC_FIELD_CALL_ID = 9,
    CC_FIELD_DATA = 10,
    CC_FIELD_COOKIE = 11,
    CC_FIELD_ERR_MSG = 12
};

/* A part of an envelope. Its text borrows the window, until the next function of its object. What
 * it says is tentative until CC_EVENT_END. */
typedef struct cc_event {
    cc_text text;
    int32_t kind;
    int32_t field;
    int32_t last;
    int32_t number;
} cc_event;

/* How a reply ended. */
typedef struct cc_outcome {
    int32_t kind;   /* CC_RESPONSE or CC_FAILURE */
    int32_t status; /* of a response */
    int32_t code;   /* of a failure */
    int32_t has_code;
} cc_outcome;

/* Initialise a decoder for one message. The window, of at least CC_DECODER_WINDOW_MIN bytes, is
 * the decoder's as long as it is used. Errors: CC_ERR_BUFFER_TOO_SMALL. */
cc_result cc_request_decoder_init(cc_decoder *decoder, uint8_t *window, size_t size,
                                  cc_error *error);
cc_result cc_reply_decoder_init(cc_decoder *decoder, uint8_t *window, size_t size,
                                cc_error *error);

/* Sets a lower limit, or the length of the message, if it is known. At the beginning only. */
cc_result cc_decoder_set_limit(cc_decoder *decoder, size_t limit);
cc_result cc_decoder_set_length(cc_decoder *decoder, size_t length);

/* Gives where the next bytes go: not empty after CC_EVENT_MORE. */
cc_result cc_decoder_window(cc_decoder *decoder, uint8_t **room, size_t *len);

/* Says that so many bytes were put there, at most its length; or that the message has ended. */
cc_result cc_decoder_commit(cc_decoder *decoder, size_t count);
cc_result cc_decoder_end(cc_decoder *decoder);

/* Gives 1 once the whole message has been committed, and 0 before. */
cc_result cc_decoder_is_ended(cc_decoder *decoder, int32_t *ended);

/* Goes on to the next event. Errors: those of envelopes, the same again with each further step; the
 * rest of the message may still be committed, and is not looked at. */
cc_result cc_decoder_step(cc_decoder *decoder, cc_event *event, cc_error *error);

/* Passes over the rest of the text or body of the last event: it is checked, and not told. */
cc_result cc_decoder_skip(cc_decoder *decoder);

/* Gives how a reply ended, after CC_EVENT_END; before, or of a request: CC_ERR_STATE. */
cc_result cc_decoder_outcome(cc_decoder *decoder, cc_outcome *outcome);

/* A body that is given piece by piece. */
typedef struct cc_body {
    size_t len;       /* in the envelope: of text, cc_text_encoded_len; of JSON, without white space
                         between tokens; of bytes, their number. A cc_measure finds it out. */
    size_t plain_len; /* of text, by itself, where it differs: for a call without a gateway */
    int32_t kind;     /* CC_DATA_TEXT, CC_DATA_JSON or CC_DATA_BYTES */
} cc_body;

/* What is to be done next. */
enum {
    CC_STEP_DONE = 0,      /* nothing */
    CC_STEP_WRITE = 1,     /* write some of these bytes; say how many: ..._wrote */
    CC_STEP_READ_BODY = 2, /* put a piece of the body here; say how long it is: ..._read_body,
                              cc_encoder_read */
    CC_STEP_READ = 3,      /* receive into this room; say how much came: cc_call_read */
    CC_STEP_EVENT = 4      /* look at the event, and step again */
};

/* ptr borrows the window, until the next function of its object. */
typedef struct cc_step {
    uint8_t *ptr;
    size_t len;
    int32_t kind;
    cc_event event;
} cc_step;

/* Initialise an encoder for one envelope, whose body may be given piece by piece; NULL: it is in
 * the envelope. The window, of at least CC_WINDOW_MIN bytes, is the encoder's as long as it is
 * used, and all that the request or reply points to must be there, and not change, for as long:
 * a step is CC_ERR_BODY_LENGTH when it has another length than at first. Errors: those of envelopes, CC_ERR_DATA_CONFLICT if there are data and a body; CC_ERR_BUFFER_TOO_SMALL. */
cc_result cc_request_encoder_init(cc_encoder *encoder, const cc_request *request,
                                  const cc_body *body, uint8_t *window, size_t size,
                                  cc_error *error);
cc_result cc_reply_encoder_init(cc_encoder *encoder, const cc_reply *reply, const cc_body *body,
                                uint8_t *window, size_t size, cc_error *error);

/* Gives what is to be done next: CC_STEP_WRITE, CC_STEP_READ_BODY or CC_STEP_DONE; the same again
 * until it has been done. Errors: that of the body. */
cc_result cc_encoder_step(cc_encoder *encoder, cc_step *step, cc_error *error);

/* Says that so many bytes were written. More than there were counts as all of them. */
cc_result cc_encoder_wrote(cc_encoder *encoder, size_t count);

/* Says that so many bytes of the body were put into the room; 0: it has ended. Errors: those of
 * envelopes, with the offset in the body; CC_ERR_BODY_LENGTH. */
cc_result cc_encoder_read(cc_encoder *encoder, size_t count, cc_error *error);

/* Gives the length of the envelope, and how much of it has been written; either may be NULL. */
cc_result cc_encoder_len(cc_encoder *encoder, size_t *len, size_t *written);

/* Measure a body that is given piece by piece, through a window of at least CC_WINDOW_MIN bytes.
 * Fill what cc_measure_window gives, say how much with cc_measure_read, and in the end take the
 * body. Errors: those of envelopes; then the measure is void. */
cc_result cc_measure_init(cc_measure *measure, int32_t kind, uint8_t *window, size_t size,
                          cc_error *error);
cc_result cc_measure_window(cc_measure *measure, uint8_t **room, size_t *len);
cc_result cc_measure_read(cc_measure *measure, size_t count, cc_error *error);
cc_result cc_measure_finish(cc_measure *measure, cc_body *body, cc_error *error);

/* ------------------------------------------------------------------------------------------
 * The client
 * ------------------------------------------------------------------------------------------ */

/* Error numbers of the library in place of the transport's own. */
#define CC_IO_TIMED_OUT (INT32_MIN + 1)   /* the deadline has passed */
#define CC_IO_UNSUPPORTED (INT32_MIN + 2) /* the transport has no such function */
#define CC_IO_INVALID (INT32_MIN + 3)     /* a function returned more than it was given */

/* What an error number means. */
enum {
    CC_IO_OTHER = 0,      /* nothing in particular; a serial line goes on after it */
    CC_IO_GONE = 1,       /* the connection is gone: reset, aborted, broken pipe, not connected */
    CC_IO_TIME = 2,       /* the time was up */
    CC_IO_INTERRUPTED = 3 /* nothing has happened: try again at once */
};

/* No limit of time. */
#define CC_FOREVER UINT32_MAX

/* A connection: functions of yours, which get your context. They must not use the client that calls
 * them; if they do, they get CC_ERR_STATE. Error numbers are negative, and your own: the one that a
 * call failed with is cc_error.io. */
typedef struct cc_transport {
    void *context;

    /* Sends some of the bytes, len > 0 of them, and returns how many; 0 if it takes no more; or a
     * negative error number. May wait for timeout_ms at most, or CC_FOREVER. */
    int32_t (*send)(void *context, const uint8_t *bytes, size_t len, uint32_t timeout_ms);

    /* Receives at least one byte and at most len, and returns how many; 0 if the connection has
     * ended; or a negative error number. May wait as send. */
    int32_t (*recv)(void *context, uint8_t *buffer, size_t len, uint32_t timeout_ms);

    /* All that follow may be NULL. */

    /* Connects: called before the first call, and whenever the connection is spent, by
     * cc_client_call_retrying and cc_client_connect. Returns a negative error number if it cannot.
     * NULL: the connection is there when the client is initialised. */
    int32_t (*connect)(void *context);

    /* Closes what is there, if anything: called before connect, and by cc_client_end. */
    void (*close)(void *context);

    /* Waits, between attempts. NULL: an attempt that would have to wait is not made. */
    void (*sleep)(void *context, uint32_t milliseconds);

    /* Returns the time in milliseconds, from any beginning; it may wrap around. NULL: each send and
     * recv may take as long as the whole call. */
    uint32_t (*now)(void *context);

    /* Returns 1 if recv would not wait, so also at the end of the connection, and 0 otherwise.
     * Asked before a call over HTTP, when nothing can be expected: so 1 says that the other end
     * has closed. NULL: not asked. */
    int32_t (*readable)(void *context);

    /* Says what an error number means: CC_IO_... NULL: CC_IO_OTHER. */
    int32_t (*classify)(void *context, int32_t number);
} cc_transport;

/* How calls are sent, and to whom. Each initialises a framing, which borrows the strings.
 *   http            a gateway, over HTTP/1.1; host as in the header Host; token: no string for none
 *   line            a gateway, on a serial line; the second form with a check behind every line
 *   domain          no gateway: the service's own domain
 *   open_api        no gateway: the platform's open HTTP API
 * Errors: CC_ERR_INVALID_HEADER_VALUE for a host or token that is not visible ASCII;
 * CC_ERR_INVALID_NAME for a service. */
cc_result cc_framing_http(cc_framing *framing, cc_str host, cc_str token, cc_error *error);
cc_result cc_framing_line(cc_framing *framing);
cc_result cc_framing_checked_line(cc_framing *framing);
cc_result cc_framing_domain(cc_framing *framing, cc_str host, cc_error *error);
cc_result cc_framing_open_api(cc_framing *framing, cc_str host, cc_str service, cc_str token,
                              cc_error *error);

/* Sends each call over HTTP to this path in place of "/", or with these headers besides; they are
 * borrowed, with the array. Errors: CC_ERR_INVALID_PATH, CC_ERR_INVALID_HEADER_NAME,
 * CC_ERR_INVALID_HEADER_VALUE, CC_ERR_FORBIDDEN_HEADER. */
cc_result cc_framing_set_path(cc_framing *framing, cc_str path, cc_error *error);
cc_result cc_framing_set_headers(cc_framing *framing, const cc_header *headers, size_t count,
                                 cc_error *error);

/* Writes the host of the open HTTP API for an environment, in China or abroad (not 0). Gives the
 * length also with CC_ERR_BUFFER_TOO_SMALL. Errors: CC_ERR_INVALID_NAME, CC_ERR_TOO_LONG. */
cc_result cc_open_api_host(cc_str env, int32_t abroad, char *buffer, size_t size, size_t *len,
                           cc_error *error);

/* How often a call is repeated, and with which waits. Zeros: as the platform advises. Only what
 * may be repeated is, whatever stands here. */
typedef struct cc_retries {
    uint32_t backoff_first_ms; /* waits double, from this one */
    uint32_t backoff_most_ms;  /* up to this one; 0 and 0: the waits of the advice */
    int32_t at_most;           /* 0: as advised, or 10 with a backoff; negative: never */
    int32_t any_method;        /* not 0: the service recognises a call that arrives twice */
    uint32_t made;             /* repetitions so far, counted by cc_retries_next; begin with 0 */
} cc_retries;

/* For a loop of your own. Gives how long to wait before the call is repeated, and counts; CC_END:
 * it is not repeated. Either `error` or `outcome` says what it came to; the other is NULL. */
cc_result cc_retries_next(cc_retries *retries, const cc_error *error, const cc_outcome *outcome,
                          int32_t method, uint32_t *wait_ms);

/* What a hook returns so that no further attempt is made. */
#define CC_GIVE_UP UINT32_MAX

/* What a client is made with: it must be there, and must not change, as long as the client. It may be
 * a constant. */
typedef struct cc_client_options {
    cc_transport transport;
    cc_framing *framing;        /* copied; its strings must be there as long as the client */
    uint8_t *window;            /* the client's as long as it is used */
    size_t window_size;         /* at least CC_WINDOW_MIN; 512 is a good size */
    cc_str env;                 /* for calls that name none */
    cc_str resource_appid;      /* both or none: the same, for resource reuse */
    cc_str resource_env;
    uint64_t first_call;        /* from which the IDs of calls are counted: on a serial line they
                                   must not repeat, so random, or a count of boots in the upper
                                   half */
    cc_retries retries;         /* for cc_client_call_retrying */
    int32_t no_deadlines;       /* not 0: send and recv get CC_FOREVER */
    /* NULL, or called before each repetition: with the number of the attempt that failed, from 1;
     * why (kind CC_OK if it is a reply that advises it); and the proposed wait. Returns the wait
     * in milliseconds, or CC_GIVE_UP. Must not use the client. */
    uint32_t (*hook)(void *context, uint32_t attempt, const cc_error *cause, uint32_t wait_ms);
    void *hook_context;
} cc_client_options;

/* Initialises a client. Nothing is called yet. Errors: CC_ERR_BUFFER_TOO_SMALL for the window. */
cc_result cc_client_init(cc_client *client, const cc_client_options *options, cc_error *error);

/* [waits] Closes the connection and makes it anew. Errors: CC_ERR_CONNECT. */
cc_result cc_client_connect(cc_client *client, cc_error *error);

/* Says that you have made the connection anew yourself. */
cc_result cc_client_connected(cc_client *client);

/* Gives 1 if a call can be made on the connection as it is, and 0 otherwise. */
cc_result cc_client_is_ready(cc_client *client, int32_t *ready);

/* Gives the number from which the ID of the next call is made: first_call of a client that
 * follows. */
cc_result cc_client_next_call(cc_client *client, uint64_t *number);

/* [waits] Makes a call once, on the connection as it is: cc_client_connect makes one. The reply
 * borrows the buffer, which holds the reply's envelope; it must not overlap with the window.
 * Errors: those of calls; those of a request's text, if it is of the caller's and not valid. */
cc_result cc_client_call(cc_client *client, const cc_request *request, uint8_t *buffer,
                         size_t size, cc_reply *reply, cc_error *error);

/* [waits] Makes a call: connects if that is necessary, and repeats the call if that helps and
 * cannot do harm. Errors: as cc_client_call, of the last attempt; CC_ERR_CONNECT. */
cc_result cc_client_call_retrying(cc_client *client, const cc_request *request, uint8_t *buffer,
                                  size_t size, cc_reply *reply, cc_error *error);

/* [waits] Closes the connection, and ends the client. */
cc_result cc_client_end(cc_client *client);

/* A call in pieces: its body, its reply, or both. Until it ends, its client makes no other, and
 * returns CC_ERR_STATE. Starts one; nothing is sent yet. body: NULL, or what is given piece by
 * piece. All that the request points to, and the client, must be there until the call ends.
 * Errors: CC_ERR_REQUEST, CC_ERR_NOT_INITIALISED, CC_ERR_NOT_REUSABLE. */
cc_result cc_call_start(cc_call *call, cc_client *client, const cc_request *request,
                        const cc_body *body, cc_error *error);

/* [waits] Sends the call. read: NULL without a body; or gives a piece of it, of at most len bytes,
 * and returns its length; 0: it has ended; or a negative number, which is cc_error.io. To be
 * called before the reply is received. Errors: CC_ERR_WRITE; CC_ERR_NO_ANSWER. */
cc_result cc_call_send(cc_call *call, int32_t (*read)(void *context, uint8_t *buffer, size_t len),
                       void *context, cc_error *error);

/* [waits] Sends what has not been sent, and receives the whole reply, which borrows the buffer.
 * Then the call is over, and has only to be ended. Errors: those of calls. */
cc_result cc_call_receive(cc_call *call, uint8_t *buffer, size_t size, cc_reply *reply,
                          cc_error *error);

/* [waits] Sends what has not been sent, and gives the next event of the reply; CC_EVENT_END, at
 * the end: then it is valid, and that of the call. Errors: those of calls. */
cc_result cc_call_next(cc_call *call, cc_event *event, cc_error *error);

/* Gives what is to be done next, without waiting: CC_STEP_WRITE, CC_STEP_READ_BODY, CC_STEP_READ,
 * CC_STEP_EVENT or CC_STEP_DONE. For an event loop that owns the socket: no function of the
 * transport is called, apart from now. Errors: those of calls. */
cc_result cc_call_step(cc_call *call, cc_step *step, cc_error *error);

/* Say how many bytes were written, of the body given, or received; 0 received: the connection has
 * ended; 0 of the body: it has ended. More bytes written than there were counts as all of them.
 * Errors: CC_ERR_WRITE of the body; those of calls. */
cc_result cc_call_wrote(cc_call *call, size_t count);
cc_result cc_call_read_body(cc_call *call, size_t count, cc_error *error);
cc_result cc_call_read(cc_call *call, size_t count, cc_error *error);

/* Passes over the rest of the text or body of the last event. */
cc_result cc_call_skip(cc_call *call);

/* Gives how the reply ended, after CC_EVENT_END or CC_STEP_DONE; CC_ERR_STATE before. */
cc_result cc_call_outcome(cc_call *call, cc_outcome *outcome);

/* Gives the ID of the call, which it borrows. */
cc_result cc_call_id(cc_call *call, cc_text *id);

/* Ends a call at any point: the client can make another one, if the connection is still ready. */
cc_result cc_call_end(cc_call *call);

/* Ends the call of a client, if any, whose cc_call is not there any more. */
cc_result cc_client_abandon(cc_client *client);

/* ------------------------------------------------------------------------------------------
 * The gateway's side
 * ------------------------------------------------------------------------------------------ */

/* Why a call is refused: the caller gets it as a failure. */
typedef struct cc_refusal {
    int32_t code;     /* the platform's */
    int32_t cause;    /* what is wrong in the envelope or the response, CC_ERR_..., or 0 */
    size_t offset;    /* at which byte */
    cc_str message;   /* the platform's; there for ever */
    const void *opaque[8];
    size_t magic;
} cc_refusal;

/* Gives the refusal with a code, and the platform's message for it; or the platform's answer to a
 * request with an error of envelopes. */
cc_result cc_refusal_of_code(int32_t code, cc_refusal *refusal);
cc_result cc_refusal_of_error(const cc_error *error, cc_refusal *refusal);

/* Writes the failure envelope, with the ID of the call, or NULL. Gives the length, less than 1024,
 * also with CC_ERR_BUFFER_TOO_SMALL. */
cc_result cc_refusal_encode(const cc_refusal *refusal, const cc_text *call_id, uint8_t *buffer,
                            size_t size, size_t *len, cc_error *error);

/* An environment that a gateway serves. */
typedef struct cc_env {
    cc_str id;
    cc_str owner; /* its appid */
    const cc_str *services;
    size_t service_count;
    int32_t is_public; /* not 0: other clients may call */
} cc_env;

/* An environment is shared with another app. */
typedef struct cc_grant {
    cc_str env;
    cc_str by; /* only the owner can */
    cc_str to;
} cc_grant;

typedef struct cc_access {
    const cc_env *envs;
    size_t env_count;
    const cc_grant *grants;
    size_t grant_count;
} cc_access;

/* Who calls, as the gateway knows it. */
typedef struct cc_caller {
    cc_str appid;
    cc_str openid;
    cc_str unionid; /* or none */
    cc_str source;  /* such as wx_client */
    cc_str address; /* or none */
    cc_str access_token; /* or none */
} cc_caller;

enum { CC_OWN = 1, CC_REUSE = 2, CC_PUBLIC = 3 };

typedef struct cc_permission {
    size_t env;       /* the index in cc_access.envs */
    cc_str service;   /* from the tables */
    int32_t relation; /* of the caller to the environment: CC_OWN, CC_REUSE or CC_PUBLIC */
} cc_permission;

/* Decodes a call, in these steps: decode, allow, http, then the parts; and at last the reply. The
 * envelope must be there as long as the gate is used; likewise the tables, the caller's strings
 * and the host. Errors: CC_ERR_REFUSED, with the refusal, which may be NULL. */
cc_result cc_gate_decode(cc_gate *gate, const uint8_t *envelope, size_t len, cc_refusal *refusal,
                         cc_error *error);

/* Gives the request, which borrows the envelope. */
cc_result cc_gate_request(cc_gate *gate, cc_request *request);

/* Decides whether a caller may make the call; NULL: another client, over the public network.
 * permission and refusal may be NULL. Errors: CC_ERR_REFUSED. */
cc_result cc_gate_allow(cc_gate *gate, const cc_access *access, const cc_caller *caller,
                        cc_permission *permission, cc_refusal *refusal, cc_error *error);

typedef struct cc_http_request {
    size_t target_len;
    size_t body_len;
    int32_t method;
    int32_t states_length;     /* 1: send Content-Length, even if it is 0 */
    int32_t closes_connection; /* 1: send Connection: close with HTTP/1 */
} cc_http_request;

/* Makes the HTTP request for the service, once the call is allowed. http and refusal may be NULL.
 * Errors: CC_ERR_REFUSED for what cannot be sent. */
cc_result cc_gate_http(cc_gate *gate, cc_str host, cc_http_request *http, cc_refusal *refusal,
                       cc_error *error);

/* Write the target (path and query), or the body. Give the length also with
 * CC_ERR_BUFFER_TOO_SMALL. */
cc_result cc_gate_target(cc_gate *gate, char *buffer, size_t size, size_t *len, cc_error *error);
cc_result cc_gate_body(cc_gate *gate, uint8_t *buffer, size_t size, size_t *len, cc_error *error);

/* Gives the body where it stands in the envelope. CC_END: nowhere, so use cc_gate_body. */
cc_result cc_gate_body_in_envelope(cc_gate *gate, const uint8_t **body, size_t *len);

typedef struct cc_text_header {
    cc_text name;
    cc_text value;
} cc_text_header;

/* The most headers that a request to a service has. */
#define CC_GATE_HEADERS_MAX 80u

/* Gives the headers, in order: those that identify the caller, and those of the caller that pass.
 * Not among them: Host, Content-Length, Connection. Gives their number also with
 * CC_ERR_BUFFER_TOO_SMALL. */
cc_result cc_gate_headers(cc_gate *gate, cc_text_header *headers, size_t capacity, size_t *count,
                          cc_error *error);

/* Writes the whole request as HTTP/1.1. Gives the length also with CC_ERR_BUFFER_TOO_SMALL. */
cc_result cc_gate_http1(cc_gate *gate, uint8_t *buffer, size_t size, size_t *len,
                        cc_error *error);

/* Gives 1 if the connection to the service may be used again after a complete response with this
 * status, and 0 otherwise. */
cc_result cc_gate_keeps_alive(cc_gate *gate, int32_t status, int32_t *keeps_alive);

/* A complete response of a service. Names and values need not be UTF-8. */
typedef struct cc_http_response {
    const cc_header *headers;
    size_t header_count;
    const uint8_t *body;
    size_t body_len;
    int32_t status;
} cc_http_response;

/* Writes the reply to the call. Gives the length also with CC_ERR_BUFFER_TOO_SMALL. The call has
 * to be decoded, no more. Errors: CC_ERR_REFUSED for a response that cannot be passed on. */
cc_result cc_gate_reply(cc_gate *gate, const cc_http_response *response, uint8_t *buffer,
                        size_t size, size_t *len, cc_refusal *refusal, cc_error *error);

/* Reads a response of HTTP/1.1 as it comes, instead: whatever leaves doubt where it ends is refused. */

/* The size of a buffer in which every response has room that fits into an envelope, unless much of it
 * is white space between the tokens of JSON. */
#define CC_READER_BUFFER (CC_REPLY_LIMIT + 32768u)

/* Initialise a reader: for the response to the call of a gate, which may be used for another call
 * then; or to a request that is none, with this method (CC_GET for all but HEAD). The buffer is the
 * reader's as long as it is used. */
cc_result cc_reader_init(cc_reader *reader, cc_gate *gate, uint8_t *buffer, size_t size,
                         cc_error *error);
cc_result cc_reader_init_plain(cc_reader *reader, int32_t method, uint8_t *buffer, size_t size,
                               cc_error *error);

/* Gives where the next bytes go: empty once the response is complete or refused. */
cc_result cc_reader_window(cc_reader *reader, uint8_t **room, size_t *len);

/* Says that so many bytes were put there, at most its length; 0: the connection has ended. Gives 1
 * if the response is complete, and 0 otherwise. Errors: CC_ERR_REFUSED, for good: use the connection
 * no more. */
cc_result cc_reader_commit(cc_reader *reader, size_t count, int32_t *complete, cc_refusal *refusal,
                           cc_error *error);

/* Gives 1 if the connection may be used again, and 0 otherwise; with cc_reader_init_plain, as far as
 * the response says. */
cc_result cc_reader_keeps_alive(cc_reader *reader, int32_t *keeps_alive);

/* Writes the reply to the call, with this ID of it, or NULL. Gives the length also with
 * CC_ERR_BUFFER_TOO_SMALL, and the status; status may be NULL. Errors: CC_ERR_REFUSED. */
cc_result cc_reader_reply(cc_reader *reader, const cc_text *call_id, uint8_t *buffer, size_t size,
                          size_t *len, int32_t *status, cc_refusal *refusal, cc_error *error);

/* A response in its parts. */
typedef struct cc_http_parts {
    const uint8_t *body; /* without the framing */
    size_t body_len;
    size_t header_count;
    int32_t status;
} cc_http_parts;

/* Gives the response as it came, which borrows the buffer: headers in order, without those of the
 * connection. Values need not be UTF-8. Gives their number also with CC_ERR_BUFFER_TOO_SMALL.
 * Errors: CC_ERR_REFUSED. */
cc_result cc_reader_parts(cc_reader *reader, cc_header *headers, size_t capacity,
                          cc_http_parts *parts, cc_refusal *refusal, cc_error *error);

/* Gives 1 if a gateway lets no header of a caller with this name pass, in whatever spelling, and 0
 * otherwise. Errors: CC_ERR_INVALID_UTF8. */
cc_result cc_is_protected_header(cc_str name, int32_t *is_protected);

/* What a check takes on a serial line: it stands between the envelope and the newline. */
#define CC_CHECK_LEN 9u

/* Takes a line apart, which is given without its newline: the envelope, which borrows it, and
 * whether there is a check (1 or 0), also with an error; checked may be NULL. The answer has a
 * check if the line does. Errors: CC_ERR_INVALID_CHECK, if it is wrong, or if there is none and
 * there must be one (not 0). */
cc_result cc_line_split(const uint8_t *line, size_t len, int32_t must, const uint8_t **envelope,
                        size_t *envelope_len, int32_t *checked, cc_error *error);

/* Writes the CC_CHECK_LEN bytes that go behind an envelope. Errors: CC_ERR_BUFFER_TOO_SMALL. */
cc_result cc_line_check(const uint8_t *envelope, size_t len, char *buffer, size_t size,
                        cc_error *error);

/* ------------------------------------------------------------------------------------------
 * The service's side
 * ------------------------------------------------------------------------------------------ */

/* Who calls, as the headers of an HTTP request say. What is not there has a ptr of NULL. */
typedef struct cc_identity {
    cc_str source;            /* X-WX-SOURCE: where the call comes from */
    cc_str appid;             /* X-WX-APPID: the app that owns the environment */
    cc_str openid;            /* X-WX-OPENID: the user in that app; none under resource reuse */
    cc_str unionid;           /* X-WX-UNIONID: the user across apps */
    cc_str from_appid;        /* X-WX-FROM-APPID: under resource reuse, the app that calls */
    cc_str from_openid;       /* X-WX-FROM-OPENID: the user in that one */
    cc_str from_unionid;      /* X-WX-FROM-UNIONID */
    cc_str access_token;      /* X-WX-CLOUDBASE-ACCESS-TOKEN: a secret */
    cc_str from_access_token; /* X-WX-FROM-CLOUDBASE-ACCESS-TOKEN: a secret */
    cc_str env;               /* X-WX-ENV */
    cc_str address;           /* X-Original-Forwarded-For, or else X-Forwarded-For */
} cc_identity;

/* Reads what a service may believe of the headers that it has received, in any order and letter case;
 * values need not be UTF-8, and are not believed then. The identity borrows them. CC_END: nothing may
 * be believed: there is no X-WX-SOURCE, or a header that identifies the caller is there twice, in any
 * spelling. Errors: CC_ERR_INVALID_UTF8 for a name. */
cc_result cc_identity_read(const cc_header *headers, size_t count, cc_identity *identity,
                           cc_error *error);

#ifdef __cplusplus
}
#endif

#endif /* CALLCONTAINER_H */
