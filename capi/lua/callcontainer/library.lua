-- The C interface of callcontainer, loaded.

local ffi = require("ffi")
local limits = require("callcontainer.cdef")

local M = { limits = limits }

-- CALLCONTAINER_LIBRARY is another library than the system's; nginx must be told to let it through with `env`.
M.C = ffi.load(os.getenv("CALLCONTAINER_LIBRARY") or "libcallcontainer.so.1")
if M.C.cc_abi_version() ~= limits.CC_ABI then
    error("libcallcontainer is of another version than callcontainer.lua")
end

local C = M.C

function M.string(from)
    return ffi.string(from.ptr, from.len)
end

-- Returns a text as a string; nothing if it is none.
function M.text(from, memory)
    if from.ptr == nil then
        return nil
    elseif from.form == C.CC_PLAIN then
        return ffi.string(from.ptr, from.len)
    elseif C.cc_text_decode(from, ffi.cast("char *", memory.out), 65536, memory.len, nil) == C.CC_OK then
        return ffi.string(memory.out, memory.len[0])
    end
end

-- Puts a string into a `cc_str`, which borrows it; nothing for none.
function M.put(to, string)
    to.ptr = string
    to.len = string and #string or 0
end

-- Returns what a refusal says, for the operator.
function M.trouble(refusal)
    local told = refusal.code .. " " .. M.string(refusal.message)
    if refusal.cause ~= 0 then
        told = told .. ": " .. ffi.string(C.cc_error_text(refusal.cause))
        if refusal.cause < 200 then
            told = told .. " at byte " .. tonumber(refusal.offset)
        end
    end
    return told
end

return M
