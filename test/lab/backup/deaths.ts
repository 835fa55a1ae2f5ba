import type { Stop } from '../../support/faults.ts'

type Side = 'service' | 'keeper'

/**
 * What touches data; runs `with dumps` make them first, and load them where they restore. The keeper makes a `scheduled
 * backup` by itself, with dumps.
 */
export type Run =
  'backup' | 'backup with dumps' | 'scheduled backup' | 'restore' | 'restore with dumps' | 'rollback' | 'rehearsal'

/** What else a test needs. */
export type Other = 'deploy' | 'start' | 'schedule install'

/** The command line of a run of a service on a host. */
export function wordsOf(run: Run | Other, service: string, host: string): readonly string[] {
  const of = ['production', service]
  switch (run) {
    case 'backup':
    case 'backup with dumps':
      return ['backup', ...of]
    case 'scheduled backup':
      return ['schedule', 'run', ...of]
    case 'restore':
    case 'restore with dumps':
      return ['restore', ...of, '--confirm', `${service}@${host}`]
    case 'rollback':
      return ['rollback', ...of, '--with-data']
    case 'rehearsal':
      return ['restore', ...of, '--rehearse']
    case 'deploy':
    case 'start':
      return [run, ...of]
    case 'schedule install':
      return ['schedule', 'install', ...of]
  }
}

/** Who dies: a machine has its plug pulled, and srv is gone with it; of an rsync alone srv hears. */
export type Victim = Side | `rsync of the ${Side}`

/**
 * Where a run stands still when somebody dies: before the next command of a pattern on one of the machines, or in it; and
 * whose data serve in the end, when not those of before.
 */
export type Step = readonly [
  Run,
  when: string,
  dies: readonly Victim[],
  at: Side,
  pattern: string,
  stop?: Stop,
  then?: 'new',
]

const one: readonly Victim[] = ['service']
const other: readonly Victim[] = ['keeper']
const each: readonly Victim[] = ['service', 'keeper', 'rsync of the service', 'rsync of the keeper']
const compares = 'rsync --server --sender -n*'
const sends = 'rsync --server --sender -l*'
/** Dumps come before all other files. */
const dumps = 'rsync --server --sender *'
const receives = 'rsync --server -*'
const moves = 'mv -T */data */data.before-*'
const puts = 'mv -T */.restore-*/data */data'
const proves = 'rm -f */restore/open *'

/** Every step of every run that touches data, in the order in which they come. */
const steps: readonly Step[] = [
  ['backup', 'its folder is made', other, 'keeper', 'mkdir */.staging-*'],
  ['backup', 'what differs is looked for', other, 'service', compares, { bytes: 100 }],
  ['backup', 'in the hot copy', each, 'service', sends, { bytes: 20_000 }],
  ['backup', 'what was copied is put over the rest', other, 'keeper', 'cp -al * --remove-destination *'],
  ['backup', 'the hot copy is in its place', other, 'keeper', 'mv linked warm'],
  ['backup', 'the timer is set', one, 'service', 'mv -f */timer/run.new *'],
  ['backup', 'the app is held', one, 'service', 'rm -f */held/native.open'],
  ['backup', 'in the second copy', each, 'service', compares, { bytes: 100, skip: 1 }],
  ['backup', 'the app runs again', one, 'service', 'rm -f */held/native *'],
  ['backup', 'the manifest is summed', other, 'keeper', 'sha256sum *'],
  ['backup', 'it is written to disk', other, 'keeper', 'sync -f .', { skip: 1 }],
  ['backup', 'it gets its name', other, 'keeper', 'mv */.staging-* */2*Z'],
  ['backup', 'it is named', other, 'keeper', 'ln -s *'],
  ['backup', 'latest is renamed', other, 'keeper', 'mv -fT */.latest-* */latest'],
  ['backup', 'latest leads to it', other, 'keeper', 'sync -f /*'],
  ['backup', 'an older one is renamed', other, 'keeper', 'mv */2*Z */.trash-*'],
  ['backup', 'an older one goes', other, 'keeper', 'rm -rf */.trash-*'],

  ['backup with dumps', 'one is made', one, 'service', 'awk {print} */store'],
  ['backup with dumps', 'they are on their way', each, 'service', dumps, { bytes: 100 }],
  ['backup with dumps', 'they are removed', one, 'service', 'rm -rf */.dumps-*', { skip: 1 }],

  ['scheduled backup', 'its folder is made', other, 'keeper', 'mkdir */.staging-*'],
  ['scheduled backup', 'a dump is made', other, 'service', 'awk {print} */store'],
  ['scheduled backup', 'in the hot copy', other, 'service', sends, { bytes: 20_000, skip: 1 }],
  ['scheduled backup', 'the app is held', other, 'service', 'rm -f */held/native.open'],
  ['scheduled backup', 'in the second copy', [...one, ...other], 'service', compares, { bytes: 100, skip: 1 }],
  ['scheduled backup', 'the app runs again', other, 'service', 'rm -f */held/native *'],
  ['scheduled backup', 'it gets its name', other, 'keeper', 'mv */.staging-* */2*Z'],
  ['scheduled backup', 'latest is renamed', other, 'keeper', 'mv -fT */.latest-* */latest'],
  ['scheduled backup', 'an older one goes', other, 'keeper', 'rm -rf */.trash-*'],

  ['restore', 'it is brought', each, 'service', receives, { bytes: 100 }],
  ['restore', 'it is announced', one, 'service', 'mv -f */restore/open.new *'],
  ['restore', 'the timer is set', one, 'service', 'mv -f */timer/run.new *'],
  ['restore', 'the app is stopped', one, 'service', 'rm -f */held/native.open'],
  ['restore', 'the data are moved away', one, 'service', moves],
  ['restore', 'the snapshot is moved in', one, 'service', puts],
  ['restore', 'all is in place', one, 'service', 'rm -rf */.restore-*'],
  ['restore', 'the app runs again', one, 'service', 'rm -f */held/native *'],
  ['restore', 'it is proved', one, 'service', proves, { skip: 1 }],
  ['restore', 'the timer goes', one, 'service', 'rm -f */timer/how *', {}, 'new'],

  ['restore with dumps', 'what serves is kept', one, 'service', 'awk {print} */store'],
  ['restore with dumps', 'one is loaded', one, 'service', 'awk {print}'],
  ['restore with dumps', 'the first is loaded', one, 'service', 'mv store.new *'],

  ['rollback', 'it is brought', [...one, ...other], 'service', receives, { bytes: 100 }],
  ['rollback', 'the data are moved away', one, 'service', moves],
  ['rollback', 'the snapshot is moved in', one, 'service', puts],
  ['rollback', 'the release is changed', one, 'service', 'mv -T */.srv-current */current'],
  ['rollback', 'it is proved', one, 'service', proves, { skip: 1 }, 'new'],

  ['rehearsal', 'it is brought', each, 'service', receives, { bytes: 100 }],
  ['rehearsal', 'it is verified', one, 'service', 'sha256sum *'],
  ['rehearsal', 'the timer is set', one, 'service', 'mv -f */timer/run.new *'],
  ['rehearsal', 'the app is asked', [...one, ...other], 'service', 'awk /version/*'],
  ['rehearsal', 'it is proved', other, 'keeper', 'mv -f */.rehearsals.new *'],
  ['rehearsal', 'it is removed', one, 'service', 'rm -rf */.rehearsal'],
]

/** Everybody who dies at a step of these runs. */
export function deathsIn(runs: readonly Run[]): readonly (readonly [Run, Victim, when: string, Step])[] {
  return steps.flatMap((step) => {
    const [run, when, dies] = step
    return runs.includes(run) ? dies.map((victim) => [run, victim, when, step] as const) : []
  })
}

/** What was cut off from its keeper is brought another way. */
export function isRescued(run: Run, victim: Victim): boolean {
  return !run.includes('backup') && victim === 'rsync of the service'
}

/** The error of a run whose rsync was killed. */
export const withoutRsync: Readonly<Record<Run, string>> = {
  backup: 'SRV-640',
  'backup with dumps': 'SRV-640',
  'scheduled backup': 'SRV-640',
  restore: 'SRV-645',
  'restore with dumps': 'SRV-645',
  rollback: 'SRV-645',
  rehearsal: 'SRV-655',
}
