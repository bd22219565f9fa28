/* The scenes of the calls that `abuse.py` generates, and who judges them. */
#include "abuse.h"

struct all s;

static const char request_envelope[] =
    "{\"config\":{\"env\":\"e\"},\"path\":\"/\",\"service\":\"s\",\"method\":\"POST\",\"callID\":\"7\",\"header\":{\"X-A\":\"1\"},\"data\":\"hi\"}";
static const char reply_line[] = "{\"statusCode\":200,\"callID\":\"7\",\"data\":\"hi\"}\n";

/* The transport answers every call; as long as `fails` is set, nothing works; and from inside it may use its own client. */
static size_t given;
static int fails;
static int inside;

static int32_t abuse_send(void *context, const uint8_t *bytes, size_t len, uint32_t timeout_ms)
{
    (void)context, (void)bytes, (void)timeout_ms;
    if (inside) {
        inside = 0;
        abuse_inside();
    }
    return fails ? -5 : (int32_t)len;
}

static int32_t abuse_recv(void *context, uint8_t *buffer, size_t len, uint32_t timeout_ms)
{
    size_t left = sizeof reply_line - 1 - given;
    size_t count = len < left ? len : left;
    (void)context, (void)timeout_ms;
    memcpy(buffer, reply_line + given, count);
    given += count;
    if (given == sizeof reply_line - 1) {
        given = 0;
    }
    return fails ? -5 : (int32_t)count;
}

static int32_t abuse_connect(void *context)
{
    (void)context;
    return fails ? -5 : 0;
}

int32_t abuse_read_body(void *context, uint8_t *buffer, size_t len)
{
    (void)context, (void)buffer, (void)len;
    return 0;
}

static void start_client(void)
{
    CHECK_IS(CC_OK, cc_client_init(&s.client, &s.options, NULL));
    CHECK_IS(CC_OK, cc_client_connect(&s.client, NULL));
}

static void start_call(const cc_body *body)
{
    start_client();
    CHECK_IS(CC_OK, cc_call_start(&s.call, &s.client, &s.request, body, NULL));
}

/* Steps until something else than writing is to be done. */
static void write_all(void)
{
    CHECK_IS(CC_OK, cc_call_step(&s.call, &s.step, NULL));
    while (s.step.kind == CC_STEP_WRITE) {
        CHECK_IS(CC_OK, cc_call_wrote(&s.call, s.step.len));
        if (cc_call_step(&s.call, &s.step, NULL) != CC_OK) {
            break;
        }
    }
}

static void start_encoder(const cc_body *body)
{
    CHECK_IS(CC_OK, cc_request_encoder_init(&s.encoder, &s.request, body, s.window, sizeof s.window, NULL));
    CHECK_IS(CC_OK, cc_encoder_step(&s.encoder, &s.step, NULL));
    while (s.step.kind == CC_STEP_WRITE && body != NULL) {
        CHECK_IS(CC_OK, cc_encoder_wrote(&s.encoder, s.step.len));
        if (cc_encoder_step(&s.encoder, &s.step, NULL) != CC_OK) {
            break;
        }
    }
    if (body != NULL) {
        CHECK_IS(CC_STEP_READ_BODY, s.step.kind);
        memcpy(s.step.ptr, "hi", 2);
    }
}

static void feed(const char *envelope)
{
    size_t len;
    CHECK_IS(CC_OK, cc_reply_decoder_init(&s.decoder, s.window, sizeof s.window, NULL));
    CHECK_IS(CC_OK, cc_decoder_window(&s.decoder, &s.room, &len));
    memcpy(s.room, envelope, strlen(envelope));
    CHECK_IS(CC_OK, cc_decoder_commit(&s.decoder, strlen(envelope)));
    CHECK_IS(CC_OK, cc_decoder_end(&s.decoder));
    while (cc_decoder_step(&s.decoder, &s.event, NULL) == CC_OK && s.event.kind != CC_EVENT_END) {
    }
}

static void open_gate(void)
{
    CHECK_IS(CC_OK, cc_gate_decode(&s.gate, s.input, s.input_len, NULL, NULL));
}

static void allow(void)
{
    open_gate();
    CHECK_IS(CC_OK, cc_gate_allow(&s.gate, &s.access, &s.caller, NULL, NULL, NULL));
}

static void read_response(const char *http)
{
    size_t len;
    open_gate();
    CHECK_IS(CC_OK, cc_reader_init(&s.reader, &s.gate, s.window, sizeof s.window, NULL));
    CHECK_IS(CC_OK, cc_reader_window(&s.reader, &s.room, &len));
    memset(s.room, '0', len); /* what comes next */
    memcpy(s.room, http, strlen(http));
    (void)cc_reader_commit(&s.reader, strlen(http), &s.flag, NULL, NULL);
}

static void set_values(void)
{
    static const cc_str services[] = {CC_STR_INIT("s")};
    static const cc_env envs[] = {{CC_STR_INIT("e"), CC_STR_INIT("WXAAA"), services, 1, 0}};
    static const cc_grant grants[] = {{CC_STR_INIT("e"), CC_STR_INIT("WXAAA"), CC_STR_INIT("WXBBB")}};
    static const cc_str cookies[] = {CC_STR_INIT("a=1")};
    memset(&s, 0, sizeof s);
    given = 0;
    fails = 0;
    inside = 0;
    s.input_len = sizeof request_envelope - 1;
    memcpy(s.input, request_envelope, s.input_len);
    s.header_array[0].name = CC_STR("X-A");
    s.header_array[0].value = CC_STR("1");
    s.header_array[1].name = CC_STR("X-B");
    s.header_array[1].value = CC_STR("2");
    s.headers.array = s.header_array;
    s.headers.count = 2;
    s.cookies.array = cookies;
    s.cookies.count = 1;
    s.text = CC_TEXT("hi");
    s.str = CC_STR("shop");
    s.data = cc_data_text("hi", 2);
    s.request.env = CC_TEXT("e");
    s.request.path = CC_TEXT("/");
    s.request.call_id = CC_TEXT("7");
    s.request.headers = s.headers;
    s.reply.kind = CC_RESPONSE;
    s.reply.status = 200;
    s.reply.data = s.data;
    s.body.kind = CC_DATA_TEXT;
    s.body.len = 2;
    s.outcome.kind = CC_FAILURE;
    s.outcome.has_code = 1;
    s.outcome.code = CC_CODE_TOO_MANY_REQUESTS;
    s.other_error.kind = CC_ERR_TOO_DEEP;
    s.access.envs = envs;
    s.access.env_count = 1;
    s.access.grants = grants;
    s.access.grant_count = 1;
    s.caller.appid = CC_STR("WXAAA");
    s.caller.openid = CC_STR("o");
    s.caller.source = CC_STR("wx_client");
    s.response.status = 200;
    s.response.headers = s.header_array;
    s.response.header_count = 2;
    s.response.body = (const uint8_t *)"hi";
    s.response.body_len = 2;
    s.options.transport.send = abuse_send;
    s.options.transport.recv = abuse_recv;
    s.options.transport.connect = abuse_connect;
    s.options.framing = &s.framing;
    s.options.window = s.window;
    s.options.window_size = sizeof s.window;
    CHECK_IS(CC_OK, cc_framing_line(&s.framing));
    CHECK_IS(CC_OK, cc_refusal_of_code(CC_CODE_ACCESS_DENIED, &s.refusal));
}

void set_scene(enum scene scene)
{
    set_values();
    switch (scene) {
    case DECODER: CHECK_IS(CC_OK, cc_request_decoder_init(&s.decoder, s.window, sizeof s.window, NULL)); break;
    case DECODER_FAILED: feed("{\"statusCode\":1}"); break;
    case DECODER_ENDED: feed("{\"statusCode\":200}"); break;
    case ENCODER: start_encoder(NULL); break;
    case ENCODER_BODY: start_encoder(&s.body); break;
    case ENCODER_FAILED:
        start_encoder(&s.body);
        CHECK_IS(CC_ERR_BODY_LENGTH, cc_encoder_read(&s.encoder, 0, NULL));
        break;
    case ENCODER_ENDED:
        start_encoder(NULL);
        CHECK_IS(CC_OK, cc_encoder_wrote(&s.encoder, s.step.len));
        CHECK_IS(CC_OK, cc_encoder_step(&s.encoder, &s.step, NULL));
        break;
    case MEASURE: CHECK_IS(CC_OK, cc_measure_init(&s.measure, CC_DATA_JSON, s.window, sizeof s.window, NULL)); break;
    case MEASURE_FAILED:
        CHECK_IS(CC_OK, cc_measure_init(&s.measure, CC_DATA_JSON, s.window, sizeof s.window, NULL));
        CHECK_IS(CC_ERR_UNEXPECTED_BYTE, cc_measure_read(&s.measure, 1, NULL));
        break;
    case CLIENT: start_client(); break;
    case CLIENT_FAILED:
        start_client();
        fails = 1;
        CHECK_IS(CC_ERR_WRITE, cc_client_call(&s.client, &s.request, s.buffer, sizeof s.buffer, &s.reply, NULL));
        break;
    case CLIENT_BUSY:
        start_client();
        inside = 1;
        CHECK_IS(CC_OK, cc_client_call(&s.client, &s.request, s.buffer, sizeof s.buffer, &s.reply, NULL));
        CHECK_IS(0, inside);
        break;
    case CLIENT_ENDED:
        start_client();
        CHECK_IS(CC_OK, cc_client_end(&s.client));
        break;
    case CALL: start_call(NULL); break;
    case CALL_BODY:
        start_call(&s.body);
        write_all();
        CHECK_IS(CC_STEP_READ_BODY, s.step.kind);
        memcpy(s.step.ptr, "hi", 2);
        break;
    case CALL_READS:
        start_call(NULL);
        write_all();
        CHECK_IS(CC_STEP_READ, s.step.kind);
        break;
    case CALL_FAILED:
        start_call(NULL);
        fails = 1;
        CHECK_IS(CC_ERR_WRITE, cc_call_send(&s.call, NULL, NULL, NULL));
        break;
    case CALL_ENDED:
        start_call(NULL);
        while (cc_call_next(&s.call, &s.event, NULL) == CC_OK && s.event.kind != CC_EVENT_END) {
        }
        break;
    case CALL_OVER:
        start_call(NULL);
        CHECK_IS(CC_OK, cc_call_receive(&s.call, s.buffer, sizeof s.buffer, &s.reply, NULL));
        break;
    case CALL_BUSY:
        start_call(NULL);
        inside = 1;
        CHECK_IS(CC_OK, cc_call_send(&s.call, NULL, NULL, NULL));
        CHECK_IS(0, inside);
        break;
    case GATE: open_gate(); break;
    case GATE_ALLOWED: allow(); break;
    case GATE_HTTP:
        allow();
        CHECK_IS(CC_OK, cc_gate_http(&s.gate, CC_STR("h"), NULL, NULL, NULL));
        break;
    case GATE_REFUSED:
        open_gate();
        CHECK_IS(CC_ERR_REFUSED, cc_gate_allow(&s.gate, &s.access, NULL, NULL, NULL, NULL));
        break;
    case READER: read_response("HTTP/1.1 2"); break;
    case READER_DONE:
        read_response("HTTP/1.1 200 OK\r\nX-A: 1\r\nContent-Length: 2\r\n\r\nhi");
        CHECK_IS(1, s.flag);
        break;
    case READER_REFUSED: read_response("nonsense\r\n"); break;
    case NOTHING:
    case FRAMING:
    case SCENES: break;
    }
}

void judge(const char *function, const char *what, long expected, long result)
{
    int right = result == expected;
    if (expected == ANYTHING || expected == ALLOWED) {
        right = is_result(result) && (expected == ANYTHING || result != CC_ERR_ARGUMENT);
    }
    if (!right) {
        fprintf(stderr, "%s, %s: %ld (%s), and %ld was expected\n", function, what, result,
                cc_error_name((int32_t)result), expected);
        failures++;
    }
}

void test_abuse(void)
{
    long calls = abuse_all();
    set_scene(CLIENT_BUSY);
    set_scene(CALL_BUSY);
    CHECK(calls > 1000);
}
