-- Made of callcontainer.h by the script `cdef`. Do not edit.
local ffi = require('ffi')
ffi.cdef([[
uint32_t cc_abi_version(void);
typedef int32_t cc_result;
enum {
    CC_OK = 0,
    CC_END = -1,
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
    CC_ERR_ARGUMENT = 100,
    CC_ERR_STATE = 101,
    CC_ERR_NOT_INITIALISED = 110,
    CC_ERR_NOT_REUSABLE = 111,
    CC_ERR_REQUEST = 112,
    CC_ERR_WRITE = 113,
    CC_ERR_NO_ANSWER = 114,
    CC_ERR_IO = 115,
    CC_ERR_UNEXPECTED_EOF = 116,
    CC_ERR_HTTP = 117,
    CC_ERR_HTTP_STATUS = 118,
    CC_ERR_REPLY = 119,
    CC_ERR_FOREIGN_REPLY = 120,
    CC_ERR_CONNECT = 121,
    CC_ERR_WRITE_ZERO = 122,
    CC_ERR_BODY = 123,
    CC_ERR_REFUSED = 130,
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
typedef struct cc_error {
    int32_t kind;
    int32_t cause;
    size_t offset;
    size_t written;
    int32_t io;
    uint32_t status;
    uint32_t retry_after;
    uint32_t reserved;
} cc_error;
const char *cc_error_name(int32_t kind);
const char *cc_error_text(int32_t kind);
cc_result cc_error_code(int32_t kind, int32_t *code);
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
typedef struct cc_str {
    const char *ptr;
    size_t len;
} cc_str;
enum {
    CC_PLAIN = 0,
    CC_ESCAPED = 1,
    CC_BASE64 = 2
};
typedef struct cc_text {
    const char *ptr;
    size_t len;
    int32_t form;
} cc_text;
cc_result cc_text_len(const cc_text *text, size_t *len);
cc_result cc_text_encoded_len(const cc_text *text, size_t *len);
cc_result cc_text_decode(const cc_text *text, char *buffer, size_t size, size_t *len,
                         cc_error *error);
cc_result cc_text_eq(const cc_text *text, cc_str other, int32_t *equal);
cc_result cc_base64_encode(const uint8_t *input, size_t input_len, char *buffer, size_t size,
                           size_t *len, cc_error *error);
cc_result cc_base64_decode(const char *input, size_t input_len, uint8_t *buffer, size_t size,
                           size_t *len, cc_error *error);
enum { CC_DATA_NONE = 0, CC_DATA_TEXT = 1, CC_DATA_JSON = 2, CC_DATA_BYTES = 3 };
typedef struct cc_data {
    const void *ptr;
    size_t len;
    int32_t kind;
    int32_t form;
    const void *sender[2];
} cc_data;
cc_data cc_data_text(const char *text, size_t len);
cc_data cc_data_json(const char *json, size_t len);
cc_data cc_data_bytes(const void *bytes, size_t len);
cc_data cc_data_base64(const char *base64, size_t len);
cc_data cc_data_again(const cc_data *data);
cc_result cc_data_len(const cc_data *data, size_t *len);
cc_result cc_data_decode(const cc_data *data, void *buffer, size_t size, size_t *len,
                         cc_error *error);
typedef struct cc_header {
    cc_str name;
    cc_str value;
} cc_header;
typedef struct cc_headers {
    const cc_header *array;
    size_t count;
    const void *decoded[3];
    uint32_t magic;
} cc_headers;
typedef struct cc_headers_iter {
    const void *state[6];
    uint32_t magic;
} cc_headers_iter;
cc_result cc_headers_next(const cc_headers *headers, cc_headers_iter *iter, cc_text *name,
                          cc_text *value);
cc_result cc_headers_get(const cc_headers *headers, cc_str name, cc_text *value);
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
const char *cc_method_name(int32_t method);
enum { CC_RESPONSE_TEXT = 0, CC_RESPONSE_ARRAYBUFFER = 1 };
typedef struct cc_request {
    cc_text env;
    cc_text resource_appid;
    cc_text resource_env;
    cc_text path;
    cc_text service;
    cc_text data_type;
    cc_text call_id;
    cc_headers headers;
    cc_data data;
    int32_t method;
    int32_t response_type;
    uint32_t timeout_ms;
} cc_request;
cc_result cc_request_decode(const uint8_t *envelope, size_t len, size_t limit,
                            cc_request *request, cc_error *error);
cc_result cc_request_measure(const cc_request *request, size_t *len, cc_error *error);
cc_result cc_request_encode(const cc_request *request, uint8_t *buffer, size_t size, size_t *len,
                            cc_error *error);
enum { CC_RESPONSE = 1, CC_FAILURE = 2 };
typedef struct cc_reply {
    int32_t kind;
    int32_t status;
    int32_t code;
    int32_t has_code;
    cc_text err_msg;
    cc_text call_id;
    cc_headers headers;
    cc_cookies cookies;
    cc_data data;
} cc_reply;
cc_result cc_reply_decode(const uint8_t *envelope, size_t len, size_t limit, cc_reply *reply,
                          cc_error *error);
cc_result cc_reply_measure(const cc_reply *reply, size_t *len, cc_error *error);
cc_result cc_reply_encode(const cc_reply *reply, uint8_t *buffer, size_t size, size_t *len,
                          cc_error *error);
cc_result cc_reply_code(const cc_reply *reply, int32_t *code);
typedef struct cc_message {
    cc_text text;
    cc_text call_id;
    cc_text trace;
    int32_t code;
    int32_t has_code;
} cc_message;
cc_result cc_message_parse(const cc_text *err_msg, cc_message *message);
cc_result cc_code_message(int32_t code, cc_str *message);
typedef struct cc_retry {
    uint32_t delay_ms;
    uint32_t at_most;
} cc_retry;
cc_result cc_retry_of_error(const cc_error *error, int32_t method, cc_retry *retry);
cc_result cc_retry_of_reply(const cc_reply *reply, int32_t method, cc_retry *retry);
cc_result cc_retry_of_code(int32_t code, int32_t method, cc_retry *retry);
typedef struct cc_decoder { uint64_t opaque[136]; } cc_decoder;
typedef struct cc_encoder { uint64_t opaque[72]; } cc_encoder;
typedef struct cc_measure { uint64_t opaque[24]; } cc_measure;
typedef struct cc_framing { uint64_t opaque[14]; } cc_framing;
typedef struct cc_client { uint64_t opaque[48]; } cc_client;
typedef struct cc_call { uint64_t opaque[224]; } cc_call;
typedef struct cc_gate { uint64_t opaque[80]; } cc_gate;
typedef struct cc_reader { uint64_t opaque[64]; } cc_reader;
enum {
    CC_EVENT_NONE = 0,
    CC_EVENT_MORE = 1,
    CC_EVENT_END = 2,
    CC_EVENT_TEXT = 3,
    CC_EVENT_DATA = 4,
    CC_EVENT_JSON = 5,
    CC_EVENT_BYTES = 6,
    CC_EVENT_METHOD = 7,
    CC_EVENT_TIMEOUT = 8,
    CC_EVENT_RESPONSE_TYPE = 9,
    CC_EVENT_STATUS = 10,
    CC_EVENT_ERR_CODE = 11,
    CC_EVENT_ERRNO = 12
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
typedef struct cc_event {
    cc_text text;
    int32_t kind;
    int32_t field;
    int32_t last;
    int32_t number;
} cc_event;
typedef struct cc_outcome {
    int32_t kind;
    int32_t status;
    int32_t code;
    int32_t has_code;
} cc_outcome;
cc_result cc_request_decoder_init(cc_decoder *decoder, uint8_t *window, size_t size,
                                  cc_error *error);
cc_result cc_reply_decoder_init(cc_decoder *decoder, uint8_t *window, size_t size,
                                cc_error *error);
cc_result cc_decoder_set_limit(cc_decoder *decoder, size_t limit);
cc_result cc_decoder_set_length(cc_decoder *decoder, size_t length);
cc_result cc_decoder_window(cc_decoder *decoder, uint8_t **room, size_t *len);
cc_result cc_decoder_commit(cc_decoder *decoder, size_t count);
cc_result cc_decoder_end(cc_decoder *decoder);
cc_result cc_decoder_is_ended(cc_decoder *decoder, int32_t *ended);
cc_result cc_decoder_step(cc_decoder *decoder, cc_event *event, cc_error *error);
cc_result cc_decoder_skip(cc_decoder *decoder);
cc_result cc_decoder_outcome(cc_decoder *decoder, cc_outcome *outcome);
typedef struct cc_body {
    size_t len;
    size_t plain_len;
    int32_t kind;
} cc_body;
enum {
    CC_STEP_DONE = 0,
    CC_STEP_WRITE = 1,
    CC_STEP_READ_BODY = 2,
    CC_STEP_READ = 3,
    CC_STEP_EVENT = 4
};
typedef struct cc_step {
    uint8_t *ptr;
    size_t len;
    int32_t kind;
    cc_event event;
} cc_step;
cc_result cc_request_encoder_init(cc_encoder *encoder, const cc_request *request,
                                  const cc_body *body, uint8_t *window, size_t size,
                                  cc_error *error);
cc_result cc_reply_encoder_init(cc_encoder *encoder, const cc_reply *reply, const cc_body *body,
                                uint8_t *window, size_t size, cc_error *error);
cc_result cc_encoder_step(cc_encoder *encoder, cc_step *step, cc_error *error);
cc_result cc_encoder_wrote(cc_encoder *encoder, size_t count);
cc_result cc_encoder_read(cc_encoder *encoder, size_t count, cc_error *error);
cc_result cc_encoder_len(cc_encoder *encoder, size_t *len, size_t *written);
cc_result cc_measure_init(cc_measure *measure, int32_t kind, uint8_t *window, size_t size,
                          cc_error *error);
cc_result cc_measure_window(cc_measure *measure, uint8_t **room, size_t *len);
cc_result cc_measure_read(cc_measure *measure, size_t count, cc_error *error);
cc_result cc_measure_finish(cc_measure *measure, cc_body *body, cc_error *error);
enum {
    CC_IO_OTHER = 0,
    CC_IO_GONE = 1,
    CC_IO_TIME = 2,
    CC_IO_INTERRUPTED = 3
};
typedef struct cc_transport {
    void *context;
    int32_t (*send)(void *context, const uint8_t *bytes, size_t len, uint32_t timeout_ms);
    int32_t (*recv)(void *context, uint8_t *buffer, size_t len, uint32_t timeout_ms);
    int32_t (*connect)(void *context);
    void (*close)(void *context);
    void (*sleep)(void *context, uint32_t milliseconds);
    uint32_t (*now)(void *context);
    int32_t (*readable)(void *context);
    int32_t (*classify)(void *context, int32_t number);
} cc_transport;
cc_result cc_framing_http(cc_framing *framing, cc_str host, cc_str token, cc_error *error);
cc_result cc_framing_line(cc_framing *framing);
cc_result cc_framing_checked_line(cc_framing *framing);
cc_result cc_framing_domain(cc_framing *framing, cc_str host, cc_error *error);
cc_result cc_framing_open_api(cc_framing *framing, cc_str host, cc_str service, cc_str token,
                              cc_error *error);
cc_result cc_framing_set_path(cc_framing *framing, cc_str path, cc_error *error);
cc_result cc_framing_set_headers(cc_framing *framing, const cc_header *headers, size_t count,
                                 cc_error *error);
cc_result cc_open_api_host(cc_str env, int32_t abroad, char *buffer, size_t size, size_t *len,
                           cc_error *error);
typedef struct cc_retries {
    uint32_t backoff_first_ms;
    uint32_t backoff_most_ms;
    int32_t at_most;
    int32_t any_method;
    uint32_t made;
} cc_retries;
cc_result cc_retries_next(cc_retries *retries, const cc_error *error, const cc_outcome *outcome,
                          int32_t method, uint32_t *wait_ms);
typedef struct cc_client_options {
    cc_transport transport;
    cc_framing *framing;
    uint8_t *window;
    size_t window_size;
    cc_str env;
    cc_str resource_appid;
    cc_str resource_env;
    uint64_t first_call;
    cc_retries retries;
    int32_t no_deadlines;
    uint32_t (*hook)(void *context, uint32_t attempt, const cc_error *cause, uint32_t wait_ms);
    void *hook_context;
} cc_client_options;
cc_result cc_client_init(cc_client *client, const cc_client_options *options, cc_error *error);
cc_result cc_client_connect(cc_client *client, cc_error *error);
cc_result cc_client_connected(cc_client *client);
cc_result cc_client_is_ready(cc_client *client, int32_t *ready);
cc_result cc_client_next_call(cc_client *client, uint64_t *number);
cc_result cc_client_call(cc_client *client, const cc_request *request, uint8_t *buffer,
                         size_t size, cc_reply *reply, cc_error *error);
cc_result cc_client_call_retrying(cc_client *client, const cc_request *request, uint8_t *buffer,
                                  size_t size, cc_reply *reply, cc_error *error);
cc_result cc_client_end(cc_client *client);
cc_result cc_call_start(cc_call *call, cc_client *client, const cc_request *request,
                        const cc_body *body, cc_error *error);
cc_result cc_call_send(cc_call *call, int32_t (*read)(void *context, uint8_t *buffer, size_t len),
                       void *context, cc_error *error);
cc_result cc_call_receive(cc_call *call, uint8_t *buffer, size_t size, cc_reply *reply,
                          cc_error *error);
cc_result cc_call_next(cc_call *call, cc_event *event, cc_error *error);
cc_result cc_call_step(cc_call *call, cc_step *step, cc_error *error);
cc_result cc_call_wrote(cc_call *call, size_t count);
cc_result cc_call_read_body(cc_call *call, size_t count, cc_error *error);
cc_result cc_call_read(cc_call *call, size_t count, cc_error *error);
cc_result cc_call_skip(cc_call *call);
cc_result cc_call_outcome(cc_call *call, cc_outcome *outcome);
cc_result cc_call_id(cc_call *call, cc_text *id);
cc_result cc_call_end(cc_call *call);
cc_result cc_client_abandon(cc_client *client);
typedef struct cc_refusal {
    int32_t code;
    int32_t cause;
    size_t offset;
    cc_str message;
    const void *opaque[8];
    size_t magic;
} cc_refusal;
cc_result cc_refusal_of_code(int32_t code, cc_refusal *refusal);
cc_result cc_refusal_of_error(const cc_error *error, cc_refusal *refusal);
cc_result cc_refusal_encode(const cc_refusal *refusal, const cc_text *call_id, uint8_t *buffer,
                            size_t size, size_t *len, cc_error *error);
typedef struct cc_env {
    cc_str id;
    cc_str owner;
    const cc_str *services;
    size_t service_count;
    int32_t is_public;
} cc_env;
typedef struct cc_grant {
    cc_str env;
    cc_str by;
    cc_str to;
} cc_grant;
typedef struct cc_access {
    const cc_env *envs;
    size_t env_count;
    const cc_grant *grants;
    size_t grant_count;
} cc_access;
typedef struct cc_caller {
    cc_str appid;
    cc_str openid;
    cc_str unionid;
    cc_str source;
    cc_str address;
    cc_str access_token;
} cc_caller;
enum { CC_OWN = 1, CC_REUSE = 2, CC_PUBLIC = 3 };
typedef struct cc_permission {
    size_t env;
    cc_str service;
    int32_t relation;
} cc_permission;
cc_result cc_gate_decode(cc_gate *gate, const uint8_t *envelope, size_t len, cc_refusal *refusal,
                         cc_error *error);
cc_result cc_gate_request(cc_gate *gate, cc_request *request);
cc_result cc_gate_allow(cc_gate *gate, const cc_access *access, const cc_caller *caller,
                        cc_permission *permission, cc_refusal *refusal, cc_error *error);
typedef struct cc_http_request {
    size_t target_len;
    size_t body_len;
    int32_t method;
    int32_t states_length;
    int32_t closes_connection;
} cc_http_request;
cc_result cc_gate_http(cc_gate *gate, cc_str host, cc_http_request *http, cc_refusal *refusal,
                       cc_error *error);
cc_result cc_gate_target(cc_gate *gate, char *buffer, size_t size, size_t *len, cc_error *error);
cc_result cc_gate_body(cc_gate *gate, uint8_t *buffer, size_t size, size_t *len, cc_error *error);
cc_result cc_gate_body_in_envelope(cc_gate *gate, const uint8_t **body, size_t *len);
typedef struct cc_text_header {
    cc_text name;
    cc_text value;
} cc_text_header;
cc_result cc_gate_headers(cc_gate *gate, cc_text_header *headers, size_t capacity, size_t *count,
                          cc_error *error);
cc_result cc_gate_http1(cc_gate *gate, uint8_t *buffer, size_t size, size_t *len,
                        cc_error *error);
cc_result cc_gate_keeps_alive(cc_gate *gate, int32_t status, int32_t *keeps_alive);
typedef struct cc_http_response {
    const cc_header *headers;
    size_t header_count;
    const uint8_t *body;
    size_t body_len;
    int32_t status;
} cc_http_response;
cc_result cc_gate_reply(cc_gate *gate, const cc_http_response *response, uint8_t *buffer,
                        size_t size, size_t *len, cc_refusal *refusal, cc_error *error);
cc_result cc_reader_init(cc_reader *reader, cc_gate *gate, uint8_t *buffer, size_t size,
                         cc_error *error);
cc_result cc_reader_init_plain(cc_reader *reader, int32_t method, uint8_t *buffer, size_t size,
                               cc_error *error);
cc_result cc_reader_window(cc_reader *reader, uint8_t **room, size_t *len);
cc_result cc_reader_commit(cc_reader *reader, size_t count, int32_t *complete, cc_refusal *refusal,
                           cc_error *error);
cc_result cc_reader_keeps_alive(cc_reader *reader, int32_t *keeps_alive);
cc_result cc_reader_reply(cc_reader *reader, const cc_text *call_id, uint8_t *buffer, size_t size,
                          size_t *len, int32_t *status, cc_refusal *refusal, cc_error *error);
typedef struct cc_http_parts {
    const uint8_t *body;
    size_t body_len;
    size_t header_count;
    int32_t status;
} cc_http_parts;
cc_result cc_reader_parts(cc_reader *reader, cc_header *headers, size_t capacity,
                          cc_http_parts *parts, cc_refusal *refusal, cc_error *error);
cc_result cc_is_protected_header(cc_str name, int32_t *is_protected);
cc_result cc_line_split(const uint8_t *line, size_t len, int32_t must, const uint8_t **envelope,
                        size_t *envelope_len, int32_t *checked, cc_error *error);
cc_result cc_line_check(const uint8_t *envelope, size_t len, char *buffer, size_t size,
                        cc_error *error);
typedef struct cc_identity {
    cc_str source;
    cc_str appid;
    cc_str openid;
    cc_str unionid;
    cc_str from_appid;
    cc_str from_openid;
    cc_str from_unionid;
    cc_str access_token;
    cc_str from_access_token;
    cc_str env;
    cc_str address;
} cc_identity;
cc_result cc_identity_read(const cc_header *headers, size_t count, cc_identity *identity,
                           cc_error *error);
]])
return {
    CC_VERSION_MAJOR = 0,
    CC_VERSION_MINOR = 1,
    CC_VERSION_PATCH = 0,
    CC_ABI = 1,
    CC_REQUEST_LIMIT = 102400,
    CC_REPLY_LIMIT = 1024000,
    CC_TIMEOUT_LIMIT = 15000,
    CC_DEPTH_LIMIT = 128,
    CC_HEADERS_LIMIT = 64,
    CC_NAME_LIMIT = 128,
    CC_PATH_LIMIT = 8192,
    CC_DECODER_WINDOW_MIN = 16,
    CC_WINDOW_MIN = 64,
    CC_GATE_HEADERS_MAX = 80,
    CC_CHECK_LEN = 9,
}
