// The page in headless Chromium: what it shows, who can use it, and that nothing leaves it.
//
// browser.mjs FOLDER SCREENSHOTS

import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Chromium } from "./chromium.mjs";

const [folder, screenshots] = process.argv.slice(2);
mkdirSync(screenshots, { recursive: true });

// Every request that reaches it is remembered.
const asked = [];
const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    if (request.url !== "/") return response.writeHead(404).end();
    response.writeHead(200, { "Content-Type": "text/html; charset=utf-8" }).end(readFileSync(join(folder, "index.html")));
});
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
const url = `http://127.0.0.1:${server.address().port}/`;
const chromium = new Chromium();

const text = (page, id) => page.run(`document.getElementById(${JSON.stringify(id)}).textContent`);
const isShown = (page, id) => page.run(`document.getElementById(${JSON.stringify(id)}).checkVisibility()`);

// Puts a text there as if it had been pasted, and waits until it has been looked at.
async function paste(page, input, id = "text") {
    const looks = `Number(document.body.dataset.looks ?? 0)`;
    const before = await page.run(looks);
    await page.run(`{
        const field = document.getElementById(${JSON.stringify(id)});
        field.value = ${JSON.stringify(input)};
        field.dispatchEvent(new InputEvent("input", { bubbles: true }));
    }`);
    await page.until(`${looks} > ${before}`);
}

async function choose(page, id, value) {
    await page.run(`{
        const field = document.getElementById(${JSON.stringify(id)});
        field.value = ${JSON.stringify(value)};
        field.dispatchEvent(new Event("change", { bubbles: true }));
    }`);
    await new Promise((resolve) => setTimeout(resolve, 100));
}

const VALID = JSON.stringify({
    config: { env: "prod-01" },
    path: "/orders?x=1",
    method: "POST",
    header: { "X-WX-SERVICE": "shop", "X-Trace": "七" },
    data: { items: [1, 12345678901234567890n.toString()], note: "茶" },
}).replace('"12345678901234567890"', "12345678901234567890");

const cases = {
    async "a valid request"(page) {
        await paste(page, VALID);
        assert.match(await text(page, "verdict"), /^A request that is valid, \d+ bytes\.$/);
        assert(!(await isShown(page, "why")) && !(await isShown(page, "place")));
        assert.match(await text(page, "value"), /"path": "\/orders\?x=1"/);
        // No number is rounded.
        assert.match(await text(page, "value"), /12345678901234567890/);
        assert.match(await text(page, "measure"), /^\d+ of 102400 bytes, 0\.\d %: \d+ left$/);
        const widths = await page.run(`[...document.querySelectorAll("#bar span")].map((part) => part.getBoundingClientRect().width)`);
        const bar = await page.run(`document.getElementById("bar").clientWidth`);
        const sum = widths.reduce((sum, width) => sum + width, 0);
        assert(sum > 0 && Math.abs(sum / bar - Buffer.byteLength(VALID) / 102400) < 0.01, `${sum} of ${bar}`);
        assert.match(await text(page, "http"), /^POST \/orders\?x=1 HTTP\/1\.1\nHost: shop\n/);
        assert.match(await text(page, "http"), /\nX-WX-OPENID: o-user\n/);
        assert.match(await text(page, "relation"), /^The app that owns/);
        await paste(page, "wx-other", "owner");
        assert.match(await text(page, "refused"), /^-501000 Authorization mismatch uin/);
        await paste(page, "", "appid");
        assert.match(await text(page, "relation"), /public network/);
        assert.doesNotMatch(await text(page, "http"), /X-WX-/i);
    },

    async "an invalid request"(page) {
        await paste(page, `{"config":{"env":"生产"},\n\t"path":"/a b"}`);
        assert.equal(
            await text(page, "verdict"),
            "A request with an error: invalid-path, at byte 39, line 2, column 12.",
        );
        assert.match(await text(page, "where"), /, in path$/);
        assert.equal(await text(page, "excerpt"), `\\t"path":"/a b"}`);
        assert.equal(await page.run(`document.querySelector("#excerpt mark").textContent`), " ");
        assert.match(await text(page, "explanation"), /encodeURIComponent/);
        assert.equal(await text(page, "values"), "err.errCode = -501000, Path access permission error");
        await page.run(`document.getElementById("select").click()`);
        const selected = await page.run(`(({ value, selectionStart, selectionEnd }) => value.slice(selectionStart - 2, selectionEnd + 1))(document.activeElement)`);
        assert.equal(selected, "/a b");
        // At the end of the text something is marked as well.
        await paste(page, `{"path":"/`);
        assert.equal(await page.run(`document.querySelector("#excerpt mark").textContent`), "\u00a0");
    },

    async "a reply"(page) {
        await paste(page, `{"statusCode":404,"data":"\\u4f60","cookies":["a=1"]}`);
        assert.match(await text(page, "verdict"), /^A reply that is valid, with status 404/);
        assert.match(await text(page, "notes"), /service's own/);
        assert.match(await text(page, "overheads"), /needless 3/);
        assert(!(await isShown(page, "gateway")));
    },

    async "a pasted stack, and an error of the open API"(page) {
        await paste(page, readFileSync(new URL("../../../examples/messages/stack-of-an-engine.txt", import.meta.url), "utf8"));
        assert.equal(await text(page, "verdict"), "The call failed: -501000 Invalid host.");
        assert.match(await text(page, "explanation"), /observed[^]*misspelt service[^]*inferred/);
        await choose(page, "language", "zh");
        assert.equal(await text(page, "verdict"), "调用失败：-501000 Invalid host。");
        assert.match(await text(page, "explanation"), /实际观察[^]*服务名称写错[^]*推断/);
        assert.equal(await page.run("document.documentElement.lang"), "zh-CN");
        await choose(page, "language", "en");
        await paste(page, `{"code":"SERVICE_TIMEOUT","message":"","requestId":"1"}`);
        assert.equal(await text(page, "verdict"), "The call failed: SERVICE_TIMEOUT.");
        // Told to be something else, it is that.
        await choose(page, "what", "2");
        assert.match(await text(page, "verdict"), /missing-field/);
        await choose(page, "what", "0");
    },

    async "all examples"(page) {
        const count = await page.run(`document.getElementById("example").options.length`);
        assert.equal(count, 8);
        const verdicts = [];
        for (let index = 0; index < count - 1; index += 1) {
            await choose(page, "example", String(index));
            verdicts.push(await text(page, "verdict"));
        }
        assert.equal(new Set(verdicts).size, verdicts.length, verdicts.join("\n"));
        assert.equal(verdicts.filter((verdict) => /that is valid/.test(verdict)).length, 3, verdicts.join("\n"));
    },

    async "a megabyte, while one types"(page) {
        const large = `{"statusCode":200,"data":"${"茶".repeat(341_000)}"}`;
        await paste(page, large);
        assert.match(await text(page, "verdict"), /with status 200, 1023028 bytes/);
        assert((await text(page, "value")).length < 21_000);
        await page.run(`{ const field = document.getElementById("text"); field.focus(); field.setSelectionRange(field.value.length - 2, field.value.length - 2); }`);
        const start = performance.now();
        for (const letter of "typed") await page.send("Input.insertText", { text: letter });
        await page.until(`/1023033 bytes/.test(document.getElementById("verdict").textContent)`);
        console.log(`page\t5 letters typed into a megabyte in ${(performance.now() - start).toFixed(0)} ms`);
        // One byte too many, and then many.
        const most = `{"statusCode":200,"data":"${"x".repeat(1_024_000)}"}`;
        await paste(page, most);
        assert.match(await text(page, "verdict"), /reply-too-large, at byte 1024000/);
        assert.match(await text(page, "measure"), /28 too many$/);
        await paste(page, "x".repeat(3_000_000));
        assert.match(await text(page, "verdict"), /too-long/);
        // All of a long value is there for who wants it.
        await paste(page, `{"statusCode":200,"data":[${"1,".repeat(50_000)}1]}`);
        await page.run(`document.getElementById("more").click()`);
        assert.equal((await text(page, "value")).match(/1,\n/g).length, 50_000);
    },

    async "hostile text"(page) {
        const evil = `<img src=x onerror="window.pwned=1"><script>window.pwned=1</scr` + `ipt></textarea></style>&lt;\u202e`;
        const inside = JSON.stringify(evil).slice(1, -1);
        const fields = {
            request: ["config.env", "resourceAppid", "resourceEnv", "service", "dataType", "callID", "header.A", "data", "method", "responseType", "path"],
            reply: ["header.A", "data", "callID", "errMsg", "cookies"],
            failure: ["errMsg", "callID"],
        };
        const base = {
            request: { config: { env: "e" }, path: "/", service: "s" },
            reply: { statusCode: 200 },
            failure: { errCode: -1, errMsg: "x" },
        };
        let shown = 0;
        for (const [kind, names] of Object.entries(fields)) {
            for (const name of names) {
                const object = structuredClone(base[kind]);
                const [outer, inner] = name.split(".");
                if (inner) (object[outer] ??= {})[inner] = evil;
                else object[outer] = name === "cookies" ? [evil] : evil;
                if (kind === "request" && name.startsWith("header")) object.header["X-WX-SERVICE"] = "s";
                await paste(page, JSON.stringify(object));
                const all = await page.run("document.body.innerText");
                if (all.includes("<img src=x onerror=")) shown += 1;
            }
        }
        assert(shown >= 16, String(shown));
        // As a key, in what is wrong, in a message, in the fields of the caller.
        await paste(page, `{"${inside}":1,"config":{"env":"e"},"path":"/","data":{"${inside}":"${inside}"},"header":{"${inside}":1}}`);
        await paste(page, `{"data":{"${inside}":[1 ${inside}`);
        assert.match(await text(page, "excerpt"), /<img src=x/);
        // What turns text around is shown as an escape.
        assert.match(await text(page, "where"), /\\u\{202e\}/);
        await paste(page, `cloud.callContainer:fail Error: ${evil} (callId: ${evil}) (trace: ${evil})`);
        await paste(page, VALID);
        for (const id of ["appid", "openid", "owner"]) await paste(page, evil.slice(0, 100), id);
        for (const id of ["appid", "openid", "owner"]) await paste(page, "", id);
        const made = await page.run(`document.querySelectorAll("main img, main script, main style, main iframe, main a").length`);
        assert.equal(made, 0);
        assert.equal(await page.run("window.pwned"), undefined);
    },

    async "a file that is no text, opened and dropped"(page) {
        const place = mkdtempSync(join(tmpdir(), "callcontainer-page-"));
        try {
            const file = join(place, "a.json");
            writeFileSync(file, Buffer.from(`{"config":{"env":"e\xff"},"path":"/"}`, "latin1"));
            const { root } = await page.send("DOM.getDocument");
            const { nodeId } = await page.send("DOM.querySelector", { nodeId: root.nodeId, selector: "#file" });
            await page.send("DOM.setFileInputFiles", { nodeId, files: [file] });
            await page.until(`/invalid-utf8, at byte 19/.test(document.getElementById("verdict").textContent)`);
            assert.equal(await page.run(`document.querySelector("#excerpt mark").textContent`), "\\xff");
            await page.run(`{
                const data = new DataTransfer();
                data.items.add(new File(['{"statusCode":201}'], "b.json"));
                document.body.dispatchEvent(new DragEvent("drop", { bubbles: true, cancelable: true, dataTransfer: data }));
            }`);
            await page.until(`/status 201/.test(document.getElementById("verdict").textContent)`);
        } finally {
            rmSync(place, { recursive: true });
        }
    },

    async "a link holds the text"(page) {
        await paste(page, VALID);
        await paste(page, "wx-linked", "appid");
        await choose(page, "what", "1");
        await page.run(`document.getElementById("link").click()`);
        await page.until(`document.getElementById("url").value.includes("#")`);
        const link = await page.run(`document.getElementById("url").value`);
        const before = asked.length;
        const other = await chromium.open(link);
        await other.until(`document.getElementById("text").value !== ""`);
        assert.equal(await other.run(`document.getElementById("text").value`), VALID);
        assert.equal(await other.run(`document.getElementById("appid").value`), "wx-linked");
        // Only the page itself was asked for, and nothing of the fragment.
        assert.deepEqual(asked.slice(before), ["GET /"]);
        assert.deepEqual(other.complaints, []);
        await other.close();
        // Links that hold something else, or far too much.
        const bomb = await page.run(`(async () => {
            const stream = new Blob([new Uint8Array(50_000_000)]).stream().pipeThrough(new CompressionStream("deflate-raw"));
            const bytes = new Uint8Array(await new Response(stream).arrayBuffer());
            let text = "";
            for (const byte of bytes) text += String.fromCharCode(byte);
            return btoa(text).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
        })()`);
        for (const [fragment, verdict] of [["z=%%%", /does not hold/], ["z=AAAA", /does not hold/], ["text=x&what=9", /failed/], [`z=${bomb}`, /too-long/]]) {
            const bad = await chromium.open(`${url}#${fragment}`);
            await bad.until(`${verdict}.test(document.getElementById("verdict").textContent)`);
            await bad.close();
        }
        await paste(page, "", "appid");
        await choose(page, "what", "0");
    },

    async "the keyboard and a screen reader"(page) {
        await paste(page, `{"path":"/a b"}`);
        await paste(page, VALID);
        await page.run("document.activeElement.blur()");
        const seen = [];
        for (let time = 0; time < 30; time += 1) {
            await page.key("Tab");
            const id = await page.run("document.activeElement.id");
            if (id === "" || seen.includes(id)) break;
            seen.push(id);
            // Whatever has the focus shows it.
            const outline = await page.run(`(getComputedStyle(document.activeElement.closest(".button") ?? document.activeElement).outlineStyle)`);
            assert.notEqual(outline, "none", id);
        }
        for (const id of ["language", "text", "what", "example", "file", "clear", "link", "appid", "openid", "owner", "value", "http"]) {
            assert(seen.includes(id), `${id} is not reached: ${seen}`);
        }
        const { nodes } = await page.send("Accessibility.getFullAXTree");
        const roles = {};
        for (const { ignored, role, name } of nodes) {
            if (ignored) continue;
            (roles[role.value] ??= []).push(name?.value ?? "");
        }
        for (const role of ["textbox", "combobox", "button", "meter", "region"]) {
            assert(roles[role]?.length > 0, `no ${role}: ${Object.keys(roles)}`);
            assert(roles[role].every((name) => name !== ""), `${role}: ${roles[role]}`);
        }
        assert.equal(roles.status?.length, 1);
        assert.equal(await page.run(`document.getElementById("verdict").getAttribute("aria-live")`), "polite");
        // Headings come in order, one of the first level.
        const levels = await page.run(`[...document.querySelectorAll("h1, h2, h3")].map((heading) => heading.tagName)`);
        assert.equal(levels.join(""), "H1" + "H2".repeat(levels.length - 1));
    },

    async "nothing leaves the page"(page) {
        const before = asked.length;
        const tried = await page.run(`(async () => {
            const tries = {
                fetch: () => fetch(location.origin + "/leak"),
                image: () => new Promise((resolve, reject) => Object.assign(new Image(), { onload: resolve, onerror: reject }).src = "/leak"),
                socket: () => new Promise((resolve, reject) => Object.assign(new WebSocket("ws://" + location.host), { onopen: resolve, onerror: reject })),
                frame: () => new Promise((resolve) => { const frame = document.createElement("iframe"); frame.src = "/leak"; document.body.append(frame); setTimeout(() => { frame.remove(); resolve(); }, 300); }),
                beacon: async () => { if (navigator.sendBeacon("/leak", "x")) await new Promise((resolve) => setTimeout(resolve, 300)); },
                style: async () => { document.body.setAttribute("style", "background: url(/leak)"); await new Promise((resolve) => setTimeout(resolve, 300)); document.body.removeAttribute("style"); },
                markup: async () => { document.body.insertAdjacentHTML("beforeend", "<img src=/leak>"); },
                form: async () => { const form = document.createElement("form"); form.action = "/leak"; document.body.append(form); form.submit(); await new Promise((resolve) => setTimeout(resolve, 300)); form.remove(); },
                code: async () => { eval("window.pwned = 1"); },
            };
            const results = {};
            for (const [name, attempt] of Object.entries(tries)) results[name] = await attempt().then(() => "went on", () => "refused");
            return results;
        })()`);
        assert.equal(asked.length, before, asked.slice(before).join());
        for (const name of ["fetch", "image", "socket", "markup", "code"]) assert.equal(tried[name], "refused", name);
        assert.equal(await page.run("window.pwned"), undefined);
    },
};

const ROOMS = [
    [360, 740],
    [1280, 900],
];

// A picture of each width and scheme, in each language.
async function pictures() {
    const inputs = {
        invalid: `{"config":{"env":"prod-01"},"resourceAppid":"wx-owner","path":"/orders for tea","data":{"note":"一杯茶"}}`,
        failure: readFileSync(new URL("../../../examples/messages/stack-of-an-engine.txt", import.meta.url), "utf8"),
        valid: readFileSync(new URL("../../../examples/envelopes/request/resource-reuse.json", import.meta.url), "utf8"),
    };
    for (const [width, height] of ROOMS) {
        for (const [language, scheme] of [["en-US", "light"], ["zh-CN", "dark"]]) {
            const page = await chromium.open(url, { language, scheme, width, height });
            assert.equal(await page.run("document.documentElement.lang"), language === "zh-CN" ? "zh-CN" : "en");
            for (const [name, input] of Object.entries(inputs)) {
                await paste(page, input);
                // Nothing stands out to the right.
                const [wide, room] = await page.run("[document.documentElement.scrollWidth, innerWidth]");
                assert(wide <= room, `${name} is ${wide} wide where there are ${room}`);
                const height = await page.run("document.documentElement.scrollHeight");
                await page.resize(width, Math.min(height, 4000));
                writeFileSync(join(screenshots, `${name}-${width}-${scheme}.png`), await page.screenshot());
                await page.resize(width, 740);
            }
            // As light as dark: text stands out from what is behind it (WCAG 2, 1.4.3).
            const contrasts = await page.run(`(() => {
                const light = (color) => color.match(/[\\d.]+/g).slice(0, 3).map((part) => part / 255).map((part) => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4).reduce((sum, part, at) => sum + part * [0.2126, 0.7152, 0.0722][at], 0);
                const behind = (element) => { for (; element; element = element.parentElement) { const color = getComputedStyle(element).backgroundColor; if (!/, 0\\)$/.test(color)) return color; } return "rgb(255, 255, 255)"; };
                return [...document.querySelectorAll("h1, p, dt, dd, li, label, button, pre, mark, .mark, #verdict")].filter((element) => element.checkVisibility() && element.textContent).map((element) => {
                    const [one, two] = [light(getComputedStyle(element).color), light(behind(element))].sort((one, two) => two - one);
                    return [(one + 0.05) / (two + 0.05), element.tagName + "#" + element.id];
                }).filter(([contrast]) => contrast < 4.5);
            })()`);
            assert.deepEqual(contrasts, [], `${scheme}`);
            assert.deepEqual(page.complaints, []);
            await page.close();
        }
    }
}

let failed = false;
try {
    for (const [name, test] of Object.entries(cases)) {
        const before = asked.length;
        const page = await chromium.open(url);
        try {
            await test(page);
            if (name !== "nothing leaves the page") {
                const others = page.requests.filter((request) => request !== url && !request.startsWith("data:") && !request.startsWith("blob:"));
                assert.deepEqual(others, [], "requests");
                assert.deepEqual(page.complaints, [], "complaints");
            }
            assert(asked.slice(before).every((line) => line === "GET /"), asked.slice(before).join());
            console.log(`page\t${name}\tok`);
        } catch (error) {
            failed = true;
            console.log(`page\t${name}\tFAIL\t${error.stack}`);
        }
        await page.close();
    }
    await pictures();
    console.log(`page\tlooks: no overflow, contrast of 4.5 and more\tok\t${screenshots}`);
} catch (error) {
    failed = true;
    console.log(`page\tFAIL\t${error.stack}`);
} finally {
    await chromium.close();
    server.close();
    server.closeAllConnections();
}
process.exitCode = failed ? 1 : 0;
