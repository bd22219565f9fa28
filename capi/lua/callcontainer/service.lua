-- The way to a service: connections of HTTP/1.1 that are used again, and one exchange at a time over each.
--
-- Knows time, connections, and when one can be used again. Knows nothing of who calls.

local ffi = require("ffi")
local library = require("callcontainer.library")

local M = {}

local C = library.C
local min = math.min
local tcp = ngx.socket.tcp
-- As many idle connections to each service are kept in each worker, for so long: less than the 5 s after which many servers
-- close theirs.
local IDLE_CONNECTIONS, IDLE = 64, 4000
-- How much is received at once.
local PIECE = 65536
local IDEMPOTENT = { GET = true, HEAD = true, OPTIONS = true, PUT = true, DELETE = true }

-- Returns a service: `origin` is HOST:PORT, with or without http://, or https://HOST or https://HOST:PORT. Its name is not
-- to be asked for if an `address` is given.
function M.new(name, origin, address)
    local scheme, rest = string.match(origin, "^(%w+)://(.*)$")
    rest = rest or origin
    if scheme and scheme ~= "http" and scheme ~= "https" then
        error("service " .. name .. ": it does not begin with http:// or https://", 0)
    end
    if scheme == "https" and not string.match(rest, ":%d+$") then
        rest = rest .. ":443"
    end
    local host, port = string.match(rest, "^(.+):(%d+)$")
    port = tonumber(port)
    if not host or port < 1 or port > 65535 or string.find(host, "[^%w%-._:%[%]]") then
        error("service " .. name .. ": it is not HOST:PORT", 0)
    end
    local cc_host = ffi.new("cc_str")
    library.put(cc_host, rest)
    return {
        host = rest,
        -- As C has it; it borrows the string above.
        cc_host = cc_host,
        peer = address or host,
        port = port,
        tls = scheme == "https" and (string.match(host, "^%[(.*)%]$") or host),
        pool = { pool = "callcontainer " .. origin, pool_size = IDLE_CONNECTIONS },
        -- Until then there may be idle connections on which a body has been sent, which the service may have left unread.
        carried_until = 0,
    }
end

-- Connects, within so many milliseconds: over an idle connection, unless a new one is asked for. Returns the connection and
-- whether it was idle; or nothing, and why not.
local function connect(service, is_new, left)
    local reused, socket
    repeat
        socket = tcp()
        socket:settimeouts(left, left, left)
        local connected, trouble = socket:connect(service.peer, service.port, service.pool)
        if not connected then
            return nil, trouble
        end
        reused = socket:getreusedtimes() > 0
        -- One that is idle is likely to be as dead as the one before.
    until not (is_new and reused and socket:close())
    if service.tls and not reused then
        local session, why = socket:sslhandshake(false, service.tls, true)
        if not session then
            socket:close()
            return nil, why or "TLS has failed"
        end
    end
    return socket, reused
end

-- Sends a request over a connection, and receives the response into the reader of this memory. Returns nothing but true; or
-- nil, what has failed ("late", "refused" with the refusal in memory, "broken" or "dead"), and why.
local function exchange_over(socket, bytes, memory, deadline)
    local left = deadline - ngx.now() * 1000
    if left < 1 then
        return nil, "late"
    end
    socket:settimeouts(left, left, left)
    local sent, unsent = socket:send(bytes)
    if not sent and unsent == "timeout" then
        return nil, "late"
    end
    -- A service may answer before it has read the request, and close: its answer counts.
    local reader, room, len, complete, heard = memory.reader, memory.room, memory.len, memory.number, false
    repeat
        left = deadline - ngx.now() * 1000
        if left < 1 then
            return nil, "late"
        end
        socket:settimeouts(left, left, left)
        C.cc_reader_window(reader, room, len)
        local piece, why = socket:receiveany(min(tonumber(len[0]), PIECE))
        local count = 0
        if piece then
            count, heard = #piece, true
            ffi.copy(room[0], piece, count)
        elseif why == "timeout" then
            return nil, "late"
        elseif why ~= "closed" or not heard then
            if unsent and not heard then
                return nil, "dead", "send: " .. unsent
            end
            why = why == "closed" and "closed without an answer" or "receive: " .. why
            return nil, heard and "broken" or "dead", why
        end
        if C.cc_reader_commit(reader, count, complete, memory.refusal, memory.error) ~= C.CC_OK then
            return nil, "refused", "receive: " .. library.trouble(memory.refusal)
        end
    until complete[0] == 1
    return true
end

local function says_no_request(status)
    return status == 400 or status == 405 or status == 501
end

-- Whether the service has ended a connection with the response that has come.
local function has_ended(socket, memory)
    C.cc_reader_keeps_alive(memory.reader, memory.number)
    if memory.number[0] == 1 then
        return false
    end
    socket:settimeouts(1, 1, 1)
    local _, why = socket:receiveany(1)
    return why ~= "timeout"
end

-- Makes an exchange with a service, within so many milliseconds. `carries` says whether the request has a body; `begin`
-- initialises the reader of the memory, and `status_of` gives the status of the response in it. Returns as `exchange_over`; "unreachable" is that no connection can be made.
--
-- The request is sent once more, over a new connection, in the cases that the gateway's `Upstream::exchange` lists.
function M.exchange(service, method, bytes, carries, begin, status_of, memory, patience)
    local now = ngx.now() * 1000
    local deadline = now + patience
    local socket, was_idle = connect(service, false, patience)
    if not socket then
        return nil, was_idle == "timeout" and "late" or "unreachable", "connect: " .. was_idle
    end
    local is_doubtful = was_idle and now < service.carried_until
    begin()
    local done, what, why = exchange_over(socket, bytes, memory, deadline)
    local again, doubted = false, nil
    if not done then
        again = what == "dead" and was_idle and IDEMPOTENT[method]
    elseif is_doubtful and says_no_request(status_of()) and has_ended(socket, memory) then
        again, doubted = true, status_of()
    end
    if again then
        socket:close()
        local left = deadline - ngx.now() * 1000
        if left < 1 then
            return nil, "late"
        end
        socket, why = connect(service, true, left)
        if not socket then
            return nil, why == "timeout" and "late" or "unreachable", "connect: " .. why
        end
        is_doubtful = false
        begin()
        done, what, why = exchange_over(socket, bytes, memory, deadline)
        -- What must not be repeated has been. That happens once.
        if done and doubted and (doubted ~= status_of() or not IDEMPOTENT[method]) then
            service.is_careless = true
        end
    end
    if not done then
        socket:close()
        return nil, what, why
    end
    C.cc_reader_keeps_alive(memory.reader, memory.number)
    local has_carried = carries or is_doubtful
    if memory.number[0] == 0 or has_carried and service.is_careless then
        socket:close()
    elseif socket:setkeepalive(IDLE) and has_carried then
        service.carried_until = ngx.now() * 1000 + IDLE
    end
    return true
end

return M
