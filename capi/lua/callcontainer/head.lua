-- The head of a request: what must be right in it before anything else counts, whose it is, and where it comes from.

local ffi = require("ffi")
local bit = require("bit")

ffi.cdef([[
int inet_pton(int family, const char *text, void *address);
const char *inet_ntop(int family, const void *address, char *text, unsigned int size);
]])

local M = {}

local AF_INET, AF_INET6 = 2, 10
local find, match, sub, lower = string.find, string.match, string.sub, string.lower
local bytes, text = ffi.new("uint8_t[16]"), ffi.new("char[64]")

local function is_ipv6(address)
    return ffi.C.inet_pton(AF_INET6, address, bytes) == 1
end

-- Returns an IP address as it is always written; nothing for what is none. An IPv4 address in one of IPv6 is the former.
function M.address(value)
    if find(value, "%z") then
        return nil
    end
    local family = AF_INET
    if ffi.C.inet_pton(AF_INET, value, bytes) ~= 1 then
        if not is_ipv6(value) then
            return nil
        end
        family = AF_INET6
        local mapped = bytes[10] == 255 and bytes[11] == 255
        for at = 0, 9 do
            mapped = mapped and bytes[at] == 0
        end
        if mapped then
            family = AF_INET
            ffi.copy(bytes, bytes + 12, 4)
        end
    end
    ffi.C.inet_ntop(family, bytes, text, 64)
    return ffi.string(text)
end

-- One entry of `X-Forwarded-For`: an address, with or without a port.
local function entry(value)
    value = match(value, "^%s*(.-)%s*$")
    local inside = match(value, "^%[([^%]]*)%]$") or match(value, "^%[([^%]]*)%]:%d+$")
    if inside then
        return find(inside, ":", 1, true) and M.address(inside)
    end
    return M.address(value) or M.address(match(value, "^([%d.]+):%d+$") or "")
end

-- Returns where a call comes from: the last of these entries that is not a known proxy, if the peer and all behind it are.
-- What is no address ends the search, at the proxy that wrote it. `lines` is nothing, a line, or several.
function M.caller(lines, proxies, peer)
    local address = M.address(peer) or peer
    if not lines or not proxies[address] then
        return address
    end
    local list = type(lines) == "table" and table.concat(lines, ",") or lines
    local last = #list + 1
    while proxies[address] and last > 0 do
        local start = last - 1
        while start > 0 and sub(list, start, start) ~= "," do
            start = start - 1
        end
        local before = entry(sub(list, start + 1, last - 1))
        if not before then
            break
        end
        address, last = before, start
    end
    return address
end

-- `uri-host [ ":" port ]` of RFC 9110, section 7.2, with the syntax of RFC 3986, section 3.2.
local function is_host(value)
    local host, port = match(value, "^(.*):([^:]*)$")
    if not host or sub(port, -1) == "]" then
        host, port = value, ""
    end
    if find(port, "%D") then
        return false
    end
    local inside = match(host, "^%[(.*)%]$")
    if inside then
        return not find(inside, "%z") and is_ipv6(inside)
    end
    local plain = string.gsub(host, "%%%x%x", "")
    return not find(plain, "[^%w%-._~!$&'()*+,;=]")
end

-- Whether the header `Host` is as RFC 9112, section 3.2 requires: present in HTTP/1.1, never twice, and empty or a host.
function M.has_host(headers)
    local host = headers.host
    if host == nil then
        return ngx.req.http_version() < 1.1
    end
    return type(host) == "string" and is_host(host)
end

-- Returns the bearer token (RFC 6750, section 2.1), if there is exactly one.
function M.token(headers)
    local value = headers.authorization
    if type(value) ~= "string" then
        return nil
    end
    local scheme, token = match(value, "^(%S+) +(.-) *$")
    if scheme and lower(scheme) == "bearer" then
        return token
    end
end

-- Whether a body is announced.
function M.has_body(headers)
    local length = headers["content-length"]
    return headers["transfer-encoding"] ~= nil or length ~= nil and not (type(length) == "string" and find(length, "^0+$"))
end

-- Makes the answer that follows the last one on its connection, if a body has been left unread there: nothing can follow that.
-- nginx closes it where `keepalive_timeout` is 0, so the request is handled again there, and this does not return.
function M.close_behind(headers, stage, always)
    if stage == nil and (always or M.has_body(headers)) then
        -- It is not asked for the body.
        ngx.req.clear_header("Expect")
        ngx.exec("@callcontainer_last")
    end
end

return M
