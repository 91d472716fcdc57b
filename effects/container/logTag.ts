/**
 * The log option `tag`: a text with fields of the container in braces, `{{.Name}}`. The functions
 * of Go's templates are not known here.
 */
import type { ContainerContext } from '../../machines/container.context.ts';
import { EffectFailure } from '../failure.ts';

/** Characters of a short id, the algorithm of an image's included. */
const SHORT = 12;
const FIELD = /^\.([A-Za-z]\w*)$/;

type Subject = Pick<ContainerContext, 'id' | 'name' | 'image' | 'config'>;

function fields({ id, name, image, config }: Subject, hostname: string): Record<string, string> {
  const command = [...(config.Entrypoint ?? []), ...(config.Cmd ?? [])];
  return {
    ID: id.slice(0, SHORT),
    FullID: id,
    Name: name,
    ContainerID: id,
    ContainerName: `/${name}`,
    ImageID: image.id.slice(0, SHORT),
    ImageFullID: image.id,
    ImageName: config.Image,
    ContainerImageID: image.id,
    ContainerImageName: config.Image,
    // What Docker's own templates say; whoever reads the logs knows it by that.
    DaemonName: 'docker',
    Command: command.join(' '),
    Hostname: hostname,
  };
}

const wrong = (text: string): EffectFailure =>
  new EffectFailure('failed', `failed to initialize logging driver: template: log-tag:1${text}`);

/** @throws EffectFailure with Docker's text for what is no template */
export function logTag(template: string, subject: Subject, hostname: string): string {
  const known = fields(subject, hostname);
  if (/\{\{(?![^{}]*\}\})/.test(template)) throw wrong(': unclosed action');
  return template.replace(/\{\{-?([^{}]*?)-?\}\}/g, (_, action: string, at: number) => {
    const name = FIELD.exec(action.trim())?.[1];
    if (name === undefined) {
      throw wrong(`:${at + 2}: shiplog knows fields alone, and not "${action.trim()}"`);
    }
    const value = Object.hasOwn(known, name) ? known[name] : undefined;
    if (value !== undefined) return value;
    const where = `:${at + 2}: executing "log-tag" at <.${name}>`;
    throw wrong(`${where}: can't evaluate field ${name} in type *logger.Info`);
  });
}
