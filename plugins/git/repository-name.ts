/**
 * A URL without what does not tell repositories apart: scheme, user, port, and `.git` at the end. A person may have cloned
 * over HTTPS what the config names over SSH.
 *
 * @example repositoryName('git@github.com:me/blog.git') // 'github.com/me/blog'
 */
export function repositoryName(url: string): string {
  const [, host, path] =
    /^[a-z][a-z0-9+.-]*:\/\/(?:[^/@]*@)?([^/:]*)(?::\d+)?\/(.*)$/i.exec(url) ??
    /^(?:[^/@]*@)?([^/:]+):(.*)$/.exec(url) ??
    []
  const whole = host === undefined ? url : `${host.toLowerCase()}/${(path ?? '').replace(/^\/+/, '')}`
  return whole.replace(/\/+$/, '').replace(/\.git$/, '')
}
