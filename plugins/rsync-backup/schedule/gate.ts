import { lines, raw, sh, type LeaseTexts, type Placement, type Quiet, type Script } from '../../../src/index.ts'
import { sourceScript, stillThere } from '../checks.ts'
import type { Settings } from '../options.ts'
import { offerText } from '../scripts/begin.ts'
import { clockText } from '../scripts/clock.ts'
import { identityText } from '../scripts/owner.ts'
import { admitted, gateHead, serve } from '../scripts/admitted.ts'
import { armScript, disarmScript, fireScript } from '../scripts/timer.ts'
import type { Site } from './site.ts'

/** Exit status of `resume` when what was brought back is not healthy. */
export const unhealthy = 11

/** What a gate is made for. */
export interface Gated extends Pick<Placement, 'service' | 'paths'> {
  readonly site: Site
  readonly settings: Settings
  /** Text that makes the dumps of the service, when it has any. */
  readonly dumps: Script | undefined
  readonly dumpFolder: string
  readonly quiet: Pick<Quiet, 'hold' | 'held' | 'ran' | 'proved' | 'resume' | 'lease' | 'serving'>
}

/** What dumps of a schedule are named after on the host, in place of the id of a run. */
export const scheduleRun = 'schedule'

/** A branch of the gate: shell text in a subshell outside of any condition, so that `set -e` applies. */
function verb(name: string, ...texts: readonly Script[]): Script {
  return lines(raw(`${name})\n  alone "$@"\n  ( set -eu`), ...texts, raw('  ) </dev/null\n  exit\n  ;;'))
}

/** Data are read by the rsync of the keeper, from the folders that the gate itself goes to. */
const rsync = lines(
  raw('rsync)'),
  admitted('sender', 'n'),
  raw(`case "$*" in
'. ./') cd "$data" || exit 9 ;;
'. dumps/') cd "$dumps" || exit 9 ;;
*) refuse ;;
esac`),
  serve('sender'),
  raw(';;'),
)

/**
 * Holds the lease for as long as somebody gives a sign of life on standard input. When that ends, orderly or not,
 * what was held comes back, unless another run has the lease by then.
 */
function leaseVerb({ service, paths, settings, quiet, dumps }: Gated, lease: LeaseTexts): Script {
  // What a dead restore left half done is not started: the text that ends it stays for the next who takes the lease.
  const back =
    settings.consistency === 'live'
      ? []
      : [
          sh`if [ ! -f ${`${paths.state}/restore/open`} ]; then`,
          quiet.resume(),
          disarmScript({ service: service.name, state: paths.state }),
          raw('fi'),
        ]
  const clear = dumps === undefined ? [] : [raw('rm -rf "$dumps"')]
  return lines(
    raw(`lease)
  alone "$@"
  trap '' HUP PIPE
  said=$( ( set -eu`),
    lease.take,
    // The answer is given once everything is written: the next verb reads it right away.
    raw(`  ) 2>&1 )
  code=$?
  printf '%s\\n' "$said"
  [ "$code" = 0 ] || exit "$code"
  while read -r word && [ "$word" = beat ]; do
    ( set -eu`),
    lease.keep,
    raw(`    ) >/dev/null 2>&1 || break
  done
  # What is said meanwhile is told at the end: of a keeper that is gone, nobody reads it, and a text would end there.
  said=$( ( set -eu`),
    // A command that hangs would keep what was held from coming back.
    lease.stop,
    lease.regain,
    ...clear,
    ...back,
    raw(`  ) 2>&1 )
  code=$?
  ( set -eu`),
    lease.release,
    raw(`  ) >/dev/null
  [ -z "$said" ] || printf '%s\\n' "$said" 2>/dev/null
  exit "$code"
  ;;`),
  )
}

/** What a dead run left half done is completed or undone first, before anything is copied. */
function finishVerb({ service, paths }: Gated, { enter }: LeaseTexts): Script {
  return verb('finish', enter, fireScript({ service: service.name, state: paths.state }, raw('"$SRV_RUN"')))
}

/** Dumps are there from one verb to the other, or until the lease ends. */
function dumpVerbs({ dumps }: Gated, { enter }: LeaseTexts): readonly Script[] {
  if (dumps === undefined) return []
  return [verb('dump', enter, dumps), verb('undump', enter, raw('rm -rf "$dumps"'))]
}

/** What is to be brought back, in `$ran`. */
function ranText({ ran }: Pick<Gated['quiet'], 'ran'>): Script {
  return lines(raw('ran=$( set -eu'), ran(), raw(')'))
}

/** An app that was brought back but does not become healthy is a different failure from one that was not brought back. */
function provedText({ proved }: Pick<Gated['quiet'], 'proved'>, how: 'pause' | 'stop'): Script {
  return lines(
    raw('if [ -n "$ran" ]; then\nset +e\n( set -eu'),
    proved(how),
    raw(`)\n[ $? = 0 ] || exit ${String(unhealthy)}\nset -e\nfi`),
  )
}

function holdVerbs({ service, paths, settings, quiet }: Gated, { enter, stopLeft }: LeaseTexts): readonly Script[] {
  const { consistency, holdSeconds } = settings
  if (consistency === 'live') return []
  const timed = { service: service.name, state: paths.state }
  const resume = quiet.resume()
  return [
    verb(
      'hold',
      enter,
      armScript({ ...timed, resume: lines(stopLeft, resume), seconds: holdSeconds }),
      quiet.hold(consistency),
    ),
    verb('held', enter, quiet.held(), stillThere({ paths }, settings)),
    verb('resume', enter, ranText(quiet), resume, disarmScript(timed), provedText(quiet, consistency)),
  ]
}

/**
 * What a keeper may do on the host of a service, and nothing else: the one program that its key starts there. It reads
 * what was asked for, knows all words of it, and puts in paths of its own. No word that it takes is a pattern of names,
 * which the texts in it may use.
 *
 * @throws SrvError SRV-303 when the service cannot be held as its settings say
 */
export function gateScript(gated: Gated): Script {
  const { site, settings, paths, quiet } = gated
  const lease = quiet.lease({ actor: `schedule@${site.keeper}`, pipeline: 'backup' })
  return lines(
    gateHead(`the schedule on ${site.keeper}`),
    sh`data=${paths.data} dumps=${gated.dumpFolder}`,
    raw(`alone() {
  [ $# = 1 ] || refuse
  case $1 in *[!A-Za-z0-9-]*) refuse ;; esac
  SRV_RUN=$1
}
verb=$1
shift
case $verb in`),
    verb('source', lines(sourceScript({ paths }, settings), identityText({ paths }), offerText)),
    verb('release', quiet.serving(), clockText),
    leaseVerb(gated, lease),
    finishVerb(gated, lease),
    ...dumpVerbs(gated, lease),
    ...holdVerbs(gated, lease),
    rsync,
    raw(`*) refuse ;;
esac
exit
}`),
  )
}
