/* Calls over a transport that follows a script. */
#include "check.h"

/* What the transport does: what it has sent, what it gives next, and how it fails. */
struct script {
    const char *replies[4]; /* one for each connection; NULL: it ends at once */
    int connection;         /* which one it is, from 0 */
    size_t at;
    size_t step;          /* the most bytes that are given or taken at a time */
    int32_t send_result;  /* not 0: what send returns */
    int32_t recv_result;  /* the same for recv, once there is nothing more to give */
    int32_t refusals;     /* so many times connecting fails */
    int connects;
    int closes;
    uint32_t slept;
    uint32_t time;
    uint32_t timeout; /* that of the last function */
    int32_t class_of;
    cc_client *client; /* used from inside, which is refused */
    cc_result inside;
    char sent[2048];
    size_t sent_len;
};

static int32_t script_send(void *context, const uint8_t *bytes, size_t len, uint32_t timeout_ms)
{
    struct script *script = (struct script *)context;
    size_t count = script->step < len ? script->step : len;
    script->timeout = timeout_ms;
    if (script->send_result != 0) {
        return script->send_result == INT32_MAX ? (int32_t)len + 1 : script->send_result;
    }
    if (script->client != NULL) {
        script->inside = cc_client_connect(script->client, NULL);
    }
    if (count > sizeof script->sent - script->sent_len) {
        return -99;
    }
    memcpy(script->sent + script->sent_len, bytes, count);
    script->sent_len += count;
    return (int32_t)count;
}

static int32_t script_recv(void *context, uint8_t *buffer, size_t len, uint32_t timeout_ms)
{
    struct script *script = (struct script *)context;
    const char *reply = script->replies[script->connection];
    size_t left = reply == NULL ? 0 : strlen(reply) - script->at;
    size_t count = script->step < len ? script->step : len;
    script->timeout = timeout_ms;
    script->time += 10;
    count = count < left ? count : left;
    if (count == 0) {
        return script->recv_result;
    }
    memcpy(buffer, reply + script->at, count);
    script->at += count;
    return (int32_t)count;
}

static int32_t script_connect(void *context)
{
    struct script *script = (struct script *)context;
    script->connects++;
    if (script->refusals > 0) {
        script->refusals--;
        return -111;
    }
    script->connection = script->connects > 1 ? script->connection + 1 : 0;
    script->at = 0;
    return 0;
}

static void script_close(void *context)
{
    struct script *script = (struct script *)context;
    script->closes++;
}

static void script_sleep(void *context, uint32_t milliseconds)
{
    struct script *script = (struct script *)context;
    script->slept += milliseconds;
}

static uint32_t script_now(void *context)
{
    const struct script *script = (const struct script *)context;
    return script->time;
}

static int32_t script_classify(void *context, int32_t number)
{
    const struct script *script = (const struct script *)context;
    (void)number;
    return script->class_of;
}

static uint32_t hook_wait;
static uint32_t hook_calls;
static int32_t hook_kind;

static uint32_t hook(void *context, uint32_t attempt, const cc_error *cause, uint32_t wait_ms)
{
    CHECK(context == &hook_wait);
    hook_calls = attempt;
    hook_kind = cause->kind;
    return hook_wait == 0 ? wait_ms : hook_wait;
}

static uint8_t window[128];
static uint8_t buffer[512];
static struct script script;
static cc_client client;
static cc_framing framing;
static cc_client_options options;

/* A client over HTTP, or on a line, with this script. */
static void begin(int is_line)
{
    memset(&script, 0, sizeof script);
    memset(&options, 0, sizeof options);
    script.step = 1000;
    options.transport.context = &script;
    options.transport.send = script_send;
    options.transport.recv = script_recv;
    options.transport.connect = script_connect;
    options.transport.close = script_close;
    options.transport.sleep = script_sleep;
    options.transport.now = script_now;
    options.transport.classify = script_classify;
    options.framing = &framing;
    options.window = window;
    options.window_size = sizeof window;
    options.env = CC_STR("prod-01");
    if (is_line) {
        CHECK_IS(CC_OK, cc_framing_line(&framing));
    } else {
        CHECK_IS(CC_OK, cc_framing_http(&framing, CC_STR("gw"), CC_STR("s3cret"), NULL));
    }
}

#define REPLY(body) "HTTP/1.1 200 OK\r\ncontent-length: " body

static cc_request get(void)
{
    cc_request request;
    memset(&request, 0, sizeof request);
    request.path = CC_TEXT("/hello");
    request.service = CC_TEXT("shop");
    return request;
}

/* The window takes what is sent, so nothing that is sent may be in it. */
static void windows(void)
{
    cc_request request = get();
    cc_reply reply;
    cc_call call;
    size_t part;
    begin(0);
    for (part = 0; part < 3; part++) {
        memset(&options.resource_appid, 0, sizeof options.resource_appid);
        memset(&options.resource_env, 0, sizeof options.resource_env);
        options.env = CC_STR("prod-01");
        memset(window, 'a', sizeof window);
        (part == 0 ? &options.env : part == 1 ? &options.resource_appid : &options.resource_env)->ptr = (const char *)window + 100;
        (part == 0 ? &options.env : part == 1 ? &options.resource_appid : &options.resource_env)->len = 4;
        CHECK_IS(CC_ERR_ARGUMENT, cc_client_init(&client, &options, NULL));
    }
    begin(0);
    CHECK_IS(CC_OK, cc_client_init(&client, &options, NULL));
    CHECK_IS(CC_OK, cc_client_connected(&client));
    for (part = 0; part < 3; part++) {
        request = get();
        if (part == 0) {
            request.path.ptr = (const char *)window + 3;
        } else if (part == 1) {
            request.data = cc_data_text((const char *)window + 127, 10);
        } else {
            request.headers.array = (const cc_header *)(const void *)(window + 64);
            request.headers.count = 1;
        }
        CHECK_IS(CC_ERR_ARGUMENT, cc_client_call(&client, &request, buffer, sizeof buffer, &reply, NULL));
        CHECK_IS(CC_ERR_ARGUMENT, cc_client_call_retrying(&client, &request, buffer, sizeof buffer, &reply, NULL));
        CHECK_IS(CC_ERR_ARGUMENT, cc_call_start(&call, &client, &request, NULL, NULL));
    }
}

static void call_once(void)
{
    cc_request request = get();
    cc_reply reply;
    cc_error error;
    int32_t ready;
    uint64_t next;
    size_t step;
    static const char expected[] =
        "POST / HTTP/1.1\r\nHost: gw\r\nAuthorization: Bearer s3cret\r\nContent-Type: application/json\r\n"
        "Content-Length: 89\r\n\r\n"
        "{\"config\":{\"env\":\"prod-01\"},\"path\":\"/hello\",\"service\":\"shop\",\"callID\":\"0000000000000007\"}";
    for (step = 1; step < 200; step += 66) {
        begin(0);
        options.first_call = 7;
        script.step = step;
        script.replies[0] = REPLY("31\r\n\r\n{\"statusCode\":200,\"data\":\"hi\"}  ");
        CHECK_IS(CC_OK, cc_client_init(&client, &options, NULL));
        CHECK_IS(CC_OK, cc_client_is_ready(&client, &ready));
        CHECK_IS(0, ready);
        CHECK_IS(CC_ERR_NOT_INITIALISED, cc_client_call(&client, &request, buffer, sizeof buffer, &reply, &error));
        options.first_call = 7;
        CHECK_IS(CC_OK, cc_client_connect(&client, &error));
        CHECK_IS(CC_OK, cc_client_is_ready(&client, &ready));
        CHECK_IS(1, ready);
        script.client = &client;
        CHECK_IS(CC_OK, cc_client_call(&client, &request, buffer, sizeof buffer, &reply, &error));
        CHECK_IS(CC_ERR_STATE, script.inside);
        CHECK(same(script.sent, script.sent_len, expected));
        CHECK_IS(200, reply.status);
        CHECK(reply.data.kind == CC_DATA_TEXT && same(reply.data.ptr, reply.data.len, "hi"));
        CHECK_IS(CC_OK, cc_client_next_call(&client, &next));
        CHECK(next == 8);
        CHECK_IS(16000 - (long)script.time + 10, script.timeout);
        CHECK_IS(CC_OK, cc_client_end(&client));
        CHECK_IS(2, script.closes);
        CHECK_IS(CC_ERR_STATE, cc_client_is_ready(&client, &ready));
    }
}

/* Makes a call that fails, on a connection of its own, and checks the advice for it. */
static cc_error fails(cc_result expected, int32_t method, uint32_t at_most)
{
    cc_request request = get();
    cc_reply reply;
    cc_error error;
    cc_retry retry;
    request.method = method;
    CHECK_IS(CC_OK, cc_client_init(&client, &options, NULL));
    CHECK_IS(CC_OK, cc_client_connect(&client, NULL));
    CHECK_IS(expected, cc_client_call(&client, &request, buffer, sizeof buffer, &reply, &error));
    CHECK_IS(expected, error.kind);
    CHECK_IS(CC_OK, cc_retry_of_error(&error, method, &retry));
    CHECK_IS(at_most, retry.at_most);
    return error;
}

static void errors(void)
{
    cc_error error;
    begin(0);
    error = fails(CC_ERR_NO_ANSWER, CC_GET, 3);
    CHECK_IS(0, error.io);
    begin(0);
    error = fails(CC_ERR_NO_ANSWER, CC_POST, 0);
    begin(0);
    script.recv_result = -5;
    error = fails(CC_ERR_NO_ANSWER, CC_GET, 3);
    CHECK_IS(-5, error.io);
    begin(0);
    script.replies[0] = "HTTP/1.1 2";
    script.recv_result = -5;
    error = fails(CC_ERR_IO, CC_GET, 3);
    CHECK_IS(-5, error.io);
    begin(0);
    script.replies[0] = "HTTP/1.1 2";
    error = fails(CC_ERR_UNEXPECTED_EOF, CC_GET, 3);
    begin(0);
    script.send_result = -32;
    error = fails(CC_ERR_WRITE, CC_POST, 3);
    CHECK(error.cause == CC_ERR_IO && error.io == -32 && error.written == 0);
    begin(0);
    script.send_result = INT32_MAX;
    error = fails(CC_ERR_WRITE, CC_POST, 3);
    CHECK_IS(CC_IO_INVALID, error.io);
    begin(0);
    options.transport.send = NULL;
    error = fails(CC_ERR_WRITE, CC_POST, 3);
    CHECK_IS(CC_IO_UNSUPPORTED, error.io);
    begin(0);
    script.replies[0] = "nonsense\r\n";
    error = fails(CC_ERR_HTTP, CC_GET, 0);
    CHECK_IS(CC_ERR_HTTP_HEAD, error.cause);
    begin(0);
    script.replies[0] = "HTTP/1.1 503 No\r\nretry-after: 7\r\ncontent-length: 2\r\n\r\nno";
    error = fails(CC_ERR_HTTP_STATUS, CC_GET, 1);
    CHECK(error.status == 503 && error.retry_after == 7);
    begin(0);
    script.replies[0] = REPLY("2\r\n\r\n[]");
    error = fails(CC_ERR_REPLY, CC_GET, 0);
    CHECK(error.cause == CC_ERR_WRONG_TYPE && error.offset == 0);
    begin(0);
    script.replies[0] = REPLY("29\r\n\r\n{\"statusCode\":200,\"callID\":1}");
    error = fails(CC_ERR_REPLY, CC_GET, 0);
    begin(0);
    script.replies[0] = REPLY("31\r\n\r\n{\"statusCode\":200,\"callID\":\"1\"}");
    error = fails(CC_ERR_FOREIGN_REPLY, CC_GET, 0);
    /* The time is up before anything comes. */
    begin(0);
    script.replies[0] = "HTTP/1.1 200 OK\r\na: bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";
    script.step = 1;
    script.time = (uint32_t)-5;
    options.transport.now = script_now;
    {
        cc_request request = get();
        cc_reply reply;
        request.timeout_ms = 1;
        CHECK_IS(CC_OK, cc_client_init(&client, &options, NULL));
        CHECK_IS(CC_OK, cc_client_connect(&client, NULL));
        script.recv_result = -7;
        CHECK_IS(CC_ERR_IO, cc_client_call(&client, &request, buffer, sizeof buffer, &reply, &error));
        CHECK_IS(-7, error.io);
        script.replies[1] = "HTTP/1.1 200 OK\r\na: bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
                            "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";
        CHECK_IS(CC_OK, cc_client_connect(&client, NULL));
        CHECK_IS(CC_ERR_IO, cc_client_call(&client, &request, buffer, sizeof buffer, &reply, &error));
        CHECK_IS(CC_IO_TIMED_OUT, error.io);
    }
    begin(0);
    script.refusals = 9;
    CHECK_IS(CC_OK, cc_client_init(&client, &options, NULL));
    CHECK_IS(CC_ERR_CONNECT, cc_client_connect(&client, &error));
    CHECK_IS(-111, error.io);
}

static void retrying(void)
{
    cc_request request = get();
    cc_reply reply;
    cc_error error;
    /* The first connection is refused, on the second one the gateway is silent, and the third answers. */
    begin(0);
    script.refusals = 1;
    script.replies[1] = REPLY("18\r\n\r\n{\"statusCode\":204}");
    hook_wait = 0;
    options.hook = hook;
    options.hook_context = &hook_wait;
    CHECK_IS(CC_OK, cc_client_init(&client, &options, NULL));
    script.connection = -1;
    CHECK_IS(CC_OK, cc_client_call_retrying(&client, &request, buffer, sizeof buffer, &reply, &error));
    CHECK(reply.status == 204);
    CHECK_IS(3, script.connects);
    CHECK_IS(600, script.slept);
    CHECK_IS(2, hook_calls);
    CHECK_IS(CC_ERR_NO_ANSWER, hook_kind);
    /* Enough is enough: by the policy, by the hook, or because nothing can wait. */
    begin(0);
    script.refusals = 99;
    CHECK_IS(CC_OK, cc_client_init(&client, &options, NULL));
    CHECK_IS(CC_ERR_CONNECT, cc_client_call_retrying(&client, &request, buffer, sizeof buffer, &reply, &error));
    CHECK(script.connects == 4 && error.io == -111);
    options.retries.backoff_first_ms = 100;
    options.retries.backoff_most_ms = 1000;
    options.retries.at_most = 2;
    CHECK_IS(CC_OK, cc_client_init(&client, &options, NULL));
    CHECK_IS(CC_ERR_CONNECT, cc_client_call_retrying(&client, &request, buffer, sizeof buffer, &reply, &error));
    CHECK_IS(7, script.connects);
    options.retries.at_most = -1;
    CHECK_IS(CC_OK, cc_client_init(&client, &options, NULL));
    CHECK_IS(CC_ERR_CONNECT, cc_client_call_retrying(&client, &request, buffer, sizeof buffer, &reply, &error));
    CHECK_IS(8, script.connects);
    begin(0);
    script.refusals = 99;
    options.hook = hook;
    options.hook_context = &hook_wait;
    hook_wait = CC_GIVE_UP;
    CHECK_IS(CC_OK, cc_client_init(&client, &options, NULL));
    CHECK_IS(CC_ERR_CONNECT, cc_client_call_retrying(&client, &request, buffer, sizeof buffer, &reply, &error));
    CHECK_IS(1, script.connects);
    CHECK_IS(CC_ERR_CONNECT, hook_kind);
    begin(0);
    script.refusals = 99;
    options.transport.sleep = NULL;
    CHECK_IS(CC_OK, cc_client_init(&client, &options, NULL));
    CHECK_IS(CC_ERR_CONNECT, cc_client_call_retrying(&client, &request, buffer, sizeof buffer, &reply, &error));
    CHECK_IS(1, script.connects);
}

static void policy(void)
{
    cc_retries retries;
    cc_error error;
    cc_outcome outcome;
    uint32_t wait = 0;
    memset(&retries, 0, sizeof retries);
    memset(&error, 0, sizeof error);
    error.kind = CC_ERR_NO_ANSWER;
    retries.backoff_first_ms = 500;
    retries.backoff_most_ms = 60000;
    retries.at_most = 3;
    CHECK_IS(CC_END, cc_retries_next(&retries, &error, NULL, CC_POST, &wait));
    CHECK_IS(CC_OK, cc_retries_next(&retries, &error, NULL, CC_GET, &wait));
    CHECK_IS(500, wait);
    CHECK_IS(CC_OK, cc_retries_next(&retries, &error, NULL, CC_GET, &wait));
    CHECK_IS(1000, wait);
    retries.any_method = 1;
    CHECK_IS(CC_OK, cc_retries_next(&retries, &error, NULL, CC_POST, &wait));
    CHECK_IS(2000, wait);
    CHECK_IS(3, retries.made);
    CHECK_IS(CC_END, cc_retries_next(&retries, &error, NULL, CC_GET, &wait));
    memset(&retries, 0, sizeof retries);
    memset(&outcome, 0, sizeof outcome);
    outcome.kind = CC_FAILURE;
    outcome.has_code = 1;
    outcome.code = CC_CODE_TOO_MANY_REQUESTS;
    CHECK_IS(CC_OK, cc_retries_next(&retries, NULL, &outcome, CC_POST, &wait));
    CHECK_IS(60000, wait);
    CHECK_IS(CC_END, cc_retries_next(&retries, NULL, &outcome, CC_POST, &wait));
    CHECK_IS(CC_ERR_ARGUMENT, cc_retries_next(&retries, NULL, NULL, CC_POST, &wait));
}

static int32_t read_body(void *context, uint8_t *room, size_t len)
{
    size_t *left = (size_t *)context;
    size_t count = *left < len ? *left : len;
    if (*left == 13) {
        return -13;
    }
    memset(room, 'x', count);
    *left -= count;
    return (int32_t)count;
}

static void in_pieces(void)
{
    static cc_call call;
    cc_request request = get();
    cc_body body;
    cc_event event;
    cc_outcome outcome;
    cc_reply reply;
    cc_error error;
    cc_text id;
    cc_step step;
    size_t left = 200;
    size_t filled = 0;
    char text[64];
    int32_t ready;
    memset(&body, 0, sizeof body);
    body.kind = CC_DATA_BYTES;
    body.len = left;
    request.call_id = CC_TEXT("7");
    request.method = CC_POST;

    /* A body from a function, and a reply as a whole. */
    begin(1);
    script.replies[0] = "{\"statusCode\":201,\"callID\":\"7\"}\n";
    script.step = 7;
    CHECK_IS(CC_OK, cc_client_init(&client, &options, NULL));
    CHECK_IS(CC_OK, cc_client_connect(&client, NULL));
    CHECK_IS(CC_OK, cc_call_start(&call, &client, &request, &body, &error));
    CHECK_IS(CC_ERR_STATE, cc_client_is_ready(&client, &ready));
    CHECK_IS(CC_ERR_STATE, cc_client_call(&client, &request, buffer, sizeof buffer, &reply, &error));
    CHECK_IS(CC_OK, cc_call_id(&call, &id));
    CHECK(same(id.ptr, id.len, "7"));
    CHECK_IS(CC_ERR_STATE, cc_call_outcome(&call, &outcome));
    CHECK_IS(CC_OK, cc_call_end(&call));
    CHECK_IS(CC_ERR_STATE, cc_call_end(&call));
    CHECK_IS(CC_ERR_ARGUMENT, cc_client_call(&client, &request, window + 127, 1, &reply, &error));
    CHECK_IS(CC_ERR_ARGUMENT, cc_client_call_retrying(&client, &request, window, 128, &reply, &error));
    CHECK_IS(CC_OK, cc_call_start(&call, &client, &request, &body, &error));
    CHECK_IS(CC_ERR_ARGUMENT, cc_call_receive(&call, window + 1, 5, &reply, &error));
    CHECK_IS(CC_OK, cc_call_send(&call, read_body, &left, &error));
    CHECK_IS(0, left);
    CHECK_IS(CC_OK, cc_call_receive(&call, buffer, sizeof buffer, &reply, &error));
    CHECK_IS(201, reply.status);
    CHECK_IS(CC_ERR_STATE, cc_call_next(&call, &event, &error));
    CHECK_IS(CC_OK, cc_call_end(&call));
    CHECK_IS(CC_OK, cc_client_is_ready(&client, &ready));
    CHECK_IS(1, ready);
    /* The body fails. */
    left = 13;
    body.len = 13;
    CHECK_IS(CC_OK, cc_call_start(&call, &client, &request, &body, &error));
    CHECK_IS(CC_ERR_WRITE, cc_call_send(&call, read_body, &left, &error));
    CHECK(error.cause == CC_ERR_BODY && error.io == -13);
    CHECK_IS(CC_OK, cc_call_end(&call));
    /* The call is lost, and its client goes on. */
    CHECK_IS(CC_OK, cc_call_start(&call, &client, &request, &body, &error));
    CHECK_IS(CC_OK, cc_client_abandon(&client));
    CHECK_IS(CC_ERR_STATE, cc_call_next(&call, &event, &error));
    CHECK_IS(CC_OK, cc_client_is_ready(&client, &ready));
    CHECK_IS(CC_OK, cc_call_start(&call, &client, &request, NULL, &error));
    CHECK_IS(CC_OK, cc_call_end(&call));

    /* Step by step, and nothing waits. */
    begin(1);
    memset(&options.transport, 0, sizeof options.transport);
    CHECK_IS(CC_OK, cc_client_init(&client, &options, NULL));
    left = 70;
    body.len = 70;
    body.kind = CC_DATA_TEXT;
    script.replies[0] = "{\"statusCode\":200,\"callID\":\"7\",\"data\":\"a long text\"}\n";
    CHECK_IS(CC_OK, cc_call_start(&call, &client, &request, &body, &error));
    do {
        size_t count;
        CHECK_IS(CC_OK, cc_call_step(&call, &step, &error));
        if (step.kind == CC_STEP_WRITE) {
            script.step = 1;
            count = (size_t)script_send(&script, step.ptr, step.len, 0);
            CHECK_IS(CC_OK, cc_call_wrote(&call, count));
        } else if (step.kind == CC_STEP_READ_BODY) {
            count = (size_t)read_body(&left, step.ptr, step.len);
            CHECK_IS(CC_OK, cc_call_read_body(&call, count, &error));
        } else if (step.kind == CC_STEP_READ) {
            script.step = 3;
            count = (size_t)script_recv(&script, step.ptr, step.len, 0);
            CHECK_IS(CC_OK, cc_call_read(&call, count, &error));
        } else if (step.kind == CC_STEP_EVENT && step.event.field == CC_FIELD_DATA) {
            memcpy(text + filled, step.event.text.ptr, step.event.text.len);
            filled += step.event.text.len;
        }
    } while (step.kind != CC_STEP_DONE && failures == 0);
    CHECK(same(text, filled, "a long text"));
    CHECK_IS(CC_OK, cc_call_outcome(&call, &outcome));
    CHECK_IS(200, outcome.status);
    CHECK_IS(CC_OK, cc_call_end(&call));
    /* The connection ends in the middle. */
    CHECK_IS(CC_OK, cc_call_start(&call, &client, &request, NULL, &error));
    do {
        CHECK_IS(CC_OK, cc_call_step(&call, &step, &error));
        CHECK_IS(CC_OK, cc_call_wrote(&call, step.len));
    } while (step.kind == CC_STEP_WRITE && failures == 0);
    CHECK_IS(CC_STEP_READ, step.kind);
    CHECK_IS(CC_ERR_NO_ANSWER, cc_call_read(&call, 0, &error));
    CHECK_IS(CC_ERR_NO_ANSWER, cc_call_step(&call, &step, &error));
    CHECK_IS(CC_OK, cc_call_end(&call));
    CHECK_IS(CC_ERR_NOT_REUSABLE, cc_call_start(&call, &client, &request, NULL, &error));
    CHECK_IS(CC_OK, cc_client_connected(&client));
    CHECK_IS(CC_OK, cc_call_start(&call, &client, &request, NULL, &error));
    CHECK_IS(CC_OK, cc_call_end(&call));
    CHECK_IS(CC_OK, cc_client_end(&client));
}

static void framings(void)
{
    static const cc_header headers[] = {{CC_STR_INIT("x-api-key"), CC_STR_INIT("k3y")}};
    static const cc_header host[] = {{CC_STR_INIT("host"), CC_STR_INIT("x")}};
    cc_error error;
    cc_request request = get();
    cc_reply reply;
    char name[64];
    size_t len;
    CHECK_IS(CC_ERR_INVALID_HEADER_VALUE, cc_framing_http(&framing, CC_STR("two words"), CC_STR(""), &error));
    CHECK_IS(3, error.offset);
    begin(0);
    CHECK_IS(CC_OK, cc_framing_set_path(&framing, CC_STR("/gw/v1"), &error));
    CHECK_IS(CC_ERR_INVALID_PATH, cc_framing_set_path(&framing, CC_STR("gw"), &error));
    CHECK_IS(CC_OK, cc_framing_set_headers(&framing, headers, 1, &error));
    CHECK_IS(CC_ERR_FORBIDDEN_HEADER, cc_framing_set_headers(&framing, host, 1, &error));
    fails(CC_ERR_NO_ANSWER, CC_GET, 3);
    CHECK(strncmp(script.sent, "POST /gw/v1 HTTP/1.1\r\nHost: gw\r\nAuthorization: Bearer s3cret\r\nx-api-key: k3y\r\n",
                  78) == 0);
    begin(0);
    CHECK_IS(CC_OK, cc_framing_domain(&framing, CC_STR("shop.example"), &error));
    script.replies[0] = REPLY("8\r\nx-a: 1\r\n\r\n{\"a\": 1}");
    CHECK_IS(CC_OK, cc_client_init(&client, &options, NULL));
    CHECK_IS(CC_OK, cc_client_call_retrying(&client, &request, buffer, sizeof buffer, &reply, &error));
    CHECK(strncmp(script.sent, "GET /hello HTTP/1.1\r\nHost: shop.example\r\n", 41) == 0);
    CHECK(reply.status == 200 && reply.headers.count == 2 && reply.data.kind == CC_DATA_JSON);
    begin(0);
    CHECK_IS(CC_OK, cc_open_api_host(CC_STR("prod-01"), 0, name, sizeof name, &len, &error));
    CHECK(same(name, len, "prod-01.api.tcloudbasegateway.com"));
    CHECK_IS(CC_ERR_BUFFER_TOO_SMALL, cc_open_api_host(CC_STR("prod-01"), 1, name, 3, &len, &error));
    CHECK_IS(38, len);
    CHECK_IS(CC_ERR_INVALID_NAME, cc_open_api_host(CC_STR("prod.01"), 0, name, sizeof name, &len, &error));
    CHECK_IS(CC_ERR_INVALID_NAME, cc_framing_open_api(&framing, CC_STR("h"), CC_STR("a/b"), CC_STR("k"), &error));
    CHECK_IS(CC_OK, cc_framing_open_api(&framing, CC_STR("h"), CC_STR("shop"), CC_STR("k3y"), &error));
    script.replies[0] = "HTTP/1.1 429 No\r\ncontent-length: 48\r\n\r\n{\"code\":\"RATE\",\"message\":\"m\",\"requestId\":\"r\"}   ";
    CHECK_IS(CC_OK, cc_client_init(&client, &options, NULL));
    CHECK_IS(CC_OK, cc_client_connect(&client, NULL));
    CHECK_IS(CC_OK, cc_client_call(&client, &request, buffer, sizeof buffer, &reply, &error));
    CHECK(strncmp(script.sent, "GET /v1/cloudrun/shop/hello HTTP/1.1\r\n", 38) == 0);
    CHECK(reply.kind == CC_FAILURE && reply.code == CC_CODE_TOO_MANY_REQUESTS);
    begin(1);
    CHECK_IS(CC_OK, cc_framing_checked_line(&framing));
    script.replies[0] = "{\"statusCode\":200,\"callID\":\"7\"}\n{\"statusCode\":204,\"callID\":\"7\"}#e8804518\n";
    request.call_id = CC_TEXT("7");
    CHECK_IS(CC_OK, cc_client_init(&client, &options, NULL));
    CHECK_IS(CC_OK, cc_client_connect(&client, NULL));
    /* A line without a check is no reply. */
    CHECK_IS(CC_OK, cc_client_call(&client, &request, buffer, sizeof buffer, &reply, &error));
    CHECK_IS(204, reply.status);
    CHECK(script.sent_len > 10 && script.sent[script.sent_len - 10] == '#');
}

void test_client(void)
{
    windows();
    call_once();
    errors();
    retrying();
    policy();
    in_pieces();
    framings();
}
