import type { Host, Instance, Service, Supervisor } from '../src/index.ts'

/** The markers around what srv wrote; people's own text is before and after. */
export const readmeMarkers = { begin: '<!-- srv:begin -->', end: '<!-- srv:end -->' } as const

function runner(start: Supervisor | undefined): string {
  switch (start?.kind) {
    case undefined:
      return 'nothing to run'
    case 'systemd':
      return `systemd: \`${start.exec}\``
    case 'process':
      return `a process of its own: \`${start.exec}\``
    case 'command':
      return `\`${start.start}\``
  }
}

function row(instance: Instance): string {
  const cells = [instance.name, instance.kind, runner(instance.start), instance.repository ?? '']
  // A pipe ends a cell, in code too.
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|').replaceAll(/\s+/g, ' ')).join(' | ')} |`
}

/** The part of a service's README that srv keeps, without the releases that serve, which only the host knows. */
export function readmeText(service: Service, host: Host, environment: string): readonly string[] {
  const { name, description, instances } = service
  const folder = `${host.root}/${name}`
  return [
    ...(description === undefined ? [] : [description, '']),
    `Deployed by [srv](https://www.npmjs.com/package/srvkit) to ${host.name}, environment ${environment}. srv rewrites what`,
    'is between these markers at each deploy; anything around them is yours.',
    '',
    '| instance | kind | run by | source |',
    '| --- | --- | --- | --- |',
    ...instances.map(row),
    '',
    `- Code: \`${folder}/instances/<instance>\`. Do not edit it here: the next deploy replaces it.`,
    `- Data: \`${folder}/data\`. A deploy never writes there.`,
    '- From the folder on your machine that holds `srv.config.ts`:',
    '',
    `      npx srv status ${environment} ${name}`,
    `      npx srv logs ${environment} ${name}`,
    `      npx srv rollback ${environment} ${name}`,
    '',
  ]
}
