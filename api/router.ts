/**
 * The route table, compiled. A path is written as in api/openapi.yaml: `{id}` is one part of a
 * path, `{name:.+}` and `{kind:a|b}` say what it may be. Each route is served bare and below
 * `/v<version>`, unless it is `unversioned`. The first route that fits wins; if none does, `{id}`
 * may hold slashes, so that a wrong name is answered as one and not as a wrong path. An unknown
 * path and a wrong method are the same thing, as in dockerd.
 */
import type { Handler } from './request.ts';

export interface Route {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly handler: Handler;
  /**
   * What it does while the first reconcile is not over: `look` waits a moment for the truth,
   * `command` waits up to its deadline and then fails, nothing said: answers at once.
   */
  readonly gate?: 'look' | 'command';
  readonly hijack?: boolean;
  /**
   * With `hijack`: the request has a body before the raw bytes, and unless the handler hijacks, it
   * is answered as any other.
   */
  readonly bodyFirst?: boolean;
  /** With `hijack`: what goes wrong before is answered as elsewhere, and not as plain text. */
  readonly jsonErrors?: boolean;
  readonly unversioned?: boolean;
}

export interface Match {
  readonly route: Route;
  readonly params: Readonly<Record<string, string>>;
  /** As asked for in the path. */
  readonly version: string | undefined;
}

export interface Router {
  readonly routes: readonly Route[];
  match(method: string, pathname: string): Match | undefined;
}

const VERSIONED = /^\/v([0-9.]+)(\/.*)$/;

/** The path without the patterns of its parts, as api/openapi.yaml writes it. */
export const documentedPath = (route: Pick<Route, 'path'>): string =>
  route.path.replace(/\{(\w+):[^}]*\}/g, '{$1}');

/** @param free what a part without a pattern of its own may be */
function compile(path: string, free: string): RegExp {
  const source = path.replace(/\{(\w+)(?::([^}]*))?\}|[.]/g, (found, name, pattern) =>
    found === '.' ? '\\.' : `(?<${name}>${pattern ?? free})`,
  );
  return new RegExp(`^${source}$`);
}

/** `containers` of `/containers/{id}/json`: no route begins with a parameter. */
function firstPart(path: string): string {
  const end = path.indexOf('/', 1);
  return end < 0 ? path.slice(1) : path.slice(1, end);
}

function decoded(groups: Record<string, string> | undefined): Record<string, string> | undefined {
  try {
    return Object.fromEntries(
      Object.entries(groups ?? {}).map(([name, value]) => [name, decodeURIComponent(value)]),
    );
  } catch (error) {
    // A broken escape is no path of ours; anything else is a bug.
    if (error instanceof URIError) return undefined;
    throw error;
  }
}

export function createRouter(routes: readonly Route[]): Router {
  const compiled = Map.groupBy(
    ['[^/]*', '.*'].flatMap((free) =>
      routes.map((route) => ({ route, pattern: compile(route.path, free) })),
    ),
    ({ route }) => `${route.method} ${firstPart(route.path)}`,
  );
  return {
    routes,
    match(method, pathname) {
      const versioned = VERSIONED.exec(pathname);
      const version = versioned?.[1];
      const path = versioned?.[2] ?? pathname;
      for (const { route, pattern } of compiled.get(`${method} ${firstPart(path)}`) ?? []) {
        if (route.unversioned === true && version !== undefined) continue;
        const found = pattern.exec(path);
        const params = found === null ? undefined : decoded(found.groups);
        if (params !== undefined) return { route, params, version };
      }
      return undefined;
    },
  };
}
