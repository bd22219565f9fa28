-- The memory of a call, which is lent for as long as the call is here and then used for the next one.
--
-- Knows sizes. Knows nothing of what is in the memory.

local ffi = require("ffi")
local limits = require("callcontainer.cdef")

ffi.cdef([[
void *malloc(size_t size);
void free(void *memory);
int mallopt(int parameter, int value);
]])

-- nginx takes memory for bodies with each request, and gives it back. The system would take it away and clear it every time.
local M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3
pcall(function()
    ffi.C.mallopt(M_TRIM_THRESHOLD, 8 * 1024 * 1024)
    ffi.C.mallopt(M_MMAP_THRESHOLD, 2 * 1024 * 1024)
end)

local M = {}

-- Whatever a service answers has room here, or is refused.
M.RESPONSE = limits.CC_REPLY_LIMIT + 32768
-- A reply; before that, the request for the service: it has at most three bytes for each of the envelope's.
M.OUT = limits.CC_REPLY_LIMIT
-- How many are kept for later, in each worker: those of calls that are here at a time come back to it.
local KEPT = 64

local free, count = {}, 0

local function allocate(size)
    -- Pages of it take memory once something is written there.
    local memory = ffi.C.malloc(size)
    if memory == nil then
        error("no memory")
    end
    return ffi.gc(ffi.cast("uint8_t *", memory), ffi.C.free)
end

local function new()
    return {
        gate = ffi.new("cc_gate"),
        reader = ffi.new("cc_reader"),
        request = ffi.new("cc_request"),
        caller = ffi.new("cc_caller"),
        http = ffi.new("cc_http_request"),
        permission = ffi.new("cc_permission"),
        refusal = ffi.new("cc_refusal"),
        error = ffi.new("cc_error"),
        parts = ffi.new("cc_http_parts"),
        call_id = ffi.new("cc_text"),
        room = ffi.new("uint8_t *[1]"),
        len = ffi.new("size_t[1]"),
        number = ffi.new("int32_t[1]"),
        response = allocate(M.RESPONSE),
        out = allocate(M.OUT),
        -- Strings of Lua that the objects above borrow.
        borrowed = {},
    }
end

-- Lends the memory of a call.
function M.take()
    if count == 0 then
        return new()
    end
    local memory = free[count]
    free[count] = nil
    count = count - 1
    return memory
end

-- Takes it back. What is not given back, since a client has gone, is collected.
function M.give(memory)
    local borrowed = memory.borrowed
    for key in pairs(borrowed) do
        borrowed[key] = nil
    end
    if count < KEPT then
        count = count + 1
        free[count] = memory
    end
end

return M
