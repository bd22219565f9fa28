// The module against `inspect --json`: what both say of every example and every vector must be the same, byte for byte.
//
// values.mjs MODULE INSPECT

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const [file, inspect] = process.argv.slice(2);
const root = join(import.meta.dirname, "../../..");
const binary = readFileSync(file);
assert(binary.length < 200_000, `the module has ${binary.length} bytes`);
const module = new WebAssembly.Module(binary);
// What a panic would call is the one import that there can be.
assert.deepEqual(WebAssembly.Module.imports(module), []);
const { memory, room, look, answer_len } = new WebAssembly.Instance(module, {}).exports;

const WHATS = { detect: 0, request: 1, reply: 2, message: 3 };

function ask(bytes, what, fields = ["", "", ""], chinese = 0) {
    const parts = [bytes, ...fields.map((field) => Buffer.from(field))];
    let at = room(parts.reduce((sum, part) => sum + part.length, 0));
    assert.notEqual(at, 0);
    for (const part of parts) {
        new Uint8Array(memory.buffer, at, part.length).set(part);
        at += part.length;
    }
    const start = look(WHATS[what], chinese, ...parts.slice(1).map((part) => part.length));
    assert.notEqual(start, 0);
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(
        new Uint8Array(memory.buffer, start, answer_len()),
    );
}

const inputs = { request: [], reply: [], message: [] };
for (const what of ["request", "reply"]) {
    const folder = join(root, "examples/envelopes", what);
    for (const name of readdirSync(folder)) inputs[what].push([name, readFileSync(join(folder, name))]);
}
for (const name of readdirSync(join(root, "examples/messages"))) {
    inputs.message.push([name, readFileSync(join(root, "examples/messages", name))]);
}
for (const vector of JSON.parse(readFileSync(join(root, "vectors/vectors.json")))) {
    if (vector.what === "line") continue;
    const { text, base64, parts } = vector;
    const bytes =
        base64 !== undefined
            ? Buffer.from(base64, "base64")
            : Buffer.from(text ?? parts.map((part) => part.text.repeat(part.times)).join(""));
    inputs[vector.what].push([vector.name, bytes]);
}

const folder = mkdtempSync(join(tmpdir(), "callcontainer-values-"));
let [valid, wrong] = [0, 0];
try {
    for (const [what, list] of Object.entries(inputs)) {
        const files = list.map(([, bytes], index) => {
            const name = join(folder, `${what}-${index}`);
            writeFileSync(name, bytes);
            return name;
        });
        const output = spawnSync(inspect, ["--json", what, ...files], { maxBuffer: 1 << 28 });
        assert(output.status === 0 || output.status === 1, String(output.stderr));
        const lines = output.stdout.toString().split("\n").slice(0, -1);
        assert.equal(lines.length, list.length);
        list.forEach(([name, bytes], index) => {
            for (const chinese of [0, 1]) {
                const answer = ask(bytes, what, ["wx-a", "o-1", ""], chinese);
                const parsed = JSON.parse(answer);
                assert.equal(parsed.length, bytes.length, name);
                if (lines[index].startsWith("error\t")) {
                    const [, , kind, at] = lines[index].split("\t");
                    assert.deepEqual([parsed.why.name, `byte ${parsed.error.offset}`], [kind, at], name);
                    assert.equal(parsed.error.kind, kind);
                    assert(parsed.error.line >= 1 && parsed.error.column >= 1 && parsed.error.expected !== "");
                    assert.equal(parsed.value, undefined);
                    wrong += 1;
                } else {
                    const key = ',"value":';
                    const value = answer.slice(answer.indexOf(key) + key.length, -1);
                    assert.equal(value, lines[index], name);
                    assert.equal(parsed.http === undefined, what !== "request", name);
                    valid += 1;
                }
            }
        });
    }
} finally {
    rmSync(folder, { recursive: true });
}
assert(valid > 800 && wrong > 800, `${valid} ${wrong}`);

// The identity is that of the relation, and forged headers are gone.
const call = (more) => JSON.stringify({ config: { env: "e" }, path: "/a?b", header: { "X-WX-SERVICE": "s", "X-WX-OPENID": "forged" }, ...more });
const http = (text, fields) => JSON.parse(ask(Buffer.from(text), "request", fields)).http;
const own = http(call(), ["wx-a", "o-1", ""]);
assert.equal(own.relation, "own");
assert.match(own.head, /^GET \/a\?b HTTP\/1\.1\r\nHost: s\r\n/);
assert.match(own.head, /\r\nX-WX-OPENID: o-1\r\n/);
assert.doesNotMatch(own.head, /forged/);
const reuse = http(call({ resourceAppid: "wx-b", resourceEnv: "e" }), ["wx-a", "o-1", ""]);
assert.equal(reuse.relation, "reuse");
assert.match(reuse.head, /X-WX-APPID: wx-b\r\nX-WX-FROM-OPENID: o-1\r\nX-WX-FROM-APPID: wx-a/);
const open = http(call(), ["", "o-1", "wx-b"]);
assert.equal(open.relation, "public");
assert.doesNotMatch(open.head, /X-WX/i);
assert.equal(http(call(), ["wx-a", "o-1", "wx-b"]).refused.name, "-501000 Authorization mismatch uin");
assert.equal(http(call({ header: {} }), ["wx-a", "o-1", ""]).refused.name, "-501000 Invalid host");
assert.equal(http(call({ method: "TRACE" }), ["wx-a", "o-1", ""]).refused.name, "102005 无效的 HTTP Method");
const bytes = http(call({ method: "PUT", __nativeBuffers__: [{ key: "data", base64: "efvPNA==" }] }), ["a", "b", ""]);
assert.equal(bytes.base64, "efvPNA==");
assert.equal(http(call({ method: "POST", data: { a: "茶" } }), ["a", "b", ""]).body, '{"a":"茶"}');
// A caller that would write a header of its own.
assert.match(http(call(), ["a", "b\r\nX: y", ""]).refused.name, /^-501001/);

// What it is told to be, or whatever it is.
for (const [text, what] of [["{", "request"], ['{"errMsg":"x"}', "reply"], ["Error: x", "message"]]) {
    assert.equal(JSON.parse(ask(Buffer.from(text), "detect")).what, what);
}
// Fields that are not there are no reason to read what is not there.
assert.notEqual(room(3), 0);
assert.equal(look(0, 0, 2, 2, 0), 0);
assert.equal(look(0, 0, 0xffffffff, 0xffffffff, 0), 0);
assert.notEqual(look(0, 0, 0, 0, 0), 0);
assert.equal(room(0xfffffff0), 0);

// A megabyte, again and again, takes no more memory than once.
const large = Buffer.from(`{"statusCode":200,"data":"${"茶".repeat(341_000)}"}`);
ask(large, "reply");
const before = memory.buffer.byteLength;
const start = performance.now();
for (let time = 0; time < 10; time += 1) assert.equal(JSON.parse(ask(large, "reply")).error, undefined);
const each = (performance.now() - start) / 10;
assert.equal(memory.buffer.byteLength, before);
console.log(`values\t${valid} valid and ${wrong} wrong inputs are as inspect says; ${binary.length} bytes of module`);
console.log(`values\ta megabyte in ${each.toFixed(1)} ms, ${before / 65536} pages of memory`);
