// Headless Chromium, driven through a pipe by its own protocol: https://chromedevtools.github.io/devtools-protocol/

import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export class Chromium {
    #id = 0;
    #pending = new Map();
    #listeners = [];

    constructor() {
        this.folder = mkdtempSync(join(tmpdir(), "callcontainer-chromium-"));
        const options = [
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--hide-scrollbars",
            `--user-data-dir=${this.folder}`,
            "--remote-debugging-pipe",
        ];
        this.process = spawn("chromium", options, { stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"] });
        let rest = Buffer.alloc(0);
        this.process.stdio[4].on("data", (bytes) => {
            rest = Buffer.concat([rest, bytes]);
            for (let end = rest.indexOf(0); end >= 0; end = rest.indexOf(0)) {
                this.#receive(JSON.parse(rest.subarray(0, end).toString()));
                rest = rest.subarray(end + 1);
            }
        });
        this.process.on("exit", () => {
            for (const { reject } of this.#pending.values()) reject(new Error("Chromium has ended"));
        });
    }

    #receive(message) {
        if (message.id === undefined) {
            for (const listener of this.#listeners) listener(message);
            return;
        }
        const { resolve, reject } = this.#pending.get(message.id);
        this.#pending.delete(message.id);
        if (message.error) reject(new Error(message.error.message));
        else resolve(message.result);
    }

    send(method, params = {}, sessionId = undefined) {
        this.#id += 1;
        const id = this.#id;
        this.process.stdio[3].write(JSON.stringify({ id, method, params, sessionId }) + "\0");
        return new Promise((resolve, reject) => this.#pending.set(id, { resolve, reject }));
    }

    // A tab of its own. `language` is that of the browser, `scheme` is light or dark.
    async open(url, { language = "en-US", scheme = "light", width = 1280, height = 900 } = {}) {
        const { targetId } = await this.send("Target.createTarget", { url: "about:blank" });
        const { sessionId } = await this.send("Target.attachToTarget", { targetId, flatten: true });
        const page = new Page(this, targetId, sessionId);
        this.#listeners.push((message) => message.sessionId === sessionId && page.receive(message));
        for (const domain of ["Page", "Runtime", "Network", "Log", "Accessibility", "DOM"]) await page.send(`${domain}.enable`);
        const { userAgent } = await this.send("Browser.getVersion");
        await page.send("Network.setUserAgentOverride", { userAgent, acceptLanguage: language });
        await page.send("Emulation.setEmulatedMedia", { features: [{ name: "prefers-color-scheme", value: scheme }] });
        await page.resize(width, height);
        await page.send("Page.navigate", { url });
        await page.until(`document.readyState === "complete" && !/…/.test(document.getElementById("verdict").textContent)`);
        return page;
    }

    async close() {
        await this.send("Browser.close").catch(() => {});
        if (this.process.exitCode === null) await new Promise((resolve) => this.process.on("exit", resolve));
        rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 });
    }
}

export class Page {
    requests = [];
    complaints = [];

    constructor(browser, targetId, sessionId) {
        Object.assign(this, { browser, targetId, sessionId });
    }

    receive({ method, params }) {
        if (method === "Network.requestWillBeSent") this.requests.push(params.request.url);
        if (method === "Network.webSocketCreated") this.requests.push(params.url);
        if (method === "Runtime.exceptionThrown") this.complaints.push(params.exceptionDetails.exception?.description);
        if (method === "Log.entryAdded") this.complaints.push(params.entry.text);
        if (method === "Page.javascriptDialogOpening") this.complaints.push(`dialog: ${params.message}`);
    }

    send(method, params) {
        return this.browser.send(method, params, this.sessionId);
    }

    async run(expression) {
        const result = await this.send("Runtime.evaluate", { expression, returnByValue: true, awaitPromise: true });
        if (result.exceptionDetails) throw new Error(result.exceptionDetails.exception?.description ?? expression);
        return result.result.value;
    }

    // Waits until this is true, as long as it takes; whoever runs the test bounds that.
    async until(expression) {
        for (let time = 0; time < 600; time += 1) {
            if (await this.run(expression)) return;
            await new Promise((resolve) => setTimeout(resolve, 50));
        }
        throw new Error(`never true: ${expression}`);
    }

    resize(width, height) {
        return this.send("Emulation.setDeviceMetricsOverride", { width, height, deviceScaleFactor: 1, mobile: width < 600 });
    }

    async key(key, modifiers = 0) {
        const code = { Tab: 9, Enter: 13, Escape: 27 }[key];
        for (const type of ["keyDown", "keyUp"]) {
            await this.send("Input.dispatchKeyEvent", { type, key, code: key, windowsVirtualKeyCode: code, modifiers });
        }
    }

    async screenshot() {
        const { data } = await this.send("Page.captureScreenshot", { captureBeyondViewport: true, format: "png" });
        return Buffer.from(data, "base64");
    }

    close() {
        return this.browser.send("Target.closeTarget", { targetId: this.targetId });
    }
}
