import { lines, type Finish, type Inspect } from '../../src/index.ts'
import type { Options, Settings } from './options.ts'
import { forgetScript, tellScript } from './scripts/open-restore.ts'
import { fireScript } from './scripts/timer.ts'
import { speaks } from './vault.ts'

/** Brings back what a dead backup or restore had stopped, and reports the outcome. */
export const finish: Finish = ({ service, paths }, run) =>
  lines(fireScript({ service: service.name, state: paths.state }, run), forgetScript(paths))

/** Reports a restore that is not over, or that its host has undone; that stays until a run has reported it. */
export const inspect: Inspect<Options, Settings> = {
  applies: speaks,
  probe: ({ paths }) => tellScript(paths),
  read: ({ stdout }) => ({ drift: stdout.split('\n').filter((line) => line !== '') }),
}
