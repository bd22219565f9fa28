// Node's fetch as a caller. Reads what to ask from the standard input, asks for all of it at a time, and prints what came.

let input = '';
for await (const piece of process.stdin) input += piece;
const { url, headers, bodies, pieces, mode } = JSON.parse(input);

// A body of unknown length, which goes out in chunks, a few bytes at a time.
function stream(body) {
    const bytes = new TextEncoder().encode(body);
    let at = 0;
    return new ReadableStream({
        async pull(controller) {
            await new Promise((resolve) => setTimeout(resolve, 1));
            controller.enqueue(bytes.slice(at, at + 7));
            at += 7;
            if (at >= bytes.length) controller.close();
        },
    });
}

async function ask(body) {
    const options = { method: 'POST', headers, mode, body: pieces ? stream(body) : body, duplex: 'half' };
    try {
        const response = await fetch(url, options);
        return { status: response.status, body: await response.text() };
    } catch (error) {
        return { error: String(error.cause ?? error) };
    }
}

console.log(JSON.stringify(await Promise.all(bodies.map(ask))));
