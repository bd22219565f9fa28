// The work of versus with simdjson, On-Demand and DOM, behind functions that Rust can call.
//
// The numbers of the fields are those of `Field` in fields.rs. Envelopes come with the bytes of padding that the library
// asks for, and texts are lent until the next envelope.

#include <cstddef>
#include <cstdint>
#include <simdjson.h>
#include <string>
#include <string_view>

namespace dom = simdjson::dom;
namespace ondemand = simdjson::ondemand;

namespace {

enum Field : int {
    Env, ResourceAppid, ResourceEnv, Path, Service, Method, Timeout, DataType, ResponseType, CallId, StatusCode, ErrMsg,
    ErrCode, Errno,
};

enum class Key { Text, Number, Config, Header, Cookies, Data, NativeBuffers, Other };

struct Known {
    Key key;
    Field field;
};

Known request_key(std::string_view key) {
    if (key == "config") return {Key::Config, Env};
    if (key == "resourceAppid") return {Key::Text, ResourceAppid};
    if (key == "resourceEnv") return {Key::Text, ResourceEnv};
    if (key == "path") return {Key::Text, Path};
    if (key == "service") return {Key::Text, Service};
    if (key == "method") return {Key::Text, Method};
    if (key == "header") return {Key::Header, Env};
    if (key == "timeout") return {Key::Number, Timeout};
    if (key == "dataType") return {Key::Text, DataType};
    if (key == "responseType") return {Key::Text, ResponseType};
    if (key == "callID") return {Key::Text, CallId};
    if (key == "data") return {Key::Data, Env};
    if (key == "__nativeBuffers__") return {Key::NativeBuffers, Env};
    return {Key::Other, Env};
}

Known reply_key(std::string_view key) {
    if (key == "statusCode") return {Key::Number, StatusCode};
    if (key == "header") return {Key::Header, Env};
    if (key == "cookies") return {Key::Cookies, Env};
    if (key == "callID") return {Key::Text, CallId};
    if (key == "errMsg") return {Key::Text, ErrMsg};
    if (key == "errCode") return {Key::Number, ErrCode};
    if (key == "errno") return {Key::Number, Errno};
    if (key == "data") return {Key::Data, Env};
    if (key == "__nativeBuffers__") return {Key::NativeBuffers, Env};
    return {Key::Other, Env};
}

constexpr std::size_t FIELDS = 14;
constexpr std::size_t ROOM = 64;

struct Slice {
    const char *data;
    std::size_t length;

    Slice &operator=(std::string_view view) {
        data = view.data();
        length = view.size();
        return *this;
    }
};

} // namespace

extern "C" {

// What an envelope holds. Only what the bits and counts name is written.
struct Fields {
    std::uint32_t texts_there;
    std::uint32_t numbers_there;
    std::uint32_t headers;
    std::uint32_t cookies;
    std::uint32_t body_there;
    Slice texts[FIELDS];
    std::int64_t numbers[FIELDS];
    Slice names[ROOM];
    Slice values[ROOM];
    Slice cookie[ROOM];
    Slice body;
};

} // extern "C"

namespace {

void clear(Fields &fields) {
    fields.texts_there = fields.numbers_there = fields.headers = fields.cookies = fields.body_there = 0;
}

struct OnDemandSide {
    ondemand::parser parser;
};

// Delimits a value as it stands.
bool delimit(ondemand::value value, Fields &fields) {
    std::string_view raw;
    ondemand::json_type type;
    if (value.type().get(type)) return false;
    if (type == ondemand::json_type::object) {
        ondemand::object object;
        if (value.get_object().get(object) || object.raw_json().get(raw)) return false;
    } else if (type == ondemand::json_type::array) {
        ondemand::array array;
        if (value.get_array().get(array) || array.raw_json().get(raw)) return false;
    } else {
        raw = value.raw_json_token();
    }
    fields.body = raw;
    fields.body_there = 1;
    return true;
}

bool on_demand(OnDemandSide &side, const char *data, std::size_t length, bool is_request, Fields &fields) {
    clear(fields);
    ondemand::document document;
    ondemand::object object;
    if (side.parser.iterate(data, length, length + simdjson::SIMDJSON_PADDING).get(document)) return false;
    if (document.get_object().get(object)) return false;
    for (auto member : object) {
        std::string_view key, text;
        ondemand::value value;
        if (member.unescaped_key().get(key) || member.value().get(value)) return false;
        Known known = is_request ? request_key(key) : reply_key(key);
        switch (known.key) {
        case Key::Text:
            if (value.get_string().get(text)) return false;
            fields.texts[known.field] = text;
            fields.texts_there |= 1u << known.field;
            break;
        case Key::Number:
            if (value.get_int64().get(fields.numbers[known.field])) return false;
            fields.numbers_there |= 1u << known.field;
            break;
        case Key::Config: {
            ondemand::object config;
            if (value.get_object().get(config)) return false;
            for (auto part : config) {
                if (part.unescaped_key().get(key)) return false;
                if (key != "env") continue;
                if (part.value().get_string().get(text)) return false;
                fields.texts[Env] = text;
                fields.texts_there |= 1u << Env;
            }
            break;
        }
        case Key::Header: {
            ondemand::object headers;
            if (value.get_object().get(headers)) return false;
            for (auto header : headers) {
                if (fields.headers == ROOM || header.unescaped_key().get(key)) return false;
                if (header.value().get_string().get(text)) return false;
                fields.names[fields.headers] = key;
                fields.values[fields.headers++] = text;
            }
            break;
        }
        case Key::Cookies: {
            ondemand::array cookies;
            if (value.get_array().get(cookies)) return false;
            for (auto cookie : cookies) {
                if (fields.cookies == ROOM || cookie.get_string().get(text)) return false;
                fields.cookie[fields.cookies++] = text;
            }
            break;
        }
        case Key::Data:
            if (!delimit(value, fields)) return false;
            break;
        case Key::NativeBuffers: {
            ondemand::array buffers;
            if (value.get_array().get(buffers)) return false;
            for (auto buffer : buffers) {
                ondemand::object entry;
                if (buffer.get_object().get(entry)) return false;
                for (auto part : entry) {
                    ondemand::value inner;
                    if (part.unescaped_key().get(key) || part.value().get(inner)) return false;
                    if (key == "base64" && !delimit(inner, fields)) return false;
                    if (key == "key" && (inner.get_string().get(text) || text != "data")) return false;
                }
            }
            break;
        }
        case Key::Other:
            break;
        }
    }
    // The place is told as long as there is a token left.
    return document.current_location().error() == simdjson::OUT_OF_BOUNDS;
}

struct DomSide {
    dom::parser parser;
    dom::element body;
    std::string json;
};

bool with_dom(DomSide &side, const char *data, std::size_t length, bool is_request, Fields &fields) {
    clear(fields);
    dom::object object;
    // The last argument: the envelope need not be copied to be padded.
    if (side.parser.parse(data, length, false).get_object().get(object)) return false;
    for (auto [key, value] : object) {
        Known known = is_request ? request_key(key) : reply_key(key);
        std::string_view text;
        switch (known.key) {
        case Key::Text:
            if (value.get_string().get(text)) return false;
            fields.texts[known.field] = text;
            fields.texts_there |= 1u << known.field;
            break;
        case Key::Number:
            if (value.get_int64().get(fields.numbers[known.field])) return false;
            fields.numbers_there |= 1u << known.field;
            break;
        case Key::Config: {
            dom::object config;
            if (value.get_object().get(config)) return false;
            for (auto [part, env] : config) {
                if (part != "env") continue;
                if (env.get_string().get(text)) return false;
                fields.texts[Env] = text;
                fields.texts_there |= 1u << Env;
            }
            break;
        }
        case Key::Header: {
            dom::object headers;
            if (value.get_object().get(headers)) return false;
            for (auto [name, header] : headers) {
                if (fields.headers == ROOM || header.get_string().get(text)) return false;
                fields.names[fields.headers] = name;
                fields.values[fields.headers++] = text;
            }
            break;
        }
        case Key::Cookies: {
            dom::array cookies;
            if (value.get_array().get(cookies)) return false;
            for (auto cookie : cookies) {
                if (fields.cookies == ROOM || cookie.get_string().get(text)) return false;
                fields.cookie[fields.cookies++] = text;
            }
            break;
        }
        case Key::Data:
            side.body = value;
            fields.body_there = 1;
            break;
        case Key::NativeBuffers: {
            dom::array buffers;
            if (value.get_array().get(buffers)) return false;
            for (auto buffer : buffers) {
                dom::object entry;
                if (buffer.get_object().get(entry)) return false;
                for (auto [part, inner] : entry) {
                    if (part == "key" && (inner.get_string().get(text) || text != "data")) return false;
                    if (part == "base64") {
                        side.body = inner;
                        fields.body_there = 1;
                    }
                }
            }
            break;
        }
        case Key::Other:
            break;
        }
    }
    return true;
}

} // namespace

extern "C" {

std::size_t versus_simdjson_padding() { return simdjson::SIMDJSON_PADDING; }

void *versus_on_demand_new() { return new OnDemandSide; }
void versus_on_demand_delete(void *side) { delete static_cast<OnDemandSide *>(side); }
bool versus_on_demand(void *side, const char *data, std::size_t length, bool is_request, Fields *fields) {
    return on_demand(*static_cast<OnDemandSide *>(side), data, length, is_request, *fields);
}

void *versus_dom_new() { return new DomSide; }
void versus_dom_delete(void *side) { delete static_cast<DomSide *>(side); }
bool versus_dom(void *side, const char *data, std::size_t length, bool is_request, Fields *fields) {
    return with_dom(*static_cast<DomSide *>(side), data, length, is_request, *fields);
}

// The body that the last envelope held, as JSON.
void versus_dom_body(void *side, Slice *json) {
    auto &dom_side = *static_cast<DomSide *>(side);
    dom_side.json = simdjson::minify(dom_side.body);
    *json = std::string_view(dom_side.json);
}

} // extern "C"
