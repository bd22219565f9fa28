-- The door of the open HTTP API: which request is a call to which service, what of it reaches the service, and what of the
-- response its caller.
--
-- Whoever calls here is another client: the service is told nothing of it.

local ffi = require("ffi")
local library = require("callcontainer.library")
local head = require("callcontainer.head")
local memory_of = require("callcontainer.memory")
local record = require("callcontainer.record")
local service_of = require("callcontainer.service")

local M = {}

local C, limits = library.C, library.limits
local find, format, gsub, lower, match, sub = string.find, string.format, string.gsub, string.lower, string.match, string.sub

local function fault(status, code, message)
    return { status = status, code = code, message = message }
end

local BAD_REQUEST = fault(400, "BAD_REQUEST", "the name, the target, Host or the body is not valid")
local MISSING_CREDENTIALS = fault(401, "MISSING_CREDENTIALS", "there is no Authorization")
local INVALID_CREDENTIALS = fault(401, "INVALID_CREDENTIALS", "no caller has this token")
local SERVICE_NOT_FOUND = fault(404, "SERVICE_NOT_FOUND", "no service has this name")
local METHOD = fault(405, "BAD_REQUEST", "the method is not one for services")
local REQUEST_TOO_LARGE = fault(413, "EXCEED_REQUEST_SIZE_LIMIT", "the body is longer than 100 KiB")
local RESPONSE_TOO_LARGE = fault(502, "EXCEED_MAX_RESPONSE_SIZE", "the service's body is longer than 1000 KiB")
local SYSTEM = fault(502, "SYS_ERR", "the service has given no valid answer")
local SERVICE_NOT_READY = fault(503, "SERVICE_NOT_READY", "the service takes no connection")
local SERVICE_TIMEOUT = fault(504, "SERVICE_TIMEOUT", "the service has not answered in time")

local METHODS = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"
local FOR_SERVICES = { GET = true, HEAD = true, POST = true, PUT = true, PATCH = true, DELETE = true, OPTIONS = true }
-- A method that usually has a body states its length even if there is none (RFC 9110, section 8.6).
local STATES_LENGTH = { POST = true, PUT = true, PATCH = true }
-- The types of content that a browser may show.
local SHOWN = { ["application/json"] = true, ["application/x-www-form-urlencoded"] = true, ["text/plain"] = true }
-- More than a head has.
local HEADERS = 160

local headers_of = ffi.new("cc_header[?]", HEADERS)
local name_of = ffi.new("cc_str")

local function fold(name)
    return (gsub(lower(name), "[^%l%d]", "-"))
end

-- Returns the names that `Connection` lists, folded as a service may fold them; nothing if there are none.
local function listed(value)
    if value == nil then
        return nil
    end
    local names = {}
    for name in string.gmatch(type(value) == "table" and table.concat(value, ",") or value, "[^,]+") do
        names[fold(match(name, "^%s*(.-)%s*$"))] = true
    end
    return names
end

local function is_protected(name, number)
    library.put(name_of, name)
    return C.cc_is_protected_header(name_of, number) ~= C.CC_OK or number[0] == 1
end

-- Returns the head of the request that a service receives.
local function request(service, method, rest, headers, length, number)
    local lines = { method, " ", sub(rest, 1, 1) == "/" and "" or "/", rest, " HTTP/1.1\r\nHost: ", service.host,
        "\r\nAccept-Encoding: identity\r\n" }
    if length > 0 then
        -- A service may leave a body unread, and take it for the next request on the connection.
        lines[#lines + 1] = "Connection: close\r\n"
    end
    if length > 0 or STATES_LENGTH[method] then
        lines[#lines + 1] = "Content-Length: " .. length .. "\r\n"
    end
    local dropped = listed(headers.connection)
    for name, values in pairs(headers) do
        local is_dropped = name == "authorization" or is_protected(name, number)
            or dropped and name ~= "content-type" and dropped[fold(name)]
        if not is_dropped then
            for _, value in ipairs(type(values) == "table" and values or { values }) do
                lines[#lines + 1] = name .. ": " .. (value == true and "" or value) .. "\r\n"
            end
        end
    end
    lines[#lines + 1] = "\r\n"
    return table.concat(lines)
end

-- Adds what every answer has.
local function finish(method, content_type, id)
    local header = ngx.header
    header["X-Request-Id"] = id
    local is_ascii = content_type and not find(content_type, "[\128-\255]")
    if method == "GET" or not is_ascii or not SHOWN[lower(match(content_type, "^%s*([^;]-)%s*;") or match(content_type, "^%s*(.-)%s*$"))] then
        header["Content-Disposition"] = "attachment"
    end
end

-- Answers with a fault, and returns the length of that answer.
local function tell(why, method, id)
    -- None of the three has anything that JSON escapes.
    local body = format('{"code":"%s","message":"%s","requestId":"%s"}', why.code, why.message, id)
    ngx.status = why.status
    local header = ngx.header
    header["Content-Type"] = "application/json"
    header["Content-Length"] = #body
    if why.status == 401 then
        header["WWW-Authenticate"] = "Bearer"
    elseif why.status == 405 then
        header["Allow"] = METHODS
    end
    finish(method, "application/json", id)
    ngx.print(body)
    return #body
end

-- Passes the response on, and returns its status and the length of its body.
local function answer(memory, method, id)
    if C.cc_reader_parts(memory.reader, headers_of, HEADERS, memory.parts, memory.refusal, memory.error) ~= C.CC_OK then
        return nil
    end
    local parts, header = memory.parts, ngx.header
    local content_type, all, first = nil, {}, {}
    for at = 0, tonumber(parts.header_count) - 1 do
        local name, value = library.string(headers_of[at].name), library.string(headers_of[at].value)
        local key = lower(name)
        if key == "content-type" then
            content_type = content_type or value
        end
        if key ~= "x-request-id" and key ~= "content-length" then
            local values = all[first[key] or name]
            if values then
                values[#values + 1] = value
            else
                first[key], all[name] = name, { value }
            end
        elseif key == "content-length" and method == "HEAD" then
            -- It says how long the body would be.
            header["Content-Length"] = match(value, "%d+")
        end
    end
    local is_shown = content_type and method ~= "GET" and SHOWN[lower(match(content_type, "^%s*([^;]-)%s*;") or match(content_type, "^%s*(.-)%s*$"))]
    for name, values in pairs(all) do
        if is_shown or lower(name) ~= "content-disposition" then
            header[name] = #values == 1 and values[1] or values
        end
    end
    ngx.status = parts.status
    local length = tonumber(parts.body_len)
    if method ~= "HEAD" and parts.status ~= 204 and parts.status ~= 304 then
        header["Content-Length"] = length
    end
    if not content_type then
        header["Content-Type"] = nil
    end
    finish(method, content_type, id)
    ngx.print(ffi.string(parts.body, length))
    return parts.status, length
end

-- Answers a request of the open API. `target` is what is behind the prefix, `stage` as in `answer` of callcontainer.lua.
function M.answer(tables, headers, method, target, stage, new_id)
    local id, begun = new_id(), ngx.now()
    local token = head.token(headers)
    local denied
    if not head.has_host(headers) then
        denied = BAD_REQUEST
    elseif headers.authorization == nil then
        denied = MISSING_CREDENTIALS
    elseif not (token and tables.caller(token)) then
        -- Even where public access is open, a call needs a token.
        denied = INVALID_CREDENTIALS
    end
    if denied then
        head.close_behind(headers, stage)
        record.rejected(denied.status, denied.code)
        tell(denied, method, id)
        return
    end
    local name, rest = match(target, "^([^/?]*)(.*)$")
    local is_named = #name >= 2 and #name <= 60 and find(name, "^%a[%w_-]*%w$")
    local service = tables.services[name]
    local names = record.names(id, tables.env, is_named and name or nil, nil)
    local function failed(why, trouble, received)
        local sent = tell(why, method, id)
        record.ended(names, "code", why.code, received, sent, begun, trouble or why.message)
    end
    local wrong
    if not is_named or find(rest, "[^!-~]") then
        wrong = BAD_REQUEST
    elseif not service then
        wrong = SERVICE_NOT_FOUND
    elseif not FOR_SERVICES[method] then
        wrong = METHOD
    end
    if wrong then
        head.close_behind(headers, stage)
        return failed(wrong, nil, 0)
    end
    names = record.names(id, tables.env, name, "public")
    if stage == "too large" then
        return failed(REQUEST_TOO_LARGE, nil, 0)
    end
    record.body()
    ngx.req.read_body()
    local body = ngx.req.get_body_data() or ""
    if #body > 0 and (method == "GET" or method == "HEAD") then
        return failed(BAD_REQUEST, nil, #body)
    end
    record.goes_on(names, #body)
    local memory = memory_of.take()
    local bytes = request(service, method, rest, headers, #body, memory.number) .. body
    local function begin()
        C.cc_reader_init_plain(memory.reader, method == "HEAD" and C.CC_HEAD or C.CC_GET, memory.response, memory_of.RESPONSE, nil)
    end
    local function status_of()
        C.cc_reader_parts(memory.reader, nil, 0, memory.parts, nil, nil)
        return memory.parts.status
    end
    local done, what, why = service_of.exchange(service, method, bytes, #body > 0, begin, status_of, memory, limits.CC_TIMEOUT_LIMIT)
    local status, length
    if done then
        C.cc_reader_parts(memory.reader, nil, 0, memory.parts, nil, nil)
        if tonumber(memory.parts.body_len) > limits.CC_REPLY_LIMIT then
            what = "large"
        else
            status, length = answer(memory, method, id)
        end
    elseif what == "refused" and memory.refusal.code == C.CC_CODE_RESPONSE_TOO_LARGE then
        what = "large"
    end
    memory_of.give(memory)
    if status then
        record.ended(names, "status", status, #body, length, begun)
    elseif what == "late" then
        failed(SERVICE_TIMEOUT, nil, #body)
    elseif what == "unreachable" then
        failed(SERVICE_NOT_READY, why, #body)
    elseif what == "large" then
        failed(RESPONSE_TOO_LARGE, nil, #body)
    else
        failed(SYSTEM, why, #body)
    end
end

return M
