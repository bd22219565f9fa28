/*
 * Every number of an error, reached: `note` counts those that were returned, or stood in cc_error.cause, where they were
 * expected. At the end each number of the header must be among them.
 */
#include "check.h"

/* In `calls.c`, generated from the header. */
extern const int32_t all_errors[];
extern const size_t all_errors_len;

static int32_t reached[128];
static size_t reached_len;

static void note(int32_t kind)
{
    CHECK(reached_len < sizeof reached / sizeof reached[0]);
    reached[reached_len++] = kind;
}

/* A function that must end with this error. */
static void ends(cc_result expected, cc_result result, const cc_error *error)
{
    CHECK_IS(expected, result);
    if (error != NULL) {
        CHECK_IS(expected, error->kind);
    }
    if (result == expected) {
        note(expected);
    }
}

static void has_cause(int32_t expected, const cc_error *error)
{
    CHECK_IS(expected, error->cause);
    if (error->cause == expected) {
        note(expected);
    }
}

/* An envelope that is wrong. */
struct wrong {
    cc_result kind;
    int is_request;
    const char *envelope;
};

#define REQUEST(members) "{\"config\":{\"env\":\"e\"},\"path\":\"/\"," members "}"

static const struct wrong wrong_envelopes[] = {
    {CC_ERR_UNEXPECTED_END, 1, "{"},
    {CC_ERR_UNEXPECTED_BYTE, 1, "{]"},
    {CC_ERR_INVALID_NUMBER, 1, "{\"a\":01}"},
    {CC_ERR_INVALID_LITERAL, 1, "{\"a\":nul}"},
    {CC_ERR_CONTROL_CHARACTER, 1, "{\"a\":\"\x01\"}"},
    {CC_ERR_INVALID_ESCAPE, 1, "{\"a\":\"\\q\"}"},
    {CC_ERR_LONE_SURROGATE, 1, "{\"path\":\"/\\ud800\"}"},
    {CC_ERR_INVALID_UTF8, 1, "{\"a\":\"\xFF\"}"},
    {CC_ERR_TRAILING_DATA, 1, REQUEST("\"a\":1") "x"},
    {CC_ERR_WRONG_TYPE, 1, "[]"},
    {CC_ERR_DUPLICATE_KEY, 1, REQUEST("\"path\":\"/\"")},
    {CC_ERR_MISSING_ENV, 1, "{\"path\":\"/\"}"},
    {CC_ERR_MISSING_PATH, 1, "{\"config\":{\"env\":\"e\"}}"},
    {CC_ERR_MISSING_FIELD, 0, "{}"},
    {CC_ERR_INVALID_PATH, 1, "{\"path\":\"x\"}"},
    {CC_ERR_INVALID_METHOD, 1, REQUEST("\"method\":\"PATCH\"")},
    {CC_ERR_INVALID_NAME, 1, REQUEST("\"service\":\"a\\u0001\"")},
    {CC_ERR_INVALID_HEADER_NAME, 1, REQUEST("\"header\":{\"a b\":\"1\"}")},
    {CC_ERR_INVALID_HEADER_VALUE, 1, REQUEST("\"header\":{\"a\":\"\\u0001\"}")},
    {CC_ERR_DUPLICATE_HEADER, 1, REQUEST("\"header\":{\"a\":\"1\",\"A\":\"2\"}")},
    {CC_ERR_FORBIDDEN_HEADER, 1, REQUEST("\"header\":{\"Referer\":\"1\"}")},
    {CC_ERR_SERVICE_CONFLICT, 1, REQUEST("\"service\":\"a\",\"header\":{\"X-WX-SERVICE\":\"b\"}")},
    {CC_ERR_INVALID_TIMEOUT, 1, REQUEST("\"timeout\":1.5")},
    {CC_ERR_INVALID_RESPONSE_TYPE, 1, REQUEST("\"responseType\":\"x\"")},
    {CC_ERR_INVALID_STATUS, 0, "{\"statusCode\":1}"},
    {CC_ERR_INVALID_ERROR_CODE, 0, "{\"errCode\":1.5,\"errMsg\":\"\"}"},
    {CC_ERR_INVALID_BASE64, 1, REQUEST("\"__nativeBuffers__\":[{\"key\":\"data\",\"base64\":\"?\"}]")},
    {CC_ERR_INVALID_BUFFER_KEY, 1, REQUEST("\"__nativeBuffers__\":[{\"key\":\"x\",\"base64\":\"\"}]")},
    {CC_ERR_DATA_CONFLICT, 1, REQUEST("\"data\":\"x\",\"__nativeBuffers__\":[{\"key\":\"data\",\"base64\":\"\"}]")},
};

static void envelopes(void)
{
    cc_request request;
    cc_reply reply;
    cc_error error;
    cc_header headers[65];
    cc_encoder encoder;
    cc_step step;
    cc_body body;
    uint8_t buffer[512];
    const uint8_t *envelope;
    char deep[300];
    size_t at;
    size_t len;
    for (at = 0; at < sizeof wrong_envelopes / sizeof wrong_envelopes[0]; at++) {
        const struct wrong *wrong = &wrong_envelopes[at];
        const uint8_t *bytes = (const uint8_t *)wrong->envelope;
        len = strlen(wrong->envelope);
        ends(wrong->kind,
             wrong->is_request ? cc_request_decode(bytes, len, CC_REQUEST_LIMIT, &request, &error)
                               : cc_reply_decode(bytes, len, CC_REPLY_LIMIT, &reply, &error),
             &error);
    }
    ends(CC_ERR_REQUEST_TOO_LARGE, cc_request_decode(buffer, 6, 5, &request, &error), &error);
    ends(CC_ERR_REPLY_TOO_LARGE, cc_reply_decode(buffer, 6, 5, &reply, &error), &error);
    memset(deep, '[', sizeof deep);
    memcpy(deep, "{\"a\":", 5);
    ends(CC_ERR_TOO_DEEP, cc_request_decode((const uint8_t *)deep, sizeof deep, CC_REQUEST_LIMIT, &request, &error), &error);

    memset(&request, 0, sizeof request);
    request.env = CC_TEXT("e");
    request.path = CC_TEXT("/");
    ends(CC_ERR_BUFFER_TOO_SMALL, cc_request_encode(&request, buffer, 3, &len, &error), &error);
    request.timeout_ms = CC_TIMEOUT_LIMIT + 1;
    ends(CC_ERR_TIMEOUT_TOO_LONG, cc_request_encode(&request, buffer, sizeof buffer, &len, &error), &error);
    request.timeout_ms = 0;
    for (at = 0; at < 65; at++) {
        headers[at].name = CC_STR("a");
        headers[at].value = CC_STR("");
    }
    request.headers.array = headers;
    request.headers.count = 65;
    ends(CC_ERR_TOO_MANY_HEADERS, cc_request_encode(&request, buffer, sizeof buffer, &len, &error), &error);
    request.headers.array = NULL;
    request.headers.count = 0;
    request.service.ptr = deep;
    request.service.len = CC_NAME_LIMIT + 1;
    memset(deep, 'a', sizeof deep);
    ends(CC_ERR_TOO_LONG, cc_request_encode(&request, buffer, sizeof buffer, &len, &error), &error);
    request.service.ptr = NULL;
    request.service.len = 0;
    ends(CC_ERR_INVALID_CHECK, cc_line_split(buffer, 0, 1, &envelope, &len, NULL, &error), &error);
    memset(&body, 0, sizeof body);
    body.kind = CC_DATA_TEXT;
    body.len = 2;
    CHECK_IS(CC_OK, cc_request_encoder_init(&encoder, &request, &body, buffer, sizeof buffer, NULL));
    CHECK_IS(CC_OK, cc_encoder_step(&encoder, &step, NULL));
    CHECK_IS(CC_OK, cc_encoder_wrote(&encoder, step.len));
    CHECK_IS(CC_OK, cc_encoder_step(&encoder, &step, NULL));
    ends(CC_ERR_BODY_LENGTH, cc_encoder_read(&encoder, 0, &error), &error);
    ends(CC_ERR_ARGUMENT, cc_request_encode(NULL, buffer, sizeof buffer, &len, &error), &error);
    memset(&encoder, 0, sizeof encoder);
    ends(CC_ERR_STATE, cc_encoder_step(&encoder, &step, &error), &error);
}

/* A connection that sends an answer, again and again if that is long, and fails or ends behind it. */
struct answer {
    const char *text;
    const char *more;
    size_t at;
    int32_t end;
    int32_t sent;
    int32_t connected;
};

static int32_t answer_send(void *context, const uint8_t *bytes, size_t len, uint32_t timeout_ms)
{
    const struct answer *answer = (const struct answer *)context;
    (void)bytes, (void)timeout_ms;
    return answer->sent == 1 ? (int32_t)len : answer->sent;
}

static int32_t answer_recv(void *context, uint8_t *buffer, size_t len, uint32_t timeout_ms)
{
    struct answer *answer = (struct answer *)context;
    size_t first = strlen(answer->text);
    size_t at;
    (void)timeout_ms;
    for (at = 0; at < len; at++, answer->at++) {
        if (answer->at < first) {
            buffer[at] = (uint8_t)answer->text[answer->at];
        } else if (answer->more != NULL) {
            buffer[at] = (uint8_t)answer->more[(answer->at - first) % strlen(answer->more)];
        } else {
            break;
        }
    }
    return at > 0 ? (int32_t)at : answer->end;
}

static int32_t answer_connect(void *context)
{
    const struct answer *answer = (const struct answer *)context;
    return answer->connected;
}

static int32_t no_body(void *context, uint8_t *buffer, size_t len)
{
    (void)context, (void)buffer, (void)len;
    return -7;
}

static struct answer answer;
static cc_client client;
static cc_client_options options;
static cc_framing framing;
static cc_request request;
static cc_reply reply;
static uint8_t window[128];
static uint8_t buffer[512];

static void begin(const char *text)
{
    memset(&answer, 0, sizeof answer);
    answer.text = text;
    answer.sent = 1;
    memset(&options, 0, sizeof options);
    options.transport.context = &answer;
    options.transport.send = answer_send;
    options.transport.recv = answer_recv;
    options.transport.connect = answer_connect;
    options.framing = &framing;
    options.window = window;
    options.window_size = sizeof window;
    options.env = CC_STR("e");
    memset(&request, 0, sizeof request);
    request.path = CC_TEXT("/");
    request.call_id = CC_TEXT("7");
}

static cc_result call(cc_error *error)
{
    CHECK_IS(CC_OK, cc_client_init(&client, &options, NULL));
    CHECK_IS(CC_OK, cc_client_connect(&client, NULL));
    return cc_client_call(&client, &request, buffer, sizeof buffer, &reply, error);
}

static void http_fails(int32_t cause, const char *text, const char *more)
{
    cc_error error;
    begin(text);
    answer.more = more;
    CHECK_IS(CC_ERR_HTTP, call(&error));
    has_cause(cause, &error);
}

static void calls(void)
{
    cc_error error;
    cc_call pieces;
    cc_body body;
    CHECK_IS(CC_OK, cc_framing_http(&framing, CC_STR("gw"), CC_STR("t"), NULL));
    begin("");
    CHECK_IS(CC_OK, cc_client_init(&client, &options, NULL));
    ends(CC_ERR_NOT_INITIALISED, cc_client_call(&client, &request, buffer, sizeof buffer, &reply, &error), &error);
    ends(CC_ERR_NO_ANSWER, call(&error), &error);
    ends(CC_ERR_NOT_REUSABLE, cc_client_call(&client, &request, buffer, sizeof buffer, &reply, &error), &error);
    request.path = CC_TEXT("x");
    ends(CC_ERR_REQUEST, call(&error), &error);
    begin("");
    answer.sent = 0;
    ends(CC_ERR_WRITE, call(&error), &error);
    has_cause(CC_ERR_WRITE_ZERO, &error);
    begin("HTTP/1.1 2");
    answer.end = -5;
    ends(CC_ERR_IO, call(&error), &error);
    begin("HTTP/1.1 2");
    ends(CC_ERR_UNEXPECTED_EOF, call(&error), &error);
    begin("nonsense\r\n");
    ends(CC_ERR_HTTP, call(&error), &error);
    has_cause(CC_ERR_HTTP_HEAD, &error);
    begin("HTTP/1.1 503 No\r\ncontent-length: 2\r\n\r\nno");
    ends(CC_ERR_HTTP_STATUS, call(&error), &error);
    begin("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n[]");
    ends(CC_ERR_REPLY, call(&error), &error);
    begin("HTTP/1.1 200 OK\r\ncontent-length: 31\r\n\r\n{\"statusCode\":200,\"callID\":\"1\"}");
    ends(CC_ERR_FOREIGN_REPLY, call(&error), &error);
    begin("");
    answer.connected = -1;
    CHECK_IS(CC_OK, cc_client_init(&client, &options, NULL));
    ends(CC_ERR_CONNECT, cc_client_connect(&client, &error), &error);
    begin("");
    memset(&body, 0, sizeof body);
    body.kind = CC_DATA_BYTES;
    body.len = 1;
    CHECK_IS(CC_OK, cc_client_init(&client, &options, NULL));
    CHECK_IS(CC_OK, cc_client_connect(&client, NULL));
    CHECK_IS(CC_OK, cc_call_start(&pieces, &client, &request, &body, NULL));
    CHECK_IS(CC_ERR_WRITE, cc_call_send(&pieces, no_body, NULL, &error));
    has_cause(CC_ERR_BODY, &error);

    http_fails(CC_ERR_HTTP_HEAD_TOO_LONG, "HTTP/1.1 200 OK\r\n", "a: b\r\n");
    http_fails(CC_ERR_HTTP_TOO_MANY_INTERIM, "", "HTTP/1.1 100 Continue\r\n\r\n");
    http_fails(CC_ERR_HTTP_SWITCHED, "HTTP/1.1 101 Switching\r\n\r\n", NULL);
    http_fails(CC_ERR_HTTP_LENGTH, "HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n", NULL);
    http_fails(CC_ERR_HTTP_CHUNK, "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nx", NULL);
    http_fails(CC_ERR_HTTP_CHUNK_TOO_LONG, "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1;", "a");
}

/* What only a gateway meets. */
static void responses(void)
{
    static const char envelope[] = REQUEST("\"service\":\"s\"");
    cc_gate gate;
    cc_access access;
    cc_reader reader;
    cc_refusal refusal;
    cc_error error;
    cc_header coded;
    cc_http_response response;
    uint8_t memory[1024];
    uint8_t *room;
    size_t len;
    size_t at;
    int32_t complete;
    CHECK_IS(CC_OK, cc_gate_decode(&gate, (const uint8_t *)envelope, sizeof envelope - 1, NULL, NULL));
    memset(&access, 0, sizeof access);
    ends(CC_ERR_REFUSED, cc_gate_allow(&gate, &access, NULL, NULL, &refusal, &error), &error);
    CHECK_IS(CC_OK, cc_reader_init(&reader, &gate, memory, sizeof memory, NULL));
    CHECK_IS(CC_ERR_REFUSED, cc_reader_commit(&reader, 0, &complete, &refusal, &error));
    has_cause(CC_ERR_HTTP_TRUNCATED, &error);
    CHECK_IS(refusal.cause, error.cause);
    CHECK_IS(CC_OK, cc_reader_init(&reader, &gate, memory, sizeof memory, NULL));
    CHECK_IS(CC_OK, cc_reader_window(&reader, &room, &len));
    memcpy(room, "HTTP/1.1 200 OK\r\n", 17);
    for (at = 0; at < 129; at++) {
        memcpy(room + 17 + 4 * at, "a:\r\n", 4);
    }
    memcpy(room + 17 + 4 * at, "\r\n", 2);
    CHECK_IS(CC_ERR_REFUSED, cc_reader_commit(&reader, 19 + 4 * at, &complete, &refusal, &error));
    has_cause(CC_ERR_HTTP_TOO_MANY_HEADERS, &error);
    coded.name = CC_STR("content-encoding");
    coded.value = CC_STR("gzip");
    memset(&response, 0, sizeof response);
    response.status = 200;
    response.headers = &coded;
    response.header_count = 1;
    response.body = (const uint8_t *)"x";
    response.body_len = 1;
    CHECK_IS(CC_ERR_REFUSED, cc_gate_reply(&gate, &response, memory, sizeof memory, &len, &refusal, &error));
    has_cause(CC_ERR_HTTP_CODED, &error);
}

void test_errors(void)
{
    size_t at;
    size_t of;
    envelopes();
    calls();
    responses();
    for (at = 0; at < all_errors_len; at++) {
        for (of = 0; of < reached_len && reached[of] != all_errors[at]; of++) {
        }
        if (of == reached_len) {
            fprintf(stderr, "nothing reaches %s\n", cc_error_name(all_errors[at]));
            failures++;
        }
    }
    CHECK_IS(all_errors_len, reached_len);
}
