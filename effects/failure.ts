/** The one way a handler says that the world is not as asked. */
import type { EffectError } from '../machines/words.ts';

export class EffectFailure extends Error {
  readonly kind: EffectError['kind'];

  /**
   * @param kind `failed`: final; `unavailable`: the other side is away; `deadline`: nobody knows.
   * @param message in the words of the one who refused, for inspect and for Docker's clients.
   */
  constructor(kind: EffectError['kind'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'EffectFailure';
    this.kind = kind;
  }
}
