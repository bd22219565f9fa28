-- Makes nginx with its Lua module, or OpenResty, a callContainer gateway: see the README of the C interface.
--
--     init_by_lua_block { require("callcontainer").configure({ env = "prod-01", owner = "WXAAA", … }) }
--
-- What the calls mean is decided by the C interface of callcontainer. Here is what nginx has to do for it: which request is a
-- call, its body, the connection to the service, the answer, and the line in the log.

local ffi = require("ffi")
local library = require("callcontainer.library")
local head = require("callcontainer.head")
local memory_of = require("callcontainer.memory")
local open = require("callcontainer.open")
local record = require("callcontainer.record")
local service_of = require("callcontainer.service")

local M = {}

local C, limits = library.C, library.limits
local put, text = library.put, library.text
local find, format, sub = string.find, string.format, string.sub

-- More headers than that have no request.
local HEADERS = 100
-- How much is handed to nginx at once.
local PIECE = 100000
local PREFIX = "/v1/cloudrun/"
local RELATIONS = { [C.CC_OWN] = "own", [C.CC_REUSE] = "reuse", [C.CC_PUBLIC] = "public" }

local tables

-- Something made anew in each worker: tokens are looked up by a digest that nobody can foretell.
local function random(count)
    local file = assert(io.open("/dev/urandom", "rb"))
    local bytes = file:read(count)
    file:close()
    return bytes
end

local function name(what, value)
    if type(value) ~= "string" or value == "" or #value > limits.CC_NAME_LIMIT or find(value, '[%c%s,="]') then
        error(what .. " is not 1 to 128 bytes without spaces, commas, equals signs and quotation marks", 0)
    end
    return value
end

-- Says who may call what:
--
--     env, owner      the environment, and the app that owns it
--     share           a list of the apps that it is shared with
--     services        { NAME = "HOST:PORT" }, or { origin = "HOST:PORT", address = "IP" } so that nginx need not ask for HOST
--     callers         a list of { token =, appid =, openid =, unionid =, access_token = }
--     proxies         a list of addresses of proxies in front, whose X-Forwarded-For is believed
--     public          whether other clients may call
--     source          what X-WX-SOURCE says; by default wx_client
--
-- An error says what is wrong, and repeats no token.
function M.configure(options)
    local made = { services = {}, proxies = {}, public = options.public == true, env = name("env", options.env) }
    local strings = {}
    local function keep(to, value)
        strings[#strings + 1] = value
        put(to, value)
    end
    local env = ffi.new("cc_env[1]")
    keep(env[0].id, options.env)
    keep(env[0].owner, name("owner", options.owner))
    env[0].is_public = made.public and 1 or 0
    local names = {}
    for service, origin in pairs(options.services or {}) do
        if #service > 60 or not (find(service, "^%a[%w_-]*%w$") or find(service, "^%a$")) then
            error("a service's name is at most 60 letters, digits, '-' and '_', from a letter to a letter or digit", 0)
        end
        local address
        if type(origin) == "table" then
            origin, address = origin.origin, origin.address
        end
        made.services[service] = service_of.new(service, origin, address)
        names[#names + 1] = service
    end
    local services = ffi.new("cc_str[?]", #names + 1)
    for at, service in ipairs(names) do
        keep(services[at - 1], service)
    end
    env[0].services, env[0].service_count = services, #names
    local share = options.share or {}
    local grants = ffi.new("cc_grant[?]", #share + 1)
    for at, to in ipairs(share) do
        keep(grants[at - 1].env, options.env)
        keep(grants[at - 1].by, options.owner)
        keep(grants[at - 1].to, name("share", to))
    end
    local access = ffi.new("cc_access")
    access.envs, access.env_count, access.grants, access.grant_count = env, 1, grants, #share
    local callers, salt, digest = {}, random(20), ngx.sha1_bin
    for number, caller in ipairs(options.callers or {}) do
        local which = "caller " .. number .. ": its "
        local token = caller.token
        if type(token) ~= "string" or not find(token, "^[%w%-._~+/]+=*$") then
            error(which .. "token is not letters, digits, '-', '.', '_', '~', '+' and '/', with '=' at its end alone", 0)
        end
        local key = digest(salt .. token)
        if callers[key] then
            error(which .. "token is that of another one", 0)
        end
        local known = ffi.new("cc_caller")
        keep(known.appid, name(which .. "appid", caller.appid))
        keep(known.openid, name(which .. "openid", caller.openid))
        keep(known.unionid, caller.unionid and name(which .. "unionid", caller.unionid))
        keep(known.source, options.source or "wx_client")
        keep(known.access_token, caller.access_token)
        callers[key] = known
    end
    function made.caller(token)
        return callers[digest(salt .. token)]
    end
    for _, proxy in ipairs(options.proxies or {}) do
        made.proxies[head.address(proxy) or error("a proxy is not an IP address", 0)] = true
    end
    if next(callers) == nil and not made.public then
        error("there are no callers, and public is not true", 0)
    end
    made.access, made.kept = access, { strings, env, services, grants }
    tables = made
end

local seeded

-- Returns an ID that no other call has: the time in milliseconds, and a number below 1.
local function new_call_id()
    if seeded ~= ngx.worker.pid() then
        -- Workers begin with the same state.
        seeded = ngx.worker.pid()
        local one, two, three, four = string.byte(random(4), 1, 4)
        math.randomseed(((one * 256 + two) * 256 + three) * 256 + four)
    end
    return format("%.0f-0.%08d%08d", ngx.now() * 1000, math.random(0, 99999999), math.random(0, 99999999))
end

-- Answers what is no call.
local function reject(headers, stage, status, body, allow)
    -- What is wrong with the head may hide a body.
    head.close_behind(headers, stage, status == 400 or status == 431)
    if status == 200 then
        record.nothing()
    else
        record.rejected(status, (string.gsub(body, "\n$", "")))
    end
    local header = ngx.header
    ngx.status = status
    header["Content-Type"] = "text/plain"
    header["Content-Length"] = #body
    header["Allow"] = allow
    ngx.print(body)
end

local function print_envelope(bytes, len)
    local header = ngx.header
    header["Content-Type"] = "application/json"
    header["Content-Length"] = len
    -- LuaJIT takes longer strings from the system, one by one.
    local at = 0
    while at < len do
        local piece = math.min(len - at, PIECE)
        ngx.print(ffi.string(bytes + at, piece))
        at = at + piece
    end
end

-- Answers with the failure that is in the refusal of this memory.
local function refuse(memory, call_id)
    local id
    if call_id then
        id = memory.call_id
        put(id, call_id)
        id.form = C.CC_PLAIN
    end
    C.cc_refusal_encode(memory.refusal, id, memory.out, memory_of.OUT, memory.len, nil)
    local len = tonumber(memory.len[0])
    print_envelope(memory.out, len)
    return len
end

-- Returns the failure for who is unknown. The envelope has not been read, so nobody knows the ID of the call.
local function mismatch()
    local memory = memory_of.take()
    local envelope = '{"config":{"env":"e"},"path":"/","service":"s"}'
    local env, service, access = ffi.new("cc_env[1]"), ffi.new("cc_str[1]"), ffi.new("cc_access")
    put(env[0].id, "e")
    put(env[0].owner, "o")
    put(service[0], "s")
    env[0].services, env[0].service_count = service, 1
    access.envs, access.env_count = env, 1
    C.cc_gate_decode(memory.gate, envelope, #envelope, memory.refusal, nil)
    C.cc_gate_allow(memory.gate, access, nil, nil, memory.refusal, nil)
    C.cc_refusal_encode(memory.refusal, nil, memory.out, memory_of.OUT, memory.len, nil)
    local failure, trouble = ffi.string(memory.out, memory.len[0]), library.trouble(memory.refusal)
    memory_of.give(memory)
    return failure, trouble
end

local MISMATCH, MISMATCH_TROUBLE = mismatch()

local function unauthorized(headers, stage)
    head.close_behind(headers, stage)
    ngx.status = 401
    local header = ngx.header
    header["WWW-Authenticate"] = "Bearer"
    header["Content-Type"] = "application/json"
    header["Content-Length"] = #MISMATCH
    record.rejected(401, MISMATCH_TROUBLE)
    ngx.print(MISMATCH)
end

-- Makes a call. Returns the status of the response, and the length of the reply that is in `memory.out`; or nothing, and what
-- the operator is told of it, if that is not the refusal which is in memory.
local function call(memory, envelope, caller, address, call_id, told)
    local gate, refusal = memory.gate, memory.refusal
    local who
    if caller then
        who = memory.caller
        ffi.copy(who, caller, ffi.sizeof("cc_caller"))
        put(who.address, address)
    end
    if C.cc_gate_allow(gate, tables.access, who, memory.permission, refusal, memory.error) ~= C.CC_OK then
        return nil
    end
    local service = tables.services[library.string(memory.permission.service)]
    told.relation = RELATIONS[memory.permission.relation]
    if C.cc_gate_http(gate, service.cc_host, told.http, refusal, memory.error) ~= C.CC_OK then
        return nil
    end
    if C.cc_gate_http1(gate, memory.out, memory_of.OUT, memory.len, memory.error) ~= C.CC_OK then
        C.cc_refusal_of_code(C.CC_CODE_CLOUD_SYSTEM_ERROR, refusal)
        return nil
    end
    local method = ffi.string(C.cc_method_name(told.http.method))
    local carries = told.http.body_len > 0
    local bytes = ffi.string(memory.out, memory.len[0])
    local patience = memory.request.timeout_ms
    if patience == 0 or patience > limits.CC_TIMEOUT_LIMIT then
        patience = limits.CC_TIMEOUT_LIMIT
    end
    record.goes_on(record.names(call_id, told.env, told.service, told.relation), #envelope)
    local function begin()
        C.cc_reader_init(memory.reader, gate, memory.response, memory_of.RESPONSE, nil)
    end
    local function status_of()
        C.cc_reader_parts(memory.reader, nil, 0, memory.parts, nil, nil)
        return memory.parts.status
    end
    local done, what, why = service_of.exchange(service, method, bytes, carries, begin, status_of, memory, patience)
    if not done then
        if what == "late" then
            C.cc_refusal_of_code(C.CC_CODE_REQUEST_TIMEOUT, refusal)
        elseif what ~= "refused" then
            C.cc_refusal_of_code(C.CC_CODE_CLOUD_SYSTEM_ERROR, refusal)
        end
        return nil, why
    end
    local id = memory.call_id
    put(id, call_id)
    id.form = C.CC_PLAIN
    if C.cc_reader_reply(memory.reader, id, memory.out, memory_of.OUT, memory.len, memory.number, refusal, memory.error) ~= C.CC_OK then
        return nil
    end
    return memory.number[0], tonumber(memory.len[0])
end

-- Takes a call of a known party, and says in the log how it ended.
local function take_call(headers, caller, stage)
    local begun = ngx.now()
    local envelope, call_id, why = "", nil, nil
    if stage ~= "too large" then
        record.body()
        ngx.req.read_body()
        envelope = ngx.req.get_body_data() or ""
        begun = ngx.now()
    end
    -- Not before the body is there: whoever sends it slowly, or goes away, takes none.
    local memory = memory_of.take()
    local told = { http = memory.http }
    local status, sent
    if stage == "too large" then
        -- nginx has another one for it.
        ngx.status = 200
        memory.error.kind, memory.error.offset = C.CC_ERR_REQUEST_TOO_LARGE, limits.CC_REQUEST_LIMIT
        C.cc_refusal_of_error(memory.error, memory.refusal)
    else
        if C.cc_gate_decode(memory.gate, envelope, #envelope, memory.refusal, memory.error) == C.CC_OK then
            local request = memory.request
            C.cc_gate_request(memory.gate, request)
            call_id = text(request.call_id, memory) or new_call_id()
            told.env = text(request.resource_env.ptr ~= nil and request.resource_env or request.env, memory)
            told.service = text(request.service, memory)
            local address = head.caller(headers["x-forwarded-for"], tables.proxies, ngx.var.remote_addr)
            local borrowed = memory.borrowed
            borrowed[1], borrowed[2], borrowed[3] = envelope, address, call_id
            status, sent = call(memory, envelope, caller, address, call_id, told)
            if not status then
                why = sent
            end
        end
    end
    call_id = call_id or new_call_id()
    local names = record.names(call_id, told.env, told.service, told.relation)
    if status then
        print_envelope(memory.out, sent)
        record.ended(names, "status", status, #envelope, sent, begun)
    else
        local code = memory.refusal.code
        sent = refuse(memory, call_id)
        record.ended(names, "code", code, #envelope, sent, begun, why or library.trouble(memory.refusal))
    end
    memory_of.give(memory)
end

-- Answers a request. `stage` is nothing at first; "last" if its connection ends with it, since a body has been left unread;
-- or "too large" if nginx has not read all of its body for that.
local function answer(stage)
    local headers, trouble = ngx.req.get_headers(HEADERS + 1)
    if trouble then
        return reject(headers, stage, 431, "the head has too many headers\n")
    end
    local method, target = ngx.req.get_method(), ngx.var.request_uri
    if sub(target, 1, #PREFIX) == PREFIX then
        return open.answer(tables, headers, method, sub(target, #PREFIX + 1), stage, new_call_id)
    end
    if not head.has_host(headers) then
        return reject(headers, stage, 400, "it takes one header Host, with a host in it\n")
    end
    local path = string.match(target, "^[^?]*")
    if path == "/healthz" then
        if method == "GET" or method == "HEAD" then
            return reject(headers, stage, 200, "ok\n")
        end
        return reject(headers, stage, 405, "this can be read\n", "GET, HEAD")
    elseif path ~= "/" then
        return reject(headers, stage, 404, "there is /, /v1/cloudrun/NAME/PATH and /healthz\n")
    elseif method ~= "POST" then
        return reject(headers, stage, 405, "a call is a POST\n", "POST")
    end
    local token = head.token(headers)
    local caller = token and tables.caller(token)
    if not caller and not tables.public then
        return unauthorized(headers, stage)
    end
    return take_call(headers, caller, stage)
end

-- Answers a request: for `content_by_lua_block`.
function M.content()
    answer(nil)
end

-- Answers a request where its connection ends.
function M.last()
    answer("last")
end

-- Answers a request whose body is longer than an envelope may be, of which nginx has read no more.
function M.too_large()
    answer("too large")
end

return M
