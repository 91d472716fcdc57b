/** Docker's framing of two outputs on one connection: an 8-byte header before each piece. */

export const stdcopyStreams = { stdout: 1, stderr: 2 } as const;
export type OutputName = keyof typeof stdcopyStreams;

/** Header of a frame: stream number, three zero bytes, length of the payload big-endian. */
export function stdcopyHeader(stream: OutputName, length: number): Buffer {
  const header = Buffer.alloc(8);
  header.writeUInt8(stdcopyStreams[stream], 0);
  header.writeUInt32BE(length, 4);
  return header;
}
