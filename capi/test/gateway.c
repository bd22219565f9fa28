/* What a gateway does with a call. */
#include "check.h"

static cc_gate gate;

static cc_result decode(const char *envelope, cc_refusal *refusal, cc_error *error)
{
    return cc_gate_decode(&gate, (const uint8_t *)envelope, strlen(envelope), refusal, error);
}

static const cc_str services[] = {CC_STR_INIT("other"), CC_STR_INIT("shop")};
static const cc_env envs[] = {
    {CC_STR_INIT("dev"), CC_STR_INIT("WXAAA"), services, 1, 0},
    {CC_STR_INIT("prod-01"), CC_STR_INIT("WXAAA"), services, 2, 0},
};
static const cc_grant grants[] = {
    {CC_STR_INIT("prod-01"), CC_STR_INIT("WXCCC"), CC_STR_INIT("WXBBB")},
    {CC_STR_INIT("prod-01"), CC_STR_INIT("WXAAA"), CC_STR_INIT("WXBBB")},
};
static const cc_access access_rules = {envs, 2, grants, 2};

static const char call_envelope[] =
    "{\"config\":{\"env\":\"prod-01\"},\"resourceAppid\":\"WXAAA\",\"path\":\"/caf\\u00e9\",\"service\":\"shop\",\"method\":\"POST\","
    "\"header\":{\"X-Trace\":\"7\",\"X-WX-OPENID\":\"forged\"},\"callID\":\"7\",\"data\":{\"id\": 7}}";

static void whole_way(void)
{
    cc_caller caller;
    cc_permission permission;
    cc_refusal refusal;
    cc_error error;
    cc_request request;
    cc_http_request http;
    cc_http_response response;
    cc_text_header headers[CC_GATE_HEADERS_MAX];
    static const cc_header answer[] = {{CC_STR_INIT("x-a"), CC_STR_INIT("\xE9")},
                                       {CC_STR_INIT("set-cookie"), CC_STR_INIT("b=8")},
                                       {CC_STR_INIT("connection"), CC_STR_INIT("close")}};
    uint8_t buffer[512];
    const uint8_t *body;
    size_t len;
    size_t count;
    int32_t keeps;
    memset(&caller, 0, sizeof caller);
    caller.appid = CC_STR("WXBBB");
    caller.openid = CC_STR("o-1");
    caller.source = CC_STR("wx_client");
    CHECK_IS(CC_OK, decode(call_envelope, &refusal, &error));
    CHECK_IS(CC_ERR_STATE, cc_gate_http(&gate, CC_STR("svc"), &http, &refusal, &error));
    CHECK_IS(CC_OK, cc_gate_request(&gate, &request));
    CHECK(same(request.service.ptr, request.service.len, "shop"));
    CHECK_IS(CC_OK, cc_gate_allow(&gate, &access_rules, &caller, &permission, &refusal, &error));
    CHECK(permission.env == 1 && permission.relation == CC_REUSE);
    CHECK(same(permission.service.ptr, permission.service.len, "shop"));
    CHECK_IS(CC_ERR_STATE, cc_gate_body(&gate, buffer, sizeof buffer, &len, &error));
    CHECK_IS(CC_OK, cc_gate_http(&gate, CC_STR("svc"), &http, &refusal, &error));
    CHECK(http.method == CC_POST && http.states_length == 1 && http.closes_connection == 0);
    CHECK_IS(10, http.target_len);
    CHECK_IS(8, http.body_len);
    CHECK_IS(CC_OK, cc_gate_target(&gate, (char *)buffer, sizeof buffer, &len, &error));
    CHECK(same(buffer, len, "/caf%C3%A9"));
    CHECK_IS(CC_OK, cc_gate_body(&gate, buffer, sizeof buffer, &len, &error));
    CHECK(same(buffer, len, "{\"id\": 7}") || same(buffer, len, "{\"id\":7}"));
    CHECK_IS(CC_ERR_BUFFER_TOO_SMALL, cc_gate_body(&gate, buffer, 2, &len, &error));
    CHECK_IS(http.body_len, len);
    CHECK_IS(CC_END, cc_gate_body_in_envelope(&gate, &body, &len));
    CHECK_IS(CC_OK, cc_gate_headers(&gate, headers, CC_GATE_HEADERS_MAX, &count, &error));
    CHECK(count >= 7 && same(headers[0].name.ptr, headers[0].name.len, "Accept-Encoding"));
    CHECK(same(headers[2].name.ptr, headers[2].name.len, "X-WX-FROM-OPENID"));
    CHECK(same(headers[2].value.ptr, headers[2].value.len, "o-1"));
    CHECK_IS(CC_ERR_BUFFER_TOO_SMALL, cc_gate_headers(&gate, headers, 2, &len, &error));
    CHECK_IS(count, len);
    CHECK_IS(CC_OK, cc_gate_http1(&gate, buffer, sizeof buffer, &len, &error));
    CHECK(len > 40 && memcmp(buffer, "POST /caf%C3%A9 HTTP/1.1\r\nHost: svc\r\n", 37) == 0);
    CHECK_IS(CC_OK, cc_gate_keeps_alive(&gate, 200, &keeps));
    CHECK_IS(1, keeps);
    CHECK_IS(CC_OK, cc_gate_keeps_alive(&gate, 500, &keeps));
    CHECK_IS(0, keeps);

    memset(&response, 0, sizeof response);
    response.status = 200;
    response.headers = answer;
    response.header_count = 3;
    response.body = (const uint8_t *)"{\"id\": 7}";
    response.body_len = 9;
    CHECK_IS(CC_OK, cc_gate_reply(&gate, &response, buffer, sizeof buffer, &len, &refusal, &error));
    CHECK(same(buffer, len,
               "{\"statusCode\":200,\"header\":{\"x-a\":\"\xEF\xBF\xBD\"},\"cookies\":[\"b=8\"],\"callID\":\"7\",\"data\":{\"id\":7}}") ||
          same(buffer, len,
               "{\"statusCode\":200,\"header\":{\"x-a\":\"\xEF\xBF\xBD\"},\"cookies\":[\"b=8\"],\"callID\":\"7\",\"data\":{\"id\": 7}}"));
    CHECK_IS(CC_ERR_BUFFER_TOO_SMALL, cc_gate_reply(&gate, &response, buffer, 10, &len, &refusal, &error));
    response.status = 101;
    CHECK_IS(CC_ERR_REFUSED, cc_gate_reply(&gate, &response, buffer, sizeof buffer, &len, &refusal, &error));
    CHECK(refusal.code == CC_CODE_CLOUD_SYSTEM_ERROR && refusal.cause == CC_ERR_HTTP_SWITCHED);
    CHECK_IS(CC_ERR_HTTP_SWITCHED, error.cause);
}

static void denied(void)
{
    cc_caller caller;
    cc_refusal refusal;
    cc_error error;
    cc_access none;
    cc_text id = CC_TEXT("17-0.5");
    uint8_t buffer[256];
    size_t len;
    memset(&caller, 0, sizeof caller);
    memset(&none, 0, sizeof none);
    CHECK_IS(CC_ERR_REFUSED, decode("{\"path\":\"/\",\"method\":\"PATCH\"}", &refusal, &error));
    CHECK_IS(CC_ERR_INVALID_METHOD, error.cause);
    CHECK(refusal.code == CC_CODE_INVALID_METHOD && refusal.cause == CC_ERR_INVALID_METHOD && refusal.offset == 21);
    CHECK_IS(CC_OK, cc_refusal_encode(&refusal, &id, buffer, sizeof buffer, &len, &error));
    CHECK(len > 60 && memcmp(buffer, "{\"errCode\":102005,\"errMsg\":\"cloud.callContainer:fail", 52) == 0);
    CHECK_IS(CC_ERR_BUFFER_TOO_SMALL, cc_refusal_encode(&refusal, NULL, buffer, 10, &len, &error));
    CHECK(len > 60);
    CHECK_IS(CC_OK, decode(call_envelope, NULL, NULL));
    CHECK_IS(CC_ERR_REFUSED, cc_gate_allow(&gate, &none, NULL, NULL, &refusal, &error));
    CHECK(refusal.code == CC_CODE_ACCESS_DENIED && same(refusal.message.ptr, refusal.message.len, "Invalid host"));
    CHECK_IS(CC_ERR_REFUSED, cc_gate_allow(&gate, &access_rules, NULL, NULL, &refusal, &error));
    CHECK(same(refusal.message.ptr, refusal.message.len, "Authorization mismatch uin"));
    caller.appid = CC_STR("WXDDD");
    CHECK_IS(CC_ERR_REFUSED, cc_gate_allow(&gate, &access_rules, &caller, NULL, &refusal, &error));
    caller.appid = CC_STR("WXAAA");
    CHECK_IS(CC_OK, cc_gate_allow(&gate, &access_rules, &caller, NULL, &refusal, &error));
    CHECK_IS(CC_ERR_REFUSED, cc_gate_http(&gate, CC_STR("s\nvc"), NULL, &refusal, &error));
    CHECK_IS(CC_CODE_CLOUD_SYSTEM_ERROR, refusal.code);
    CHECK_IS(CC_OK, cc_refusal_of_code(CC_CODE_REQUEST_TIMEOUT, &refusal));
    CHECK_IS(CC_OK, cc_refusal_encode(&refusal, NULL, buffer, sizeof buffer, &len, &error));
    memset(&error, 0, sizeof error);
    error.kind = CC_ERR_MISSING_PATH;
    CHECK_IS(CC_OK, cc_refusal_of_error(&error, &refusal));
    CHECK_IS(CC_CODE_ACCESS_DENIED, refusal.code);
    error.kind = CC_ERR_STATE;
    CHECK_IS(CC_ERR_ARGUMENT, cc_refusal_of_error(&error, &refusal));
}

static void lines(void)
{
    static const char bare[] = "{\"valve\":0}";
    static const char checked[] = "{\"valve\":0}#fb986b65";
    char digits[CC_CHECK_LEN];
    const uint8_t *envelope;
    size_t len;
    int32_t has;
    cc_error error;
    CHECK_IS(CC_OK, cc_line_check((const uint8_t *)bare, 11, digits, sizeof digits, &error));
    CHECK(memcmp(digits, checked + 11, CC_CHECK_LEN) == 0);
    CHECK_IS(CC_ERR_BUFFER_TOO_SMALL, cc_line_check((const uint8_t *)bare, 11, digits, 8, &error));
    CHECK_IS(CC_OK, cc_line_split((const uint8_t *)checked, 20, 1, &envelope, &len, &has, &error));
    CHECK(same(envelope, len, bare) && has == 1);
    CHECK_IS(CC_OK, cc_line_split((const uint8_t *)bare, 11, 0, &envelope, &len, &has, &error));
    CHECK(same(envelope, len, bare) && has == 0);
    CHECK_IS(CC_ERR_INVALID_CHECK, cc_line_split((const uint8_t *)bare, 11, 1, &envelope, &len, NULL, &error));
    CHECK_IS(2, error.offset);
    CHECK_IS(CC_ERR_INVALID_CHECK, cc_line_split((const uint8_t *)checked + 1, 19, 0, &envelope, &len, &has, &error));
    CHECK_IS(1, has);
}

/* Gives a reader bytes, and how that ended. */
static cc_result come(cc_reader *reader, const char *bytes, size_t len, int32_t *complete, cc_refusal *refusal)
{
    uint8_t *room;
    size_t size;
    cc_error error;
    CHECK_IS(CC_OK, cc_reader_window(reader, &room, &size));
    if (size < len) {
        return cc_reader_commit(reader, len, complete, refusal, &error);
    }
    memcpy(room, bytes, len);
    return cc_reader_commit(reader, len, complete, refusal, &error);
}

static void reading(void)
{
    static const char first[] = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 404 Not Found\r\nX-A: 7\r\nKeep-Alive: 5\r\n";
    static const char second[] = "Transfer-Encoding: chunked\r\n\r\n2\r\nno\r\n0\r\n\r\n";
    static uint8_t memory[512];
    static cc_reader reader;
    cc_reader copy;
    cc_header headers[2];
    cc_http_parts parts;
    cc_refusal refusal;
    cc_error error;
    cc_text id = CC_TEXT("17-0.5");
    uint8_t out[256];
    size_t len;
    int32_t status;
    int32_t yes;
    CHECK_IS(CC_OK, decode(call_envelope, NULL, NULL));
    CHECK_IS(CC_OK, cc_reader_init(&reader, &gate, memory, sizeof memory, &error));
    CHECK_IS(CC_OK, come(&reader, first, sizeof first - 1, &yes, &refusal));
    CHECK_IS(0, yes);
    CHECK_IS(CC_ERR_REFUSED, cc_reader_reply(&reader, &id, out, sizeof out, &len, NULL, &refusal, &error));
    CHECK_IS(CC_ERR_HTTP_TRUNCATED, error.cause);
    CHECK_IS(CC_OK, come(&reader, second, sizeof second - 1, &yes, &refusal));
    CHECK_IS(1, yes);
    CHECK_IS(CC_OK, cc_reader_keeps_alive(&reader, &yes));
    CHECK_IS(CC_ERR_BUFFER_TOO_SMALL, cc_reader_reply(&reader, &id, out, 9, &len, &status, &refusal, &error));
    CHECK_IS(CC_ERR_ARGUMENT, cc_reader_reply(&reader, &id, memory, sizeof memory, &len, NULL, &refusal, &error));
    CHECK_IS(CC_OK, cc_reader_reply(&reader, &id, out, sizeof out, &len, &status, &refusal, &error));
    CHECK(same(out, len, "{\"statusCode\":404,\"header\":{\"X-A\":\"7\"},\"callID\":\"17-0.5\",\"data\":\"no\"}"));
    CHECK_IS(404, status);
    CHECK_IS(CC_ERR_BUFFER_TOO_SMALL, cc_reader_parts(&reader, headers, 0, &parts, &refusal, &error));
    CHECK_IS(CC_OK, cc_reader_parts(&reader, headers, 2, &parts, &refusal, &error));
    CHECK(parts.status == 404 && parts.header_count == 1 && same(parts.body, parts.body_len, "no"));
    CHECK(same(headers[0].name.ptr, headers[0].name.len, "X-A") && same(headers[0].value.ptr, headers[0].value.len, "7"));
    memcpy(&copy, &reader, sizeof copy);
    CHECK_IS(CC_ERR_STATE, cc_reader_keeps_alive(&copy, &yes));

    CHECK_IS(CC_OK, cc_reader_init_plain(&reader, CC_HEAD, memory, sizeof memory, &error));
    CHECK_IS(CC_OK, come(&reader, "HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n", 38, &yes, &refusal));
    CHECK_IS(1, yes);
    CHECK_IS(CC_ERR_ARGUMENT, cc_reader_init_plain(&reader, 8, memory, sizeof memory, &error));
    CHECK_IS(CC_OK, cc_reader_init_plain(&reader, CC_GET, memory, sizeof memory, &error));
    CHECK_IS(CC_ERR_ARGUMENT, cc_reader_commit(&reader, sizeof memory + 1, &yes, &refusal, &error));
    CHECK_IS(CC_ERR_REFUSED, come(&reader, "HTTP/1.1 200 OK\r\nContent-Length: 700\r\n\r\n", 40, &yes, &refusal));
    CHECK_IS(CC_CODE_RESPONSE_TOO_LARGE, refusal.code);
    CHECK_IS(CC_ERR_REFUSED, cc_reader_commit(&reader, 0, &yes, &refusal, &error));
    CHECK_IS(CC_ERR_REFUSED, cc_reader_parts(&reader, headers, 2, &parts, &refusal, &error));

    CHECK_IS(CC_OK, cc_is_protected_header(CC_STR("x_wx.openid"), &yes));
    CHECK_IS(1, yes);
    CHECK_IS(CC_OK, cc_is_protected_header(CC_STR("X-Trace"), &yes));
    CHECK_IS(0, yes);
    CHECK_IS(CC_ERR_INVALID_UTF8, cc_is_protected_header(CC_STR("\xFF"), &yes));
}

static void identities(void)
{
    cc_header headers[] = {{CC_STR_INIT("Host"), CC_STR_INIT("\xFF")},
                           {CC_STR_INIT("x-wx-source"), CC_STR_INIT("wx_client")},
                           {CC_STR_INIT("x-wx-from-openid"), CC_STR_INIT("o-1")},
                           {CC_STR_INIT("X-WX-From-Appid"), CC_STR_INIT("WXBBB")}};
    cc_identity identity;
    cc_error error;
    CHECK_IS(CC_OK, cc_identity_read(headers, 4, &identity, &error));
    CHECK(same(identity.source.ptr, identity.source.len, "wx_client"));
    CHECK(same(identity.from_openid.ptr, identity.from_openid.len, "o-1"));
    CHECK(same(identity.from_appid.ptr, identity.from_appid.len, "WXBBB"));
    CHECK(identity.openid.ptr == NULL && identity.address.ptr == NULL);
    CHECK_IS(CC_END, cc_identity_read(headers + 2, 2, &identity, &error));
    headers[0].name = CC_STR("x_wx_source");
    CHECK_IS(CC_END, cc_identity_read(headers, 4, &identity, &error));
    headers[0].name = CC_STR("\xFF");
    CHECK_IS(CC_ERR_INVALID_UTF8, cc_identity_read(headers, 4, &identity, &error));
}

void test_gateway(void)
{
    identities();
    lines();
    reading();
    whole_way();
    denied();
}
