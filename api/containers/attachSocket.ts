/**
 * `GET /containers/{id}/attach/ws`: as attach, inside of websocket messages. Both outputs are
 * mixed, without frames of their own, terminal or not.
 */
import type { Handler } from '../request.ts';
import { RAW_STREAM } from '../stdcopy.ts';
import { since } from '../versions.ts';
import { accepted, overWebsocket } from '../websocket/websocket.ts';
import { asked, attachOptions, joined, run } from './attach.ts';

/** Older clients could not choose. */
const everything: typeof attachOptions = ({ config }) => ({
  stdin: config.OpenStdin,
  stdout: true,
  stderr: true,
});

export const attachSocket: Handler = async (context, request) => {
  const { version } = request;
  const options = since(version, '1.42') ? attachOptions : everything;
  const wish = asked(context, request, options, true);
  const upgrade = accepted(request.headers);
  const attachment = await joined(context, wish);
  const binary = since(version, '1.28');
  return {
    kind: 'hijack',
    contentType: RAW_STREAM,
    upgrade,
    run: (connection) =>
      overWebsocket(connection, binary, (inner) => run(context, attachment, inner)),
  };
};
