// The JavaScript of the platform's document on callContainer, taken out of it as it stands.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Where each piece of code begins and ends: the lines of prose around it, or how they begin. */
const PIECES = {
  call: ['在小程序中使用如下的代码', '如上使用前'],
  launch: ['如上使用前', '如果资源复用情况下'],
  reuse: ['例如,小程序A', '如果你想深入了解'],
  wrapper: ['在小程序app.js中建立一个call方法', '在page页面js中'],
  page: ['在page页面js中', '# 请求参数'],
};

/** Reads the pieces from the document in a folder. */
export function readSeed(folder) {
  const files = readdirSync(folder).filter((name) => name.endsWith('.txt')).map((name) => join(folder, name));
  const document = files.map((file) => readFileSync(file, 'utf8')).find((text) => text.includes('wx.cloud.callContainer'));
  if (document === undefined) throw new Error(`no document on callContainer in ${folder}`);
  const lines = document.split(/\r?\n/);
  const find = (beginning) => {
    const at = lines.findIndex((line) => line.startsWith(beginning));
    if (at === -1) throw new Error(`the document has no line that begins with ${beginning}`);
    return at;
  };
  const cut = ([before, after]) => lines.slice(find(before) + 1, find(after)).join('\n').trim();
  return Object.fromEntries(Object.entries(PIECES).map(([name, ends]) => [name, cut(ends)]));
}
