// A program with the platform's SDK, as somebody would write it. Reads what to call from the standard input, makes one
// call after the other, and prints what came of each.
'use strict';

const cloudbase = require('@cloudbase/node-sdk');

async function main() {
    const { config, calls } = JSON.parse(Buffer.concat(await process.stdin.toArray()));
    const app = cloudbase.init(config);
    const outcomes = [];
    for (const { call, bytes, options } of calls) {
        // JSON has none.
        if (bytes) call.data = Buffer.from(bytes);
        try {
            const result = await app.callContainer(call, options);
            if (Buffer.isBuffer(result.data)) result.data = { base64: result.data.toString('base64') };
            outcomes.push(result);
        } catch (error) {
            outcomes.push({ error: String(error) });
        }
    }
    // Connections that are kept for another call would keep the process.
    process.stdout.write(JSON.stringify(outcomes), () => process.exit());
}

main();
