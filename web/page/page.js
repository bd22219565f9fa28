"use strict";
// The page: a text goes to the module, and what the module says is shown. Everything is set as text, never as markup.

const WORDS = {
    en: {
        title: "Why did my call fail?",
        language: "Language",
        intro: "Paste or drop a callContainer envelope, a reply, or an error from a console. Nothing leaves this page.",
        input: "Envelope, reply or error message",
        kind: "It is",
        auto: "whatever it looks like",
        request: "a request",
        reply: "a reply",
        message: "an error message",
        example: "Example",
        choose: "choose one",
        file: "Open a file",
        clear: "Clear",
        link: "Link to this",
        linkLabel: "The text is in the link itself, behind the #",
        place: "Where",
        expected: "Expected:",
        select: "Select it in the text",
        why: "Why, and what to do",
        size: "Size",
        seen: "What a Mini Program sees",
        content: "What is in it",
        more: "Show all of it",
        gateway: "What the gateway would send",
        caller: "The caller",
        appid: "appid of the app that calls (empty: public network)",
        openid: "openid of its user",
        owner: "appid that owns the environment (empty: as the request says)",
        meaning: "Meaning",
        cause: "Usual cause",
        remedy: "What to do",
        retry: "Call again?",
        empty: "Waiting for a text.",
        loading: "Loading…",
        broken: "This browser cannot run the page: it needs WebAssembly.",
        long: "The link would be too long: the text is larger than 1 MB when compressed.",
        badLink: "The link does not hold a text.",
        own: "The app that owns the environment calls it: the service learns the user as X-WX-OPENID.",
        reuse: "Resource reuse: another app calls, and the service learns the user as X-WX-FROM-OPENID.",
        public: "A client on the public network: the service learns nothing of the caller.",
        refused: "The gateway refuses the call, and sends nothing to the service:",
        invalid: (what, kind, error) =>
            `${what} with an error: ${kind}, at byte ${error.offset}, line ${error.line}, column ${error.column}.`,
        failed: (name) => (name === "-" ? "The call failed, without a code that is known." : `The call failed: ${name}.`),
        valid: (what, bytes) => `${what} that is valid, ${bytes} bytes.`,
        status: (status, bytes) => `A reply that is valid, with status ${status}, ${bytes} bytes.`,
        what: { request: "A request", reply: "A reply", message: "A message" },
        where: (error) =>
            `Byte ${error.offset}, line ${error.line}, column ${error.column}` + (error.member ? `, in ${error.member}` : ""),
        measure: (length, limit, percent, left) =>
            `${length} of ${limit} bytes, ${percent} %: ` + (left < 0 ? `${-left} too many` : `${left} left`),
        base64: (bytes) => `(the body is not text; in base64:)\n${bytes}`,
        examples: ["a valid request", "a request with an error", "a request for resource reuse", "a reply", "a failure", "a stack from a console", "an error of the open HTTP API"],
    },
    zh: {
        title: "调用为什么失败？",
        language: "语言",
        intro: "粘贴或拖入 callContainer 报文、返回包，或控制台里的错误。所有内容都不会离开本页面。",
        input: "报文、返回包或错误信息",
        kind: "类型",
        auto: "自动判断",
        request: "请求",
        reply: "返回",
        message: "错误信息",
        example: "示例",
        choose: "请选择",
        file: "打开文件",
        clear: "清空",
        link: "生成链接",
        linkLabel: "内容就在链接 # 之后的部分里",
        place: "位置",
        expected: "此处应为：",
        select: "在文本中选中",
        why: "原因与处理",
        size: "大小",
        seen: "小程序看到的结果",
        content: "内容",
        more: "显示全部",
        gateway: "网关将发出的请求",
        caller: "调用者",
        appid: "发起调用的 appid（留空：公网客户端）",
        openid: "用户的 openid",
        owner: "环境所属的 appid（留空：以请求为准）",
        meaning: "含义",
        cause: "常见原因",
        remedy: "处理办法",
        retry: "是否重试",
        empty: "等待输入。",
        loading: "正在加载……",
        broken: "此浏览器无法运行本页面：需要 WebAssembly。",
        long: "链接会过长：文本压缩后仍超过 1 MB。",
        badLink: "链接中没有可用的内容。",
        own: "环境所属的小程序自己调用：服务从 X-WX-OPENID 得知用户。",
        reuse: "资源复用：由另一个小程序调用，服务从 X-WX-FROM-OPENID 得知用户。",
        public: "公网客户端：服务得不到调用者的任何信息。",
        refused: "网关拒绝这次调用，不会向服务发送任何内容：",
        invalid: (what, kind, error) => `${what}有错误：${kind}，字节偏移 ${error.offset}，第 ${error.line} 行第 ${error.column} 列。`,
        failed: (name) => (name === "-" ? "调用失败，没有已知的错误码。" : `调用失败：${name}。`),
        valid: (what, bytes) => `${what}有效，共 ${bytes} 字节。`,
        status: (status, bytes) => `返回有效，状态码 ${status}，共 ${bytes} 字节。`,
        what: { request: "请求", reply: "返回", message: "信息" },
        where: (error) => `字节偏移 ${error.offset}，第 ${error.line} 行第 ${error.column} 列` + (error.member ? `，在 ${error.member} 中` : ""),
        measure: (length, limit, percent, left) =>
            `${length} / ${limit} 字节，${percent}%，` + (left < 0 ? `超出 ${-left}` : `还剩 ${left}`),
        base64: (bytes) => `（包体不是文本，以下为 base64：）\n${bytes}`,
        examples: ["有效的请求", "有错误的请求", "资源复用的请求", "返回", "失败", "控制台的错误堆栈", "HTTP 开放 API 的错误"],
    },
};

// More is neither looked at nor needed: it is too long for anything.
const GREATEST = 1_100_000;
// As much of a value as is shown at first.
const SHOWN = 20_000;
const LONGEST_LINK = 1_000_000;

const $ = (id) => document.getElementById(id);
const put = (id, text) => ($(id).textContent = text);
const show = (id, is) => ($(id).hidden = !is);
const make = (name, text, className) => {
    const element = document.createElement(name);
    if (text !== undefined) element.textContent = text;
    if (className) element.className = className;
    return element;
};

let language = /^zh\b/i.test(navigator.language) ? "zh" : "en";
let words = WORDS[language];
let module = null;
// The bytes of a file that was opened: as long as nobody edits its text they count, even if they are no text.
let bytesOfFile = null;
let whole = "";

// ---------------------------------------------------------------- the module

async function load() {
    const binary = Uint8Array.from(atob($("module").textContent), (character) => character.charCodeAt(0));
    const { instance } = await WebAssembly.instantiate(binary, {});
    module = instance.exports;
}

// What the module says of these bytes: an object, and the JSON of the value as it stands, in which no number is rounded.
function look(bytes, what, fields) {
    const parts = [bytes.subarray(0, GREATEST), ...fields.map((field) => new TextEncoder().encode(field))];
    const length = parts.reduce((sum, part) => sum + part.length, 0);
    let at = module.room(length);
    if (at === 0) throw new Error("no memory");
    for (const part of parts) {
        new Uint8Array(module.memory.buffer, at, part.length).set(part);
        at += part.length;
    }
    const start = module.look(what, language === "zh" ? 1 : 0, ...parts.slice(1).map((part) => part.length));
    if (start === 0) throw new Error("no memory");
    const answer = new TextDecoder().decode(new Uint8Array(module.memory.buffer, start, module.answer_len()));
    // Quotation marks inside strings are escaped, so the first of these is the key.
    const key = ',"value":';
    const split = answer.indexOf(key);
    if (split < 0) return [JSON.parse(answer), ""];
    return [JSON.parse(answer.slice(0, split) + "}"), answer.slice(split + key.length, -1)];
}

// ---------------------------------------------------------------- what is shown

// Backticks stand around code.
function putMarked(element, text) {
    text.split("`").forEach((piece, index) => {
        if (piece) element.append(index % 2 ? make("code", piece) : piece);
    });
}

function putExplanation(list, explanation) {
    list.replaceChildren();
    for (const key of ["meaning", "cause", "remedy", "retry"]) {
        const content = make("dd");
        putMarked(content, explanation[key].text);
        content.append(make("span", explanation[key].mark, "mark " + explanation[key].confidence));
        list.append(make("dt", words[key]), content);
    }
}

function putPlace(error) {
    show("place", error);
    if (!error) return;
    put("where", words.where(error));
    const pre = $("excerpt");
    // Where nothing is left, the end itself is marked.
    pre.replaceChildren(error.before, make("mark", error.at || "\u00a0"), error.after);
    put("expected", error.expected);
}

function putSize(answer, length) {
    const measured = answer.what !== "message" && length > 0;
    show("size", measured);
    if (!measured) return;
    const share = (bytes) => Math.min(100, (bytes * 100) / Math.max(answer.limit, length));
    put("measure", words.measure(length, answer.limit, ((length * 100) / answer.limit).toFixed(1), answer.limit - length));
    const bar = $("bar");
    bar.setAttribute("aria-valuemax", answer.limit);
    bar.setAttribute("aria-valuenow", Math.min(length, answer.limit));
    bar.setAttribute("aria-valuetext", $("measure").textContent);
    bar.classList.toggle("over", length > answer.limit);
    const parts = answer.spent ? answer.spent.parts : [["", length]];
    const pieces = parts.map(([, bytes], index) => {
        const piece = make("span", undefined, "c" + (answer.spent ? index : 5));
        piece.style.width = share(bytes) + "%";
        return piece;
    });
    bar.replaceChildren(...pieces);
    const item = ([label, bytes], index) => (bytes > 0 ? [make("li", `${label} ${bytes}`, "c" + index)] : []);
    $("parts").replaceChildren(...(answer.spent ? parts.flatMap(item) : []));
    $("overheads").replaceChildren(...(answer.spent ? answer.spent.overheads.flatMap(item) : []));
    for (const element of $("overheads").children) element.className = "";
}

// JSON with a line for each member: as it is written, so that no number is rounded.
function indented(json, most) {
    const pieces = [];
    let depth = 0;
    let length = 0;
    const token = /"[^"\\]*(?:\\.[^"\\]*)*"|[{}[\],:]|[^"{}[\],:]+/gs;
    const line = () => "\n" + "  ".repeat(depth);
    for (let match = token.exec(json); match && length < most; match = token.exec(json)) {
        const [text] = match;
        let piece = text;
        if (text === "{" || text === "[") {
            const close = text === "{" ? "}" : "]";
            if (json[token.lastIndex] === close) {
                piece = text + close;
                token.lastIndex += 1;
            } else {
                depth += 1;
                piece = text + line();
            }
        } else if (text === "}" || text === "]") {
            depth -= 1;
            piece = line() + text;
        } else if (text === ",") piece = text + line();
        else if (text === ":") piece = ": ";
        pieces.push(piece);
        length += piece.length;
    }
    const result = pieces.join("");
    return result.length > most ? result.slice(0, most) + "…" : result;
}

function putValue(json) {
    whole = json;
    show("content", json);
    const text = json ? indented(json, SHOWN) : "";
    put("value", text);
    show("more", text.length > SHOWN);
}

function putSent(http) {
    show("gateway", http);
    if (!http) return;
    put("relation", http.refused ? words.refused : words[http.relation]);
    show("refused", http.refused);
    show("http", !http.refused);
    if (http.refused) {
        putExplanation($("refused"), http.refused);
        $("refused").prepend(make("dt", http.refused.name));
    } else {
        // No caller's own header of such a name passes, so these are the gateway's.
        const lines = http.head.split("\r\n").map((line) => (/^X-WX-/i.test(line) ? make("b", line) : line));
        const body = http.base64 === undefined ? http.body : words.base64(http.base64);
        const shown = body.length > SHOWN ? body.slice(0, SHOWN) + "…" : body;
        $("http").replaceChildren(...lines.flatMap((line) => [line, "\n"]), "\n", shown);
    }
}

function putVerdict(text, className) {
    const verdict = $("verdict");
    // The same again is not to be read out again.
    if (verdict.textContent !== text) verdict.textContent = text;
    verdict.className = className;
}

function update() {
    if (!module) return;
    const bytes = bytesOfFile ?? new TextEncoder().encode($("text").value);
    if (bytes.length === 0) {
        for (const id of ["place", "why", "size", "seen", "content", "gateway"]) show(id, false);
        putVerdict(words.empty, "");
        return;
    }
    const fields = ["appid", "openid", "owner"].map((id) => $(id).value.trim());
    const [answer, value] = look(bytes, Number($("what").value), fields);
    const what = words.what[answer.what];
    if (answer.error) putVerdict(words.invalid(what, answer.why.name, answer.error), "bad");
    else if (answer.why) putVerdict(words.failed(answer.why.name), "bad");
    else if (answer.what === "reply") putVerdict(words.status(/\d+/.exec(value)[0], bytes.length), "good");
    else putVerdict(words.valid(what, bytes.length), "good");
    putPlace(answer.error);
    $("select").dataset.offset = answer.error ? answer.error.offset : "";
    show("why", answer.why);
    if (answer.why) putExplanation($("explanation"), answer.why);
    putSize(answer, bytes.length);
    const notes = answer.notes ?? [];
    show("seen", answer.seen || notes.length > 0);
    show("values", answer.seen);
    put("values", answer.seen ?? "");
    $("notes").replaceChildren(
        ...notes.map((note) => {
            const item = make("li");
            putMarked(item, note);
            return item;
        }),
    );
    putValue(value);
    putSent(answer.http);
    document.body.dataset.looks = Number(document.body.dataset.looks ?? 0) + 1;
}

function updateOrSay() {
    try {
        update();
    } catch (error) {
        putVerdict(words.broken, "bad");
        throw error;
    }
}

// One look for all keys that come before the browser has time for it.
let planned = false;
function plan() {
    if (planned) return;
    planned = true;
    setTimeout(() => {
        planned = false;
        updateOrSay();
    });
}

// ---------------------------------------------------------------- language

function speak(tag) {
    language = tag;
    words = WORDS[tag];
    document.documentElement.lang = tag === "zh" ? "zh-CN" : "en";
    document.title = words.title;
    for (const element of document.querySelectorAll("[data-t]")) element.textContent = words[element.dataset.t];
    [...$("example").options].slice(1).forEach((option, index) => (option.textContent = words.examples[index]));
    $("language").value = tag;
    if (module) update();
    else putVerdict(words.loading, "");
}

// ---------------------------------------------------------------- input

function setText(text) {
    bytesOfFile = null;
    $("text").value = text;
    plan();
}

async function openFile(file) {
    const bytes = new Uint8Array(await file.arrayBuffer());
    setText(new TextDecoder().decode(bytes.subarray(0, GREATEST)));
    bytesOfFile = bytes;
}

// ---------------------------------------------------------------- links

const toBase64 = (bytes) => {
    let text = "";
    for (let at = 0; at < bytes.length; at += 8192) text += String.fromCharCode(...bytes.subarray(at, at + 8192));
    return btoa(text).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
};
const fromBase64 = (text) =>
    Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (character) => character.charCodeAt(0));

// What a stream makes of bytes, no more than is ever looked at.
async function through(bytes, stream) {
    const reader = new Blob([bytes]).stream().pipeThrough(stream).getReader();
    const parts = [];
    for (let length = 0; length <= GREATEST; ) {
        const { done, value } = await reader.read();
        if (done) break;
        parts.push(value);
        length += value.length;
    }
    reader.cancel().catch(() => {});
    return new Uint8Array(await new Blob(parts).arrayBuffer());
}

async function makeLink() {
    const bytes = new TextEncoder().encode($("text").value);
    const entries = [["what", $("what").value]];
    for (const id of ["appid", "openid", "owner"]) entries.push([id, $(id).value]);
    entries.push(["z", toBase64(await through(bytes.subarray(0, GREATEST), new CompressionStream("deflate-raw")))]);
    const fragment = "#" + new URLSearchParams(entries);
    const fits = fragment.length <= LONGEST_LINK;
    show("linked", true);
    if (fits) history.replaceState(null, "", fragment);
    $("url").value = fits ? location.href : words.long;
    $("url").focus();
    $("url").select();
}

async function readLink() {
    if (location.hash.length < 2) return;
    const entries = new URLSearchParams(location.hash.slice(1));
    try {
        let text = entries.get("text") ?? "";
        const packed = entries.get("z");
        if (packed) text = new TextDecoder().decode(await through(fromBase64(packed), new DecompressionStream("deflate-raw")));
        for (const id of ["what", "appid", "openid", "owner"]) if (entries.has(id)) $(id).value = entries.get(id);
        if ($("what").value === "") $("what").value = "0";
        setText(text);
    } catch {
        putVerdict(words.badLink, "bad");
    }
}

// ---------------------------------------------------------------- events

$("text").addEventListener("input", () => {
    bytesOfFile = null;
    plan();
});
for (const id of ["appid", "openid", "owner"]) $(id).addEventListener("input", plan);
$("what").addEventListener("change", plan);
$("language").addEventListener("change", (event) => speak(event.target.value));
$("file").addEventListener("change", (event) => {
    const [file] = event.target.files;
    if (file) openFile(file);
    event.target.value = "";
});
$("clear").addEventListener("click", () => {
    setText("");
    show("linked", false);
    history.replaceState(null, "", location.pathname + location.search);
    $("text").focus();
});
$("link").addEventListener("click", makeLink);
$("more").addEventListener("click", () => {
    put("value", indented(whole, Infinity));
    show("more", false);
    $("value").focus();
});
$("select").addEventListener("click", () => {
    const bytes = bytesOfFile ?? new TextEncoder().encode($("text").value);
    const start = new TextDecoder().decode(bytes.subarray(0, Number($("select").dataset.offset))).length;
    const text = $("text");
    const character = text.value.codePointAt(start);
    text.focus();
    text.setSelectionRange(start, start + (character > 0xffff ? 2 : 1));
});
const examples = JSON.parse($("examples").textContent);
examples.forEach((_, index) => {
    const option = make("option");
    option.value = index;
    $("example").append(option);
});
$("example").addEventListener("change", (event) => {
    if (event.target.value !== "") {
        $("what").value = "0";
        setText(examples[event.target.value]);
    }
});
for (const name of ["dragover", "dragleave", "drop"]) {
    document.addEventListener(name, (event) => {
        // Text that is dragged goes where it is dropped.
        if (!event.dataTransfer?.types.includes("Files")) return;
        event.preventDefault();
        document.body.classList.toggle("drop", name === "dragover");
        if (name === "drop" && event.dataTransfer.files.length > 0) openFile(event.dataTransfer.files[0]);
    });
}
addEventListener("hashchange", readLink);

speak(language);
load()
    .then(() => {
        update();
        return readLink();
    })
    .catch(() => putVerdict(words.broken, "bad"));
