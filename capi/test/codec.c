/* Envelopes as a whole, and their parts. */
#include "check.h"

static cc_result decode_request(const char *envelope, cc_request *request, cc_error *error)
{
    return cc_request_decode((const uint8_t *)envelope, strlen(envelope), CC_REQUEST_LIMIT, request, error);
}

static cc_result decode_reply(const char *envelope, cc_reply *reply, cc_error *error)
{
    return cc_reply_decode((const uint8_t *)envelope, strlen(envelope), CC_REPLY_LIMIT, reply, error);
}

/* Encodes again what was decoded. */
static void check_again(const cc_request *request, const char *expected)
{
    uint8_t buffer[512];
    size_t len = 0;
    size_t measured = 0;
    CHECK_IS(CC_OK, cc_request_encode(request, buffer, sizeof buffer, &len, NULL));
    CHECK(same(buffer, len, expected));
    CHECK_IS(CC_OK, cc_request_measure(request, &measured, NULL));
    CHECK_IS(len, measured);
}

static void requests(void)
{
    static const char envelope[] =
        "{\"config\":{\"env\":\"prod-01\"},\"resourceAppid\":\"WXAAA\",\"path\":\"/caf\\u00e9\",\"service\":\"shop\","
        "\"method\":\"put\",\"header\":{\"X-A\":\"1\",\"x-b\":2},\"timeout\":99999,\"responseType\":\"arraybuffer\","
        "\"callID\":\"7\",\"__nativeBuffers__\":[{\"key\":\"data\",\"base64\":\"efv\\u0050NA==\"}]}";
    cc_request request;
    cc_error error;
    cc_headers_iter iter;
    cc_text name;
    cc_text value;
    char plain[32];
    size_t len;
    int32_t equal;
    CHECK_IS(CC_OK, decode_request(envelope, &request, &error));
    CHECK_IS(CC_OK, error.kind);
    CHECK(same(request.env.ptr, request.env.len, "prod-01"));
    CHECK_IS(CC_PUT, request.method);
    CHECK_IS(CC_RESPONSE_ARRAYBUFFER, request.response_type);
    CHECK(request.timeout_ms == CC_TIMEOUT_NO_EFFECT);
    CHECK(request.resource_env.ptr == NULL);
    CHECK_IS(CC_ESCAPED, request.path.form);
    CHECK_IS(CC_OK, cc_text_decode(&request.path, plain, sizeof plain, &len, NULL));
    CHECK(same(plain, len, "/caf\xC3\xA9"));
    CHECK_IS(CC_OK, cc_text_eq(&request.path, CC_STR("/caf\xC3\xA9"), &equal));
    CHECK_IS(1, equal);
    CHECK_IS(CC_OK, cc_text_eq(&request.path, CC_STR("/cafe"), &equal));
    CHECK_IS(0, equal);
    CHECK_IS(CC_OK, cc_text_len(&request.path, &len));
    CHECK_IS(6, len);
    CHECK_IS(CC_ERR_BUFFER_TOO_SMALL, cc_text_decode(&request.path, plain, 5, &len, &error));
    CHECK_IS(6, len);
    CHECK_IS(5, error.offset);

    CHECK_IS(2, request.headers.count);
    memset(&iter, 0, sizeof iter);
    CHECK_IS(CC_OK, cc_headers_next(&request.headers, &iter, &name, &value));
    CHECK(same(name.ptr, name.len, "X-A"));
    CHECK_IS(CC_OK, cc_headers_next(&request.headers, &iter, &name, &value));
    CHECK(same(value.ptr, value.len, "2"));
    CHECK_IS(CC_END, cc_headers_next(&request.headers, &iter, &name, &value));
    CHECK_IS(CC_END, cc_headers_next(&request.headers, &iter, &name, &value));
    CHECK_IS(CC_OK, cc_headers_get(&request.headers, CC_STR("X-B"), &value));
    CHECK(same(value.ptr, value.len, "2"));
    CHECK_IS(CC_END, cc_headers_get(&request.headers, CC_STR("X-C"), &value));

    CHECK_IS(CC_DATA_BYTES, request.data.kind);
    CHECK_IS(CC_BASE64 | CC_ESCAPED, request.data.form);
    CHECK_IS(CC_OK, cc_data_decode(&request.data, plain, sizeof plain, &len, NULL));
    CHECK(len == 4 && memcmp(plain, "\x79\xFB\xCF\x34", 4) == 0);
    CHECK_IS(CC_ERR_BUFFER_TOO_SMALL, cc_data_decode(&request.data, plain, 3, &len, NULL));
    CHECK_IS(4, len);
    /* What was received is sent again on purpose alone. */
    CHECK_IS(CC_ERR_ARGUMENT, cc_request_measure(&request, &len, NULL));
    request.data = cc_data_again(&request.data);
    CHECK_IS(CC_BASE64 | CC_ESCAPED, request.data.form);
    check_again(&request,
                "{\"config\":{\"env\":\"prod-01\"},\"resourceAppid\":\"WXAAA\",\"path\":\"/caf\xC3\xA9\",\"service\":\"shop\","
                "\"method\":\"PUT\",\"header\":{\"X-A\":\"1\",\"x-b\":\"2\"},\"responseType\":\"arraybuffer\","
                "\"callID\":\"7\",\"__nativeBuffers__\":[{\"key\":\"data\",\"base64\":\"efvPNA==\"}]}");

    CHECK_IS(CC_ERR_WRONG_TYPE, decode_request("{\"path\":\"/\",\"config\":{\"env\":7}}", &request, &error));
    CHECK_IS(CC_ERR_WRONG_TYPE, error.kind);
    CHECK_IS(28, error.offset);
    CHECK(strcmp("wrong-type", cc_error_name(error.kind)) == 0);
    CHECK_IS(CC_ERR_REQUEST_TOO_LARGE, cc_request_decode((const uint8_t *)"{}   ", 5, 4, &request, &error));
    CHECK_IS(4, error.offset);
}

static void built(void)
{
    static const cc_header headers[] = {{CC_STR_INIT("X-A"), CC_STR_INIT("1")}, {CC_STR_INIT("B"), CC_STR_INIT("")}};
    cc_request request;
    cc_error error;
    uint8_t buffer[256];
    size_t len = 0;
    memset(&request, 0, sizeof request);
    CHECK_IS(CC_ERR_MISSING_PATH, cc_request_measure(&request, &len, NULL));
    request.path = CC_TEXT("/");
    CHECK_IS(CC_ERR_MISSING_ENV, cc_request_measure(&request, &len, NULL));
    request.env = CC_TEXT("e");
    request.headers.array = headers;
    request.headers.count = 2;
    request.data = cc_data_json("{ \"a\": 1 }", 10);
    check_again(&request, "{\"config\":{\"env\":\"e\"},\"path\":\"/\",\"header\":{\"X-A\":\"1\",\"B\":\"\"},\"data\":{\"a\":1}}");
    request.data.len = 9;
    CHECK_IS(CC_ERR_UNEXPECTED_END, cc_request_encode(&request, buffer, sizeof buffer, &len, &error));
    CHECK_IS(9, error.offset);
    request.data = cc_data_text("a\"b", 3);
    request.headers.count = 0;
    request.headers.array = NULL;
    check_again(&request, "{\"config\":{\"env\":\"e\"},\"path\":\"/\",\"data\":\"a\\\"b\"}");
    request.data = cc_data_json(" \"\\u0041\\n\" ", 12);
    check_again(&request, "{\"config\":{\"env\":\"e\"},\"path\":\"/\",\"data\":\"A\\n\"}");
    request.data = cc_data_bytes("\x79\xFB\xCF\x34", 4);
    check_again(&request, "{\"config\":{\"env\":\"e\"},\"path\":\"/\",\"__nativeBuffers__\":[{\"key\":\"data\",\"base64\":\"efvPNA==\"}]}");
    request.data = cc_data_base64("efvPNA==", 8);
    check_again(&request, "{\"config\":{\"env\":\"e\"},\"path\":\"/\",\"__nativeBuffers__\":[{\"key\":\"data\",\"base64\":\"efvPNA==\"}]}");
    request.data = cc_data_base64("efvPNA=", 7);
    CHECK_IS(CC_ERR_INVALID_BASE64, cc_request_encode(&request, buffer, sizeof buffer, &len, &error));
    request.data = cc_data_text("a\xFF", 2);
    CHECK_IS(CC_ERR_INVALID_UTF8, cc_request_encode(&request, buffer, sizeof buffer, &len, &error));
    CHECK_IS(1, error.offset);
    request.data = cc_data_text(NULL, 0);
    check_again(&request, "{\"config\":{\"env\":\"e\"},\"path\":\"/\",\"data\":\"\"}");
    request.data.kind = CC_DATA_NONE;
    request.timeout_ms = 15001;
    CHECK_IS(CC_ERR_TIMEOUT_TOO_LONG, cc_request_measure(&request, &len, NULL));
    request.timeout_ms = 15000;
    check_again(&request, "{\"config\":{\"env\":\"e\"},\"path\":\"/\",\"timeout\":15000}");
    request.path = CC_TEXT("//\xFF");
    CHECK_IS(CC_ERR_INVALID_UTF8, cc_request_encode(&request, buffer, sizeof buffer, &len, &error));
    CHECK_IS(2, error.offset);
}

static void replies(void)
{
    cc_reply reply;
    cc_reply copy;
    cc_error error;
    cc_cookies_iter iter;
    cc_text cookie;
    cc_message message;
    cc_retry retry;
    cc_str said;
    int32_t code;
    uint8_t buffer[256];
    size_t len = 0;
    static const char failure[] =
        "{\"errMsg\":\"cloud.callContainer:fail Error: errCode: -501000 | errMsg: Invalid host (callId: 7-0.5)\"}";
    CHECK_IS(CC_OK, decode_reply("{\"statusCode\":201,\"cookies\":[\"a=1\",\"b\"],\"data\":[1, 2]}", &reply, &error));
    CHECK_IS(CC_RESPONSE, reply.kind);
    CHECK_IS(201, reply.status);
    CHECK(same(reply.err_msg.ptr, reply.err_msg.len, "cloud.callContainer:ok"));
    memset(&iter, 0, sizeof iter);
    CHECK_IS(CC_OK, cc_cookies_next(&reply.cookies, &iter, &cookie));
    CHECK_IS(CC_OK, cc_cookies_next(&reply.cookies, &iter, &cookie));
    CHECK(same(cookie.ptr, cookie.len, "b"));
    CHECK_IS(CC_END, cc_cookies_next(&reply.cookies, &iter, &cookie));
    CHECK_IS(CC_ERR_ARGUMENT, cc_reply_encode(&reply, buffer, sizeof buffer, &len, NULL));
    reply.data = cc_data_again(&reply.data);
    CHECK_IS(CC_OK, cc_reply_encode(&reply, buffer, sizeof buffer, &len, NULL));
    CHECK(same(buffer, len, "{\"statusCode\":201,\"cookies\":[\"a=1\",\"b\"],\"data\":[1,2]}"));

    CHECK_IS(CC_OK, decode_reply(failure, &reply, &error));
    CHECK_IS(CC_FAILURE, reply.kind);
    CHECK_IS(0, reply.has_code);
    CHECK_IS(CC_OK, cc_reply_code(&reply, &code));
    CHECK_IS(CC_CODE_ACCESS_DENIED, code);
    CHECK_IS(CC_OK, cc_message_parse(&reply.err_msg, &message));
    CHECK(same(message.text.ptr, message.text.len, "Invalid host"));
    CHECK(same(message.call_id.ptr, message.call_id.len, "7-0.5"));
    CHECK(message.trace.ptr == NULL);
    CHECK_IS(1, message.has_code);
    CHECK_IS(CC_OK, cc_reply_encode(&reply, buffer, sizeof buffer, &len, NULL));
    CHECK(same(buffer, len, failure));

    memset(&copy, 0, sizeof copy);
    copy.kind = CC_FAILURE;
    copy.has_code = 1;
    copy.code = CC_CODE_REQUEST_TIMEOUT;
    copy.err_msg = CC_TEXT("x");
    CHECK_IS(CC_OK, cc_reply_encode(&copy, buffer, sizeof buffer, &len, NULL));
    CHECK(same(buffer, len, "{\"errCode\":102002,\"errMsg\":\"x\"}"));
    CHECK_IS(CC_OK, cc_retry_of_reply(&copy, CC_GET, &retry));
    CHECK(retry.at_most == 1 && retry.delay_ms == 0);
    CHECK_IS(CC_OK, cc_retry_of_reply(&copy, CC_POST, &retry));
    CHECK_IS(0, retry.at_most);
    CHECK_IS(CC_OK, cc_retry_of_code(CC_CODE_NOT_INITIALISED, CC_POST, &retry));
    CHECK(retry.at_most == 3 && retry.delay_ms == 300);
    CHECK_IS(CC_OK, cc_code_message(CC_CODE_RESULT_EXPIRED, &said));
    CHECK(same(said.ptr, said.len, "result expired"));
    CHECK_IS(CC_END, cc_code_message(7, &said));
    CHECK_IS(CC_OK, cc_error_code(CC_ERR_INVALID_METHOD, &code));
    CHECK_IS(CC_CODE_INVALID_METHOD, code);
    CHECK_IS(CC_END, cc_error_code(CC_ERR_BUFFER_TOO_SMALL, &code));
    copy.kind = CC_RESPONSE;
    copy.status = 1000;
    CHECK_IS(CC_ERR_INVALID_STATUS, cc_reply_encode(&copy, buffer, sizeof buffer, &len, NULL));
    copy.status = -1;
    CHECK_IS(CC_ERR_INVALID_STATUS, cc_reply_measure(&copy, &len, NULL));
}

static void base64(void)
{
    char text[16];
    uint8_t bytes[16];
    size_t len;
    cc_error error;
    CHECK_IS(CC_OK, cc_base64_encode((const uint8_t *)"\x79\xFB\xCF\x34", 4, text, sizeof text, &len, NULL));
    CHECK(same(text, len, "efvPNA=="));
    CHECK_IS(CC_BASE64_LEN(4), len);
    CHECK_IS(CC_ERR_BUFFER_TOO_SMALL, cc_base64_encode((const uint8_t *)"abcd", 4, text, 7, &len, NULL));
    CHECK_IS(8, len);
    CHECK_IS(CC_OK, cc_base64_decode("efvPNA==", 8, bytes, sizeof bytes, &len, NULL));
    CHECK(len == 4 && bytes[1] == 0xFB);
    CHECK_IS(CC_ERR_INVALID_BASE64, cc_base64_decode("efvPNB==", 8, bytes, sizeof bytes, &len, &error));
    CHECK_IS(6, error.offset);
    CHECK_IS(CC_ERR_INVALID_BASE64, cc_base64_decode("ef\xFFP", 4, bytes, sizeof bytes, &len, &error));
    CHECK_IS(2, error.offset);
    CHECK_IS(CC_OK, cc_base64_decode(NULL, 0, NULL, 0, &len, NULL));
    CHECK_IS(0, len);
}

/* The longest request that there is, with these lengths: the constant is reached, and not passed. */
static void greatest(void)
{
    enum { N = 10 };
    static const cc_header headers[] = {{CC_STR_INIT("name"), CC_STR_INIT("\"\"\"")},
                                        {CC_STR_INIT("eman"), CC_STR_INIT("\\\\\\")}};
    static const char quotes[] = "\"\"\"\"\"\"\"\"\"\"";
    static const char controls[] = "\1\1\1\1\1\1\1\1\1\1";
    enum {
        PARTS = CC_MAX_ENV(N) + CC_MAX_RESOURCE_APPID(N) + CC_MAX_RESOURCE_ENV(N) + CC_MAX_PATH(N) + CC_MAX_SERVICE(N) +
                CC_MAX_DATA_TYPE(N) + CC_MAX_CALL_ID(N) + CC_MAX_HEADERS(2, 4, 3)
    };
    uint8_t text[CC_REQUEST_MAX(PARTS + CC_MAX_TEXT(N))];
    uint8_t json[CC_REQUEST_MAX(PARTS + CC_MAX_JSON(N))];
    uint8_t bytes[CC_REQUEST_MAX(PARTS + CC_MAX_BYTES(N))];
    cc_request request;
    size_t len;
    memset(&request, 0, sizeof request);
    request.env = request.resource_appid = request.resource_env = request.service = request.data_type = request.call_id =
        text_of(quotes);
    request.path = text_of("/\"\"\"\"\"\"\"\"\"");
    request.headers.array = headers;
    request.headers.count = 2;
    request.method = CC_OPTIONS;
    request.response_type = CC_RESPONSE_ARRAYBUFFER;
    request.timeout_ms = CC_TIMEOUT_LIMIT;
    request.data = cc_data_text(controls, N);
    CHECK_IS(CC_OK, cc_request_encode(&request, text, sizeof text, &len, NULL));
    CHECK_IS(sizeof text, len);
    CHECK_IS(CC_ERR_BUFFER_TOO_SMALL, cc_request_encode(&request, text, sizeof text - 1, &len, NULL));
    request.data = cc_data_json("1234567890", N);
    CHECK_IS(CC_OK, cc_request_encode(&request, json, sizeof json, &len, NULL));
    CHECK_IS(sizeof json, len);
    request.data = cc_data_bytes("1234567890", N);
    CHECK_IS(CC_OK, cc_request_encode(&request, bytes, sizeof bytes, &len, NULL));
    CHECK_IS(sizeof bytes, len);
}

void test_codec(void)
{
    requests();
    built();
    replies();
    base64();
    greatest();
    CHECK_IS(CC_ABI, cc_abi_version());
    CHECK(strcmp("OPTIONS", cc_method_name(CC_OPTIONS)) == 0);
    CHECK(cc_method_name(8) == NULL);
    CHECK(strcmp("unknown", cc_error_name(99)) == 0);
}
