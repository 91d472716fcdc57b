/** Attached and written output for the facade's own tests: what is in it is set by the test. */
import { Duplex } from 'node:stream';
import type { ApiPorts, AttachOptions, LogOptions, LogRecord } from '../ports.ts';

/** One end is the facade's, the other the test's: output goes in, stdin comes out. */
export class FakeAttachment extends Duplex {
  readonly options: AttachOptions;
  readonly stdin: Buffer[] = [];
  stdinEnded = false;

  constructor(options: AttachOptions) {
    super({ allowHalfOpen: true });
    this.options = options;
  }

  override _read(): void {
    return undefined;
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.stdin.push(chunk);
    done();
  }

  override _final(done: () => void): void {
    this.stdinEnded = true;
    done();
  }
}

export function fakeStreams(world: {
  readonly attachments: FakeAttachment[];
  readonly records: readonly LogRecord[];
  logOptions: LogOptions | undefined;
}) {
  const streams: ApiPorts['streams'] = {
    async attach(_id, options) {
      const attachment = new FakeAttachment(options);
      world.attachments.push(attachment);
      return attachment;
    },
    async attachExec(_id, options) {
      const attachment = new FakeAttachment(options);
      world.attachments.push(attachment);
      return attachment;
    },
    async *logs(_id, options) {
      world.logOptions = options;
      yield* world.records;
    },
    resize: async () => undefined,
  };
  return streams;
}
