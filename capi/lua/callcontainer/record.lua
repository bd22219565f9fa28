-- The line of a request in the log, in logfmt, for nginx to write: it is in the variable `callcontainer`.
--
-- Knows IDs, names, numbers, the addresses of peers and the operator's own problems. Knows no token, openid or unionid, and
-- no header, path, query or body, so none of them can get into the log.

local M = {}

local byte, find, format, gsub = string.byte, string.find, string.format, string.gsub

-- What shows nothing, or changes how the rest is shown.
local function is_hidden(code)
    return code < 0x20 or code >= 0x7F and code < 0xA0 or code == 0xAD or code >= 0x200B and code <= 0x200F
        or code >= 0x2028 and code <= 0x202F or code >= 0x205F and code <= 0x206F or code >= 0xD800 and code <= 0xF8FF
        or code == 0xFEFF or code >= 0xFFF0 and code <= 0xFFFB or code >= 0xE0000
end

local SHORT = { [9] = "\\t", [10] = "\\n", [13] = "\\r", [0] = "\\0" }

local function escape(character)
    if character == '"' or character == "\\" then
        return "\\" .. character
    end
    local first, second, third, fourth = byte(character, 1, 4)
    local code = first
    if fourth then
        code = (first - 0xF0) * 0x40000 + (second - 0x80) * 0x1000 + (third - 0x80) * 0x40 + fourth - 0x80
    elseif third then
        code = (first - 0xE0) * 0x1000 + (second - 0x80) * 0x40 + third - 0x80
    elseif second then
        code = (first - 0xC0) * 0x40 + second - 0x80
    end
    if not is_hidden(code) then
        return character
    end
    return SHORT[code] or format("\\u{%x}", code)
end

-- Returns a field, with a space before it. What strangers write is escaped, so that it cannot leave its line or its field.
function M.field(name, value)
    if value == nil then
        return " " .. name .. "=-"
    end
    if value ~= "" and not find(value, '[^!-~]') and not find(value, '["=\\]') then
        return " " .. name .. "=" .. value
    end
    -- Strings are UTF-8.
    return " " .. name .. '="' .. gsub(value, "[%z\1-\127\192-\255][\128-\191]*", escape) .. '"'
end

-- Returns what is known about a call from its envelope on.
function M.names(call_id, env, service, relation)
    local field = M.field
    return field("call", call_id) .. field("env", env) .. field("service", service) .. field("caller", relation)
end

-- Says how a call has ended.
function M.ended(names, name, outcome, received, sent, begun, trouble)
    ngx.update_time()
    local line = format("%s %s=%s in=%d out=%d ms=%d", names, name, outcome, received, sent, (ngx.now() - begun) * 1000 + 0.5)
    if trouble then
        line = line .. M.field("trouble", trouble)
    end
    ngx.var.callcontainer = line
end

-- Says what stands in the log if the client goes away from now on.
function M.goes_on(names, received)
    ngx.var.callcontainer = format("%s code=abandoned in=%d out=0", names, received)
end

-- A request is answered with this status, because it is no call or its caller may not call.
function M.rejected(status, trouble)
    ngx.var.callcontainer = format(" event=rejected status=%d peer=%s%s", status, ngx.var.remote_addr, M.field("trouble", trouble))
end

-- A body is awaited: if it does not come, it was no call.
function M.body()
    ngx.var.callcontainer = "body"
end

-- This request is nothing to tell of.
function M.nothing()
    ngx.var.callcontainer = "-"
end

return M
