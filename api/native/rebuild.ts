/**
 * `POST /shiplog/v1/rebuild`: all read models folded anew from the facts, and put right where they
 * differ, while the daemon goes on. Lines of JSON: how far it is, and at the end what was found.
 */
import type { Handler } from '../request.ts';
import { named, workReply } from './verify.ts';

export const rebuild: Handler = ({ ports }, { info, signal }) =>
  workReply(named('rebuilt', ports.native.rebuild(info, signal)), ports.log.head());
