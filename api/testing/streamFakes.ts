/** Attachments, logs and sizes for the facade's tests: what comes and goes is the test's. */
import { Duplex } from 'node:stream';
import type { ApiPorts, AttachOptions, LogOptions, LogPage, LogSpan } from '../ports.ts';
import { frame } from '../stdcopy.ts';

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

export interface LogRecord extends Omit<LogSpan, 'records' | 'bytes'> {
  readonly line: Buffer;
}

/** A span each. */
export function pageOf(records: readonly LogRecord[]): LogPage {
  const frames = records.map(({ stream, line }) => frame(stream, line));
  const spans = records.map(({ line: _, ...kind }, index) => ({
    ...kind,
    records: 1,
    bytes: frames[index]?.length ?? 0,
  }));
  return { frames: Buffer.concat(frames), spans };
}

export interface FakeStreams {
  readonly attachments: FakeAttachment[];
  /** Output of execs that is whole before the start is answered, one after the other. */
  readonly over: Buffer[];
  /** Sizes that terminals were given, `<id> <height>x<width>`. */
  readonly resized: string[];
  records: LogRecord[];
  logOptions: LogOptions | undefined;
}

export function fakeStreams(world: FakeStreams): ApiPorts['streams'] {
  return {
    async attach(_id, options) {
      const attachment = new FakeAttachment(options);
      world.attachments.push(attachment);
      return attachment;
    },
    async attachExec(_id, options) {
      const attachment = new FakeAttachment(options);
      world.attachments.push(attachment);
      const output = world.over.shift();
      if (output !== undefined && output.length > 0) attachment.push(output);
      if (output !== undefined) attachment.push(null);
      return attachment;
    },
    async *logs(_id, options) {
      world.logOptions = options;
      yield pageOf(world.records);
    },
    resize: async (id, height, width) => void world.resized.push(`${id} ${height}x${width}`),
    resizeExec: async (_container, exec, height, width) =>
      void world.resized.push(`${exec} ${height}x${width}`),
  };
}
