/**
 * What a handler gets and what it gives back. A handler reads its request, submits a command or
 * asks a read model, and returns a reply as a value; only api/reply.ts and api/hijack.ts write to
 * sockets.
 */
import type { IncomingHttpHeaders } from 'node:http';
import type { Readable, Writable } from 'node:stream';
import type { DockerEventMapper, SideEventMapper } from './options.ts';
import type { ApiPorts, RequestInfo } from './ports.ts';
import type { FactTail } from './tail.ts';
import type { ApiVersion } from './versions.ts';

export interface ApiContext {
  readonly ports: ApiPorts;
  readonly tail: FactTail;
  readonly dockerEvents: DockerEventMapper;
  readonly sideEvents: SideEventMapper;
  /** On every routed reply. */
  readonly headers: Readonly<Record<string, string>>;
  /** Resolves after the time, or at once when the signal is aborted. */
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
}

export interface ApiRequest {
  readonly method: string;
  readonly path: string;
  /** Decoded parts of the path by their names in the route. */
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly version: ApiVersion;
  readonly headers: IncomingHttpHeaders;
  /** The body. Empty for a hijacked connection, whose bytes are the handler's own. */
  readonly body: Readable;
  readonly info: RequestInfo;
  /** Aborted when the client is gone. */
  readonly signal: AbortSignal;
}

type Headers = Readonly<Record<string, string>>;

export type Reply =
  | { readonly kind: 'json'; readonly status: number; readonly body: unknown }
  | { readonly kind: 'empty'; readonly status: number }
  | {
      readonly kind: 'text';
      readonly status: number;
      readonly text: string;
      readonly headers: Headers;
    }
  /**
   * Head at once, then the chunks as they come; the next one is asked for after the last drained.
   * Of those that are lent it is asked for after the last is with the kernel: it may be changed
   * then.
   */
  | {
      readonly kind: 'stream';
      readonly status: number;
      readonly headers: Headers;
      readonly chunks: AsyncIterable<Buffer | string>;
      readonly lent?: true;
    }
  /** The connection stops being HTTP and belongs to `run` until that resolves. */
  | {
      readonly kind: 'hijack';
      readonly contentType: string;
      /** Of a 101 that is not docker's own: its head, without the status line. */
      readonly upgrade?: readonly string[];
      readonly run: (connection: HijackedConnection) => Promise<void>;
    };

export interface HijackedConnection {
  /** What the client sends after the head; ends when the client ends its direction. */
  readonly input: Readable;
  /** Raw bytes to the client. */
  readonly output: Writable;
  /** Aborted when the connection is gone in both directions. */
  readonly signal: AbortSignal;
}

export type Handler = (context: ApiContext, request: ApiRequest) => Promise<Reply> | Reply;

/** The Go client compares the media type of an error to the letter: no charset. */
export const JSON_TYPE = 'application/json';

export const json = (body: unknown, status = 200): Reply => ({ kind: 'json', status, body });
/** JSON that is text already. */
export const jsonOf = (text: string): Reply => ({
  kind: 'text',
  status: 200,
  text,
  headers: { 'Content-Type': JSON_TYPE },
});
export const empty = (status: number): Reply => ({ kind: 'empty', status });
