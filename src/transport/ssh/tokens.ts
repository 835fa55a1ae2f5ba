import { homedir, hostname, userInfo } from 'node:os'
import type { Route } from './route.ts'

/** The home folder that OpenSSH uses: the one of the password database, whatever `HOME` says. */
export function home(): string {
  try {
    return userInfo().homedir
  } catch {
    return homedir()
  }
}

/** The laptop user's name. */
export function localUser(): string {
  try {
    return userInfo().username
  } catch {
    return process.env.USER ?? 'root'
  }
}

/** A leading `~/` made absolute. */
export function expandHome(path: string): string {
  return path === '~' || path.startsWith('~/') ? home() + path.slice(1) : path
}

/** Replaces the `%` tokens and `${VARIABLE}` that `ssh -G` leaves as they are in file names and commands. */
export function expandTokens(
  text: string,
  route: Pick<Route, 'address' | 'port' | 'user' | 'hostKeyAlias'> & { readonly original: string },
): string {
  const local = hostname()
  const values: Readonly<Record<string, string>> = {
    '%': '%',
    d: home(),
    h: route.address,
    i: String(process.getuid?.() ?? 0),
    k: route.hostKeyAlias ?? route.original,
    L: local.split('.')[0] ?? local,
    l: local,
    n: route.original,
    p: String(route.port),
    r: route.user,
    u: localUser(),
  }
  return text
    .replace(/%(.)/g, (token, letter: string) => values[letter] ?? token)
    .replace(/\$\{(\w+)\}/g, (token, name: string) => process.env[name] ?? token)
}
