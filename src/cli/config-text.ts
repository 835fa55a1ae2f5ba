import type { ResolvedConfig } from '../config/resolved-config.ts'
import { isSecret } from '../shell/secret.ts'

/** What stands for a secret, and for the password of a URL. */
function shown(_key: string, value: unknown): unknown {
  if (isSecret(value)) return `secret(${value.name})`
  return typeof value === 'string' ? value.replace(/^(\w[\w+.-]*:\/\/[^/:@]*):[^/@]*@/, '$1:***@') : value
}

/**
 * The config as srv understood it, as JSON: overlays applied, defaults filled in, secrets by their names. Hosts stand in
 * services by their names; functions are left out.
 */
export function configText(
  { file, environment, environments, hosts, services, plugins }: ResolvedConfig,
  { indent }: { readonly indent: number },
): string {
  const document = {
    schema: 'srv.config/1',
    file,
    environment,
    environments,
    hosts,
    services: services.map(({ hosts: itsHosts, ...service }) => ({
      ...service,
      hosts: itsHosts.map(({ name }) => name),
    })),
    plugins: plugins.map(({ name, options }) => ({ name, options })),
  }
  return JSON.stringify(document, shown, indent)
}
