import { raw, sh, type Answer, type Check, type Verdict } from '../../src/index.ts'
import { layoutOf } from './layout.ts'
import type { Options, Settings } from './options.ts'
import { needsSsh, sourceKind } from './source.ts'
import { isInPlace } from './strategy.ts'

type GitCheck = Check<Options, Settings>
type HostCheck = Extract<GitCheck, { readonly on: 'host' | 'instance' }>

/** Room for a release, in KiB: less than that is a full disk. */
const leastKibibytes = 100 * 1024
/** Files of a release, with what a package manager brings. */
const leastInodes = 10_000

function has(program: string, fix: string): (answer: Answer) => Verdict {
  return ({ code, stdout }) =>
    code === 0
      ? { ok: true, found: stdout.trim() }
      : { ok: false, problem: `${program} is not installed`, fix: `Install ${fix} on the host.` }
}

const git: GitCheck = {
  title: 'git',
  on: 'host',
  probe: () => raw('git --version'),
  judge: has('git', 'the package git'),
}

const tar = (options: Options): GitCheck => ({
  title: 'tar',
  on: 'host',
  applies: (_placement, settings) => !isInPlace(options, settings),
  probe: () => raw('command -v tar'),
  judge: has('tar', 'the package tar'),
})

/** Whether hosts fetch an instance's commits from a URL that asks for something more than git. */
function fetches(options: Options, isSuch: (url: string) => boolean): NonNullable<HostCheck['applies']> {
  return ({ instance }, settings) =>
    sourceKind(instance, settings.source ?? options.source) === 'remote' && isSuch(instance.repository ?? '')
}

const ssh = (options: Options): GitCheck => ({
  title: 'ssh for git',
  on: 'host',
  applies: fetches(options, needsSsh),
  probe: () => raw('command -v ssh'),
  judge: has('ssh, which git needs for this repository,', 'the package openssh-client'),
})

const https = (options: Options): GitCheck => ({
  title: 'https for git',
  on: 'host',
  applies: fetches(options, (url) => /^https?:/i.test(url)),
  probe: () => raw('helper=$(git --exec-path)/git-remote-https; [ -x "$helper" ] && echo "$helper"'),
  judge: has("git's support for https", 'git with its https helper'),
})

/** The nearest part of a path that is there: where the rest would be made. */
const nearest = raw(
  String.raw`nearest() { at=$1; while [ ! -e "$at" ] && [ "$at" != / ]; do at=$(dirname "$at"); done; printf '%s\n' "$at"; }`,
)

const writable: GitCheck = {
  title: 'write permission',
  on: 'instance',
  probe(placement, settings, options) {
    const { service, instance, repository, releases, state, records } = layoutOf(placement)
    const code = isInPlace(options, settings) ? [`${instance}/.git`] : [repository, releases]
    return sh`${nearest}
printf '%s\n' "$(id -un)"
for folder in ${[service, instance, ...code, state, records]}; do
  at=$(nearest "$folder")
  if [ ! -d "$at" ] || [ ! -w "$at" ] || [ ! -x "$at" ]; then printf '%s\n' "$at"; exit 1; fi
done`
  },
  judge({ code, stdout }, { paths }) {
    const [user = '', folder = paths.service] = stdout.split('\n')
    if (code === 0) return { ok: true, found: `as ${user}` }
    const fix = `On the host, as root: mkdir -p ${paths.service} && chown -R ${user} ${paths.service}`
    return { ok: false, problem: `${user} may not write to ${folder}`, fix }
  },
}

const current = (options: Options): GitCheck => ({
  title: 'current is a link',
  on: 'instance',
  applies: (_placement, settings) => !isInPlace(options, settings),
  probe: (placement) => sh`current=${layoutOf(placement).current}; [ -L "$current" ] || [ ! -e "$current" ]`,
  judge: ({ code }, placement) =>
    code === 0
      ? { ok: true }
      : {
          ok: false,
          problem: `${layoutOf(placement).current} exists and is not a link, so releases cannot be switched`,
          fix: `Move it away: mv ${layoutOf(placement).current} ${layoutOf(placement).current}.old`,
        },
})

/** Releases in the folder of a checkout would be untracked files in it. */
const noCheckout = (options: Options): GitCheck => ({
  title: 'no checkout in the way',
  on: 'instance',
  applies: (_placement, settings) => !isInPlace(options, settings),
  probe: (placement) => sh`[ ! -e ${`${layoutOf(placement).instance}/.git`} ]`,
  judge: ({ code }, { paths }) =>
    code === 0
      ? { ok: true }
      : {
          ok: false,
          problem: `${paths.instance} is a checkout, but the strategy is to keep a folder for each release`,
          fix: `Set \`git: { strategy: 'in-place' }\`, or move it away: mv ${paths.instance} ${paths.instance}.old`,
        },
})

/** Git refuses a repository that belongs to another user, because whoever can write to it can make git run programs. */
const owner = (options: Options): GitCheck => ({
  title: 'owner of the checkout',
  on: 'instance',
  applies: (_placement, settings) => isInPlace(options, settings),
  probe: (placement) => sh`folder=${layoutOf(placement).instance}
[ -e "$folder/.git" ] || exit 0
if said=$(LC_ALL=C git -C "$folder" rev-parse --git-dir 2>&1 >/dev/null); then exit 0; fi
case $said in *'dubious ownership'* | *'unsafe repository'*) id -un; exit 1 ;; esac`,
  judge: ({ code, stdout }, { paths }) =>
    code === 0
      ? { ok: true }
      : {
          ok: false,
          problem: `git refuses ${paths.instance}, because its owner is not ${stdout.trim()}`,
          fix: `On the host, as root: chown -R ${stdout.trim()} ${paths.instance}; or, as ${stdout.trim()}: git config --global --add safe.directory ${paths.instance}`,
        },
})

/** The fourth column of the last line of `df -P`: what is free. File systems without a fixed number of inodes say 0 of 0. */
function free(line: string | undefined): { readonly total: number; readonly free: number } | undefined {
  const columns = line?.trim().split(/\s+/) ?? []
  const [total, available] = [Number(columns.at(-5)), Number(columns.at(-3))]
  return Number.isFinite(total) && Number.isFinite(available) ? { total, free: available } : undefined
}

const space: GitCheck = {
  title: 'free space',
  on: 'instance',
  probe: (placement) => sh`${nearest}
at=$(nearest ${layoutOf(placement).instance})
LC_ALL=C df -Pk "$at" | tail -n 1
LC_ALL=C df -Pi "$at" 2>/dev/null | tail -n 1`,
  judge({ stdout }, { paths }) {
    const [blocks, inodes] = stdout.split('\n').map(free)
    const mebibytes = Math.floor((blocks?.free ?? 0) / 1024)
    const fix = 'Free some space on the host, or keep fewer releases: `git({ keep: 3 })`.'
    if (blocks !== undefined && blocks.free < leastKibibytes) {
      return { ok: false, problem: `${paths.service} has only ${String(mebibytes)} MiB left on its disk`, fix }
    }
    if (inodes !== undefined && inodes.total > 0 && inodes.free < leastInodes) {
      return {
        ok: false,
        problem: `the disk of ${paths.service} has room for only ${String(inodes.free)} more files`,
        fix,
      }
    }
    return blocks === undefined ? { ok: true } : { ok: true, found: `${String(mebibytes)} MiB` }
  },
}

/** What has to be right on a host before the first change. */
export function checksFor(options: Options): readonly GitCheck[] {
  return [
    git,
    tar(options),
    ssh(options),
    https(options),
    writable,
    current(options),
    noCheckout(options),
    owner(options),
    space,
  ]
}
