import { fileURLToPath } from 'node:url'
import { onHost } from '../hosts.ts'
import type { LabHost } from '../global-setup.ts'
import { inventoryText, labFolder, type LabFolder } from '../project.ts'

/** Not in the package for others: the config reads the source, as srv does with any TypeScript. */
const timer = fileURLToPath(new URL('../../../plugins/rsync-backup/scripts/timer.ts', import.meta.url))

/** A project whose pipelines hold a service and bring it back, each on its own, as a backup does one after the other. */
export function holdProject(service: string, hosts: readonly LabHost[], plugins: string, instances: string): LabFolder {
  return labFolder(`import { command, defineConfig, defineTask, lines, process, raw, sh, systemd } from 'srvkit'
import { git } from 'srvkit/git'
import { dockerCompose } from 'srvkit/docker-compose'
import { armScript, disarmScript } from '${timer}'

const timed = ({ service, paths }) => ({ service: service.name, state: paths.state })
const arm = (context, seconds) => armScript({ ...timed(context), resume: context.resume(), seconds })
const proved = (context, how) => lines(raw('ran=$('), context.ran(), raw(')'), context.resume(), context.proved(how))
const task = (script) => defineTask({
  title: 'Hold',
  on: 'instance',
  applies: ({ service, instance }) => service.instances[0].id === instance.id,
  script,
})
const tasks = {
  'hold-stop': task((context) => context.hold('stop')),
  'hold-pause': task((context) => context.hold('pause')),
  'hold-held': task((context) => context.held()),
  'hold-resume': task((context) => context.resume()),
  'hold-prove-stop': task((context) => proved(context, 'stop')),
  'hold-prove-pause': task((context) => proved(context, 'pause')),
  'hold-inside': task((context) => lines(raw('{ echo first; } |'), context.inside('web', ['/bin/busybox', 'cat'], { input: true }))),
  'hold-arm': task((context) => arm(context, 2)),
  'hold-arm-long': task((context) => arm(context, 3600)),
  'hold-disarm': task((context) => disarmScript(timed(context))),
  'hold-die': task((context) => lines(arm(context, 3), context.hold('stop'), raw('kill -KILL $$'))),
}

export default defineConfig({
  environments: { production: { hosts: ${inventoryText(hosts)} } },
  plugins: [${plugins}],
  services: { '${service}': { instances: { ${instances} } } },
  tasks,
  pipelines: Object.fromEntries(Object.keys(tasks).map((name) => [\`run-\${name}\`, [name]])),
})
`)
}

/** Every file of a service's records and timer on a host. */
export function traces(host: LabHost, service: string): Promise<string> {
  return onHost(
    host,
    `cd /srv/${service}/.srv && find held timer -type f ! -name .lock ! -name log 2>/dev/null | sort
ls /etc/systemd/system /etc/systemd/system/multi-user.target.wants /home/deploy/.config/systemd/user 2>/dev/null | grep srv-resume-${service}
systemctl list-units --all --no-legend --type=timer 'srv-resume-${service}*' | awk '{ print $1 }'
true`,
  )
}

/**
 * `services` of a config with one service on one host, made from the folder `app`, which is held in a way while it is copied;
 * `more` are further settings of its backups.
 */
export function heldService(service: string, host: LabHost, start: string, consistency: string, more = ''): string {
  return `services: {
    '${service}': {
      hosts: ['${host.name}'],
      instances: {
        native: {
          kind: 'native',
          git: { path: 'app' },
          start: ${start},
          backup: { consistency: '${consistency}', ${more} },
        },
      },
    },
  },`
}
