/** One kind of objects in containerd's database: who looks at one sees what became of it. */
import { abortedError, type Channel } from './channel.ts';
import { LateChanges } from './lateChanges.ts';
import type { Method } from './proto.ts';
import type { CallOptions } from './types.ts';

export class Objects {
  readonly #channel: Channel;
  readonly #late = new LateChanges();

  constructor(channel: Channel) {
    this.#channel = channel;
  }

  /**
   * @param name null: all of them
   * @throws ContainerdError
   */
  async look<Response extends object>(
    name: string | null,
    method: Method,
    request: object,
    options: CallOptions = {},
    methodDeadlineMs?: number,
  ): Promise<Response> {
    await this.#turnOf(name, method, options, methodDeadlineMs);
    return await this.#channel.unary<Response>(method, request, options, methodDeadlineMs);
  }

  /** Given up it goes on, and those after it wait for its end. @throws ContainerdError */
  async change<Response extends object>(
    name: string,
    method: Method,
    request: object,
    options: CallOptions = {},
    methodDeadlineMs?: number,
  ): Promise<Response> {
    await this.#turnOf(name, method, options, methodDeadlineMs);
    if (options.signal?.aborted) throw abortedError(method);
    const call = this.#channel.alone<Response>(method, request, options);
    return await this.#late.answerTo(name, call, (answer) =>
      this.#channel.until(answer, method, options, methodDeadlineMs),
    );
  }

  async #turnOf(
    name: string | null,
    method: Method,
    options: CallOptions,
    methodDeadlineMs: number | undefined,
  ): Promise<void> {
    const earlier = this.#late.over(name);
    if (earlier === undefined) return;
    await this.#channel.until(earlier, method, options, methodDeadlineMs);
  }
}
