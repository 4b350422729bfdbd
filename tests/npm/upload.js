// Uploads a file by tus-js-client, stops after a part of it, and goes on in a new upload, as after a
// restart: `node upload.js ENDPOINT TOKEN FILE CHUNK`. Prints the upload's address, and the offsets at
// which it stopped and went on.

import { createReadStream, statSync } from "node:fs";
import { basename } from "node:path";
import { argv, stdout } from "node:process";

import { Upload } from "tus-js-client";

const [, , endpoint, token, path, chunk] = argv;

const begun = await part({ endpoint, metadata: { filename: basename(path) } }, true);
const whole = await part({ uploadUrl: begun.url }, false);
stdout.write(JSON.stringify({ url: whole.url, begun: begun.last, resumed: whole.first }));

function part(options, stops) {
  return new Promise((resolve, reject) => {
    const seen = [];
    const told = () => resolve({ url: upload.url, first: seen[0], last: seen.at(-1) });
    const upload = new Upload(createReadStream(path), {
      ...options,
      chunkSize: Number(chunk),
      uploadSize: statSync(path).size,
      headers: { Authorization: `Bearer ${token}` },
      onBeforeRequest: (request) => {
        const offset = request.getHeader("Upload-Offset");
        if (offset !== undefined) {
          seen.push(Number(offset));
        }
      },
      onChunkComplete: (_, accepted) => {
        if (stops) {
          seen.push(accepted);
          upload.abort().then(told);
        }
      },
      onSuccess: told,
      onError: reject,
    });
    upload.start();
  });
}
