import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, existsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { placeOn } from '../../src/config/paths.ts'
import type { NamedHook, NamedTask } from '../../src/config/resolved-config.ts'
import type { Host, Instance, Placement, Service } from '../../src/config/resolved.ts'
import type { Step } from '../../src/config/steps.ts'
import { buildPlan } from '../../src/plan/build.ts'
import type { Plan } from '../../src/plan/plan.ts'
import type { Override, Task } from '../../src/plugin/contract.ts'
import type { RunEvent } from '../../src/run/event.ts'
import { countCommands } from '../../src/run/ask/busy-pool.ts'
import { createOpenWork, type OpenWork } from '../../src/run/steps/open-work.ts'
import type { PluginOfRun } from '../../src/run/plugin-of-run.ts'
import { runPlan, type RunReport } from '../../src/run/run.ts'
import { RunState } from '../../src/run/run-state.ts'
import { createSecrets } from '../../src/run/secrets.ts'
import type { Session } from '../../src/run/session.ts'
import { createMasker } from '../../src/shell/mask.ts'
import { testPool, type Fault, type TestPool } from './pool.ts'

/** What a run in a test is made of; everything has a default but the pipeline. */
export interface FleetOptions {
  readonly hosts?: readonly string[]
  /** Instances as `service/instance`, on every host; kind docker when the name is `docker`. */
  readonly instances?: readonly string[]
  readonly instance?: Partial<Instance>
  readonly tasks?: Readonly<Record<string, Task>>
  /** Pipelines beside `main`, which is the one that runs. */
  readonly pipelines?: Readonly<Record<string, Step>>
  readonly hooks?: readonly NamedHook[]
  readonly overrides?: Readonly<Record<string, Override>>
  readonly plugins?: readonly PluginOfRun[]
  readonly faults?: Readonly<Record<string, Fault>>
  readonly flags?: Plan['flags']
  readonly dryRun?: boolean
  readonly force?: boolean
  /** Takes the leases of the hosts. */
  readonly lease?: boolean
}

/** One run on real shells, and everything that was heard of it. */
export interface Fleet {
  readonly root: string
  readonly hosts: readonly Host[]
  readonly placements: readonly Placement[]
  readonly pool: TestPool
  readonly events: RunEvent[]
  readonly openWork: OpenWork
  readonly session: Session
  readonly abort: (reason?: string) => void
  readonly run: () => Promise<RunReport>
  /** Called with each event as it happens. */
  onEvent: ((event: RunEvent) => void) | undefined
  /** A file below a host's folder; nothing when it is not there. */
  readonly file: (host: string, name: string) => string | undefined
  /** What happened, an event a line: `what task target`; without output, unless asked for, and without the log-in. */
  readonly story: (options?: { readonly output: boolean }) => readonly string[]
}

function makeHost(name: string, root: string): Host {
  return { name, kind: 'local', address: '', hostKeys: [], root, tags: [], loopback: '127.0.0.1' }
}

function makeInstance(id: string, more: Partial<Instance>): Instance {
  const [service = '', name = ''] = id.split('/')
  const kind = name === 'docker' ? 'docker' : 'native'
  return { id, service, name, kind, build: [], health: [], env: {}, settings: {}, ...more }
}

/** Placements of instances on hosts, as the config would resolve them. */
export function placementsOf(
  hosts: readonly Host[],
  ids: readonly string[],
  more: Partial<Instance> = {},
): readonly Placement[] {
  const instances = ids.map((id) => makeInstance(id, more))
  const services = new Map<string, Service>()
  for (const name of new Set(instances.map(({ service }) => service))) {
    services.set(name, { name, hosts, instances: instances.filter(({ service }) => service === name) })
  }
  return hosts.flatMap((host) =>
    instances.flatMap((instance): readonly Placement[] => {
      const service = services.get(instance.service)
      return service === undefined ? [] : [placeOn(host, service, instance)]
    }),
  )
}

const quiet = new Set(['version', 'run.start', 'host.connect', 'host.ready', 'check.start'])

function tell(event: RunEvent): string {
  switch (event.type) {
    case 'step.start':
      return `start ${event.task} ${event.target}`
    case 'step.end':
      return `${event.status} ${event.task} ${event.target}${event.reason === undefined ? '' : `: ${event.reason}`}${event.error === undefined ? '' : `: ${event.error.code}`}`
    case 'step.output':
      return `${event.stream} ${event.task} ${event.target}: ${event.line}`
    case 'step.progress':
      return `progress ${event.task} ${event.target}: ${event.text}`
    case 'step.would':
      return `would ${event.task} ${event.target}: ${event.what}`
    case 'undo.start':
      return `undo ${event.target}: ${event.tasks.join(', ')}`
    case 'undo.end':
      return `undone ${event.target}${event.ok ? '' : `: ${event.error?.code ?? ''}`}`
    case 'host.unreachable':
      return `unreachable ${event.host}: ${event.error.code}`
    case 'check.end':
      return `check ${event.host} ${event.check}: ${event.ok ? 'ok' : (event.problem ?? '')}`
    case 'run.end':
      return `end ${event.status} ${event.exit_code}`
    case 'version':
    case 'run.start':
    case 'host.connect':
    case 'host.ready':
    case 'check.start':
    case 'warning':
      return event.type
  }
}

/** Makes hosts out of folders, a plan out of a pipeline, and everything that a run needs around them; the folders go with the test. */
export function fleet(main: Step, options: FleetOptions = {}): Fleet {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'srv-run-')))
  onTestFinished(() => {
    rmSync(root, { recursive: true, force: true })
  })
  const names = options.hosts ?? ['web1']
  const folders = Object.fromEntries(['local', ...names].map((name) => [name, join(root, name)]))
  for (const folder of Object.values(folders)) mkdirSync(folder)
  const hosts = names.map((name) => makeHost(name, join(root, name)))
  const placements = placementsOf(hosts, options.instances ?? ['blog/native'], options.instance)
  const tasks = new Map<string, NamedTask>()
  for (const [id, task] of Object.entries(options.tasks ?? {})) {
    const plugin = id.includes(':') ? { plugin: id.replace(/:.*$/, '') } : {}
    tasks.set(id, { id, task, ...plugin })
  }
  const plan = buildPlan(
    {
      tasks,
      pipelines: new Map(Object.entries({ ...options.pipelines, main })),
      hooks: options.hooks ?? [],
      overrides: new Map(Object.entries(options.overrides ?? {})),
    },
    { pipeline: 'main', environment: 'production', placements, flags: options.flags ?? {} },
  )
  const pool = testPool(folders, options.faults)
  const counted = countCommands(pool)
  const masker = createMasker()
  const controller = new AbortController()
  const openWork = createOpenWork()
  const events: RunEvent[] = []
  const session: Session = {
    plan,
    selection: { services: [], hosts: [], tags: [] },
    options: {},
    plugins: options.plugins ?? [],
    pool: counted,
    state: new RunState(),
    secrets: createSecrets(masker),
    masker,
    emit(event) {
      events.push(event)
      made.onEvent?.(event)
    },
    openWork,
    isBusy: counted.isBusy,
    now: () => 0,
    runId: '20261122T140311Z-1f3a',
    startedAt: '2026-11-22T14:03:11.000Z',
    actor: 'ann@laptop',
    projectRoot: join(root, 'local'),
    declared: { file: join(root, 'local/srv.config.ts'), placements },
    dryRun: options.dryRun ?? false,
    force: options.force ?? false,
    ...(options.lease === true ? { lease: { token: '20261122T140311Z-1f3a', waitMs: 0 } } : {}),
    signal: controller.signal,
  }
  const made: Fleet = {
    root,
    hosts,
    placements,
    pool,
    events,
    openWork,
    session,
    abort(reason = 'SIGINT') {
      controller.abort(reason)
    },
    run: () => runPlan(session, '0.0.0'),
    onEvent: undefined,
    file(host, name) {
      const path = join(root, host, name)
      return existsSync(path) ? readFileSync(path, 'utf8') : undefined
    },
    story: ({ output } = { output: false }) =>
      events.filter(({ type }) => !quiet.has(type) && (output || type !== 'step.output')).map(tell),
  }
  return made
}
