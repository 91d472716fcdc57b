/**
 * Image references as docker writes them: `[domain/]path[:tag][@digest]`. Short names mean Docker
 * Hub. Pure text; whether such an image exists is another matter.
 */

export interface Reference {
  /** Host, with a port if there is one. */
  readonly domain: string;
  readonly path: string;
  readonly tag?: string;
  /** `<algorithm>:<hex>`. */
  readonly digest?: string;
}

const defaultDomain = 'docker.io';
/** An old name of Docker Hub that still turns up. */
const legacyDomain = 'index.docker.io';
const officialPrefix = 'library/';
const defaultTag = 'latest';
/** Of domain and path together, with the slash. */
const longestName = 255;

const pathComponent = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$/;
const label = '[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?';
const domainPattern = new RegExp(`^(?:${label}(?:\\.${label})*|\\[[a-fA-F0-9:]+\\])(?::[0-9]+)?$`);
const tagPattern = /^\w[\w.-]{0,127}$/;
const digestPattern = /^[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}$/;
const sha256Pattern = /^sha256:[0-9a-f]{64}$/;
/** A name of this form would be taken for an id. */
const idPattern = /^[a-f0-9]{64}$/;

/** @returns undefined if the text is not a reference. Domain and `library/` are filled in. */
export function parseReference(text: string): Reference | undefined {
  const at = text.indexOf('@');
  const digest = at < 0 ? undefined : text.slice(at + 1);
  if (digest !== undefined && !isDigest(digest)) return undefined;
  const rest = at < 0 ? text : text.slice(0, at);
  const colon = rest.lastIndexOf(':');
  const tagged = colon > rest.lastIndexOf('/');
  const tag = tagged ? rest.slice(colon + 1) : undefined;
  if (tag !== undefined && !tagPattern.test(tag)) return undefined;
  const name = parseName(tagged ? rest.slice(0, colon) : rest);
  if (!name) return undefined;
  return {
    ...name,
    ...(tag === undefined ? {} : { tag }),
    ...(digest === undefined ? {} : { digest }),
  };
}

/**
 * The full form, with `:latest` when neither tag nor digest is given:
 * `docker.io/library/busybox:latest`.
 * @returns undefined if the text is not a reference.
 */
export function normalise(text: string): string | undefined {
  const reference = parseReference(text);
  if (!reference) return undefined;
  const bare = reference.tag === undefined && reference.digest === undefined;
  const tag = bare ? defaultTag : reference.tag;
  return `${reference.domain}/${reference.path}${suffix(tag, reference.digest)}`;
}

/**
 * The short form that people know: `busybox:latest`. What is not a reference comes back as it is.
 */
export function familiar(text: string): string {
  const reference = parseReference(text);
  if (!reference) return text;
  return familiarName(reference) + suffix(reference.tag, reference.digest);
}

function suffix(tag: string | undefined, digest: string | undefined): string {
  return (tag === undefined ? '' : `:${tag}`) + (digest === undefined ? '' : `@${digest}`);
}

function familiarName({ domain, path }: Reference): string {
  if (domain !== defaultDomain) return `${domain}/${path}`;
  const short = path.startsWith(officialPrefix) ? path.slice(officialPrefix.length) : path;
  // `library/a/b` has to keep its prefix, or it would be read as the user `a`'s.
  return short.includes('/') ? path : short;
}

function parseName(name: string): { domain: string; path: string } | undefined {
  if (idPattern.test(name)) return undefined;
  const slash = name.indexOf('/');
  const first = slash < 0 ? '' : name.slice(0, slash);
  const hosted = isDomain(first);
  const domain = hosted && first !== legacyDomain ? first : defaultDomain;
  const rest = hosted ? name.slice(slash + 1) : name;
  const official = domain === defaultDomain && !rest.includes('/');
  const path = official ? officialPrefix + rest : rest;
  if (!domainPattern.test(domain)) return undefined;
  if (!path.split('/').every((component) => pathComponent.test(component))) return undefined;
  return domain.length + 1 + path.length > longestName ? undefined : { domain, path };
}

/**
 * Docker's rule: a first part with a dot, a colon or a capital is a host, and so is `localhost`.
 */
function isDomain(first: string): boolean {
  if (first === '') return false;
  return /[.:]/.test(first) || first === 'localhost' || first !== first.toLowerCase();
}

function isDigest(text: string): boolean {
  return text.startsWith('sha256:') ? sha256Pattern.test(text) : digestPattern.test(text);
}
