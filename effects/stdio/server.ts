/**
 * The stdio process's side of the protocol: one connection after its hello asks as much as it
 * likes, or becomes an attached client or a watcher. Answers come in the order in which they are
 * ready.
 */
import { createServer, type Server, type Socket } from 'node:net';
import type { Containers } from './containers.ts';
import { encodeMessage, MessageReader } from './framing.ts';
import * as shape from './messageShape.ts';
import {
  type Answer,
  type Hello,
  type Operation,
  oldestVersion,
  protocolName,
  type Request,
  type Result,
} from './protocol.ts';

export interface ServerContext {
  readonly containers: Containers;
  readonly identity: Hello;
  /** Ends the process, after the answer has been sent. */
  readonly shutdown: () => void;
}

type Handler<O extends Operation> = (
  fields: shape.Fields,
  context: ServerContext,
) => Result<O> | Promise<Result<O>>;
type Handlers = { readonly [O in Exclude<Operation, 'attach' | 'watch'>]: Handler<O> };

const handlers: Handlers = {
  ping: (_, { identity }) => identity,
  open: (fields, { containers }) => containers.open(shape.runParameters(fields)),
  'await-end': async (fields, { containers }) => {
    const [container, run] = [shape.containerOf(fields), shape.runOf(fields)];
    return { ended: await containers.awaitEnd(container, run, shape.number(fields, 'ms')) };
  },
  'until-end': async (fields, { containers }) => {
    const run = containers.run(shape.containerOf(fields), shape.runOf(fields));
    return { ended: (await run?.untilEnd()) ?? true };
  },
  'await-stdin-closed': async (fields, { containers }) => {
    const run = containers.run(shape.containerOf(fields), shape.runOf(fields));
    return { closed: (await run?.awaitStdinClosed(shape.number(fields, 'ms'))) ?? true };
  },
  'close-stdin': (fields, { containers }) => {
    containers.run(shape.containerOf(fields), shape.runOf(fields))?.closeStdin();
    return {};
  },
  close: (fields, { containers }) => {
    containers.close(shape.containerOf(fields), shape.runOf(fields));
    return {};
  },
  abandon: (fields, { containers }) => {
    containers.abandon(shape.containerOf(fields));
    return {};
  },
  list: (_, { containers }) => ({ runs: containers.list() }),
  shutdown: (_, { shutdown }) => {
    setImmediate(shutdown);
    return {};
  },
};

/** Makes the server; `listen` is the caller's. */
export function stdioServer(context: ServerContext): Server {
  return createServer({ allowHalfOpen: true }, (socket) => new Connection(socket, context));
}

class Connection {
  readonly #socket: Socket;
  readonly #context: ServerContext;
  readonly #reader = new MessageReader();
  #greeted = false;
  #handedOver = false;

  constructor(socket: Socket, context: ServerContext) {
    this.#socket = socket;
    this.#context = context;
    socket.on('data', this.#received);
    socket.on('end', this.#ended);
    socket.on('error', () => socket.destroy());
  }

  readonly #ended = (): void => {
    this.#socket.end();
  };

  readonly #received = (chunk: Buffer): void => {
    this.#reader.push(chunk);
    try {
      while (!this.#handedOver) {
        const message = this.#reader.next();
        if (message === undefined) return;
        this.#message(message);
      }
    } catch (error) {
      // Neither side knows any more where a message starts.
      this.#socket.destroy(error instanceof Error ? error : undefined);
    }
  };

  #message(message: unknown): void {
    if (!this.#greeted) return this.#greet(shape.hello(message));
    const request = shape.request(message);
    if (request.operation === 'attach' || request.operation === 'watch') this.#handOver(request);
    else this.#answer(request).catch((error: unknown) => this.#fail(request, error));
  }

  #greet(hello: Hello): void {
    this.#greeted = true;
    this.#socket.write(encodeMessage(this.#context.identity));
    if (hello.protocol !== protocolName || hello.version < oldestVersion) this.#socket.end();
  }

  async #answer(request: Request): Promise<void> {
    const handler = handlerOf(request.operation);
    if (handler === undefined) throw new TypeError(`no operation ${request.operation}`);
    const result = await handler(shape.asFields(request.parameters), this.#context);
    this.#send({ id: request.id, result });
  }

  #fail(request: Request, error: unknown): void {
    this.#send({ id: request.id, error: error instanceof Error ? error.message : String(error) });
  }

  #send(answer: Answer): void {
    if (!this.#socket.destroyed) this.#socket.write(encodeMessage(answer));
  }

  /** The connection is somebody else's from here on, with what has been read of it already. */
  #handOver(request: Request): void {
    const { containers } = this.#context;
    let container: string;
    let serve: () => void;
    try {
      const fields = shape.asFields(request.parameters);
      container = shape.containerOf(fields);
      const wants = request.operation === 'attach' ? shape.attachWants(fields) : undefined;
      serve = () => {
        if (wants === undefined) containers.watch(container, this.#socket);
        else containers.attach(container, wants, this.#socket);
      };
    } catch (error) {
      return this.#fail(request, error);
    }
    this.#handedOver = true;
    this.#socket.pause();
    this.#socket.off('data', this.#received);
    this.#socket.off('end', this.#ended);
    const rest = this.#reader.rest();
    if (rest.length > 0) this.#socket.unshift(rest);
    this.#send({ id: request.id, result: {} });
    serve();
  }
}

function handlerOf(operation: string): Handlers[keyof Handlers] | undefined {
  if (!Object.hasOwn(handlers, operation)) return undefined;
  return handlers[operation as keyof Handlers];
}
