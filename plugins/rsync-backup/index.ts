import { definePlugin, lines } from '../../src/index.ts'
import { checks } from './checks.ts'
import { finish, inspect } from './cut-off.ts'
import { hostsOf, isDirect } from './destination.ts'
import { hostNamesIn, optionsSchema, settingsSchema } from './options.ts'
import { readRehearsals } from './rehearsal.ts'
import { identityText, isOther, ownerScript } from './scripts/owner.ts'
import { listScript } from './scripts/prune.ts'
import { provenScript } from './scripts/rehearse.ts'
import { shareSettings } from './shared.ts'
import { readListed } from './snapshot.ts'
import { rehearseTask } from './tasks/rehearse.ts'
import { beforeDeployTask } from './tasks/before-deploy.ts'
import { extractTask } from './tasks/extract.ts'
import { oldDataTask } from './tasks/old-data.ts'
import { readOldData } from './old-data.ts'
import { oldDataScript } from './scripts/old-data.ts'
import { readOverdue } from './schedule/due.ts'
import { readSchedule } from './schedule/list.ts'
import { dueIn, schedulesOf } from './schedule/places.ts'
import { settleTask, stageTask, swapTask } from './tasks/restore.ts'
import { installTask, removeTask } from './tasks/schedule.ts'
import { settleBackTask, stageBackTask, swapBackTask } from './tasks/with-data.ts'
import { snapshotTask } from './tasks/snapshot.ts'
import { pruneTask, verifyTask } from './tasks/verify.ts'
import { endBackTask, endBroughtTask, endTask } from './tasks/way.ts'
import { destinationsOf, speaks, vaultsOf } from './vault.ts'

export { dump, mysql, postgres, redis, sqlite, type DumpInput } from './dumps/kinds.ts'

/**
 * Backs up the data of services with rsync: snapshots that share what did not change, verified, restored by a rename.
 *
 * @example plugins: [rsyncBackup({ to: 'backup@nas.example.org:/tank/srv', keep: { daily: 7, weekly: 4 } })]
 */
export const rsyncBackup = definePlugin({
  id: 'backup',
  options: optionsSchema,
  settings: settingsSchema,
  share: shareSettings,
  setup({ task, options }) {
    const stage = stageTask(task, options)
    const hasDirect = destinationsOf(options).some(isDirect)
    // Connections between machines are ended when all services of a host were copied.
    const ended = <Name extends string, End extends string>(name: Name, end: End): readonly (Name | End)[] =>
      hasDirect ? [name, end] : [name]
    const stageBack = stageBackTask(task, options)
    return {
      tasks: {
        snapshot: snapshotTask(task, options),
        verify: verifyTask(task, options),
        prune: pruneTask(task, options),
        'old-data': oldDataTask(task),
        stage,
        swap: swapTask(task, stage),
        settle: settleTask(task, stage),
        rehearse: rehearseTask(task, options),
        extract: extractTask(task, options),
        end: endTask(task, options, speaks),
        'end-brought': endBroughtTask(task, options),
        'end-back': endBackTask(task, options),
        before: beforeDeployTask(task, options),
        'end-before': endTask(task, options, (_placement, { beforeDeploy }) => beforeDeploy),
        'stage-back': stageBack,
        'swap-back': swapBackTask(task, stageBack),
        'settle-back': settleBackTask(task, stageBack),
        install: installTask(task, options),
        remove: removeTask(task, options),
      },
      hosts: hostsOf(destinationsOf(options)),
      hostNames: hostNamesIn(options),
      checks,
      inspect,
      finish,
      snapshots: {
        places: (placement, projectRoot) =>
          speaks(placement)
            ? vaultsOf(options, placement, projectRoot).map((vault) => ({
                on: vault.on,
                folder: vault.base,
                probe: lines(
                  listScript(vault),
                  ownerScript(vault),
                  provenScript(vault),
                  dueIn(options, placement, vault),
                ),
              }))
            : [],
        owner: { probe: identityText, isOther },
        read: readListed,
        rehearsals: (stdout) => readRehearsals(stdout).toReversed(),
        overdue: readOverdue,
        oldData: {
          probe: (placement) => (speaks(placement) ? oldDataScript(placement.paths) : undefined),
          read: (stdout, { paths }) => readOldData(stdout, paths.service),
        },
      },
      schedules: {
        places: (placement, projectRoot) => schedulesOf(options, placement, projectRoot),
        read: readSchedule,
      },
      phases: {
        backup: ended('snapshot', 'end'),
        verify: ['verify'],
        prune: ['prune', 'old-data'],
        rehearse: ended('rehearse', 'end-brought'),
        extract: ended('extract', 'end-brought'),
        deploy: { prepare: hasDirect ? ['before', 'end-before'] : ['before'] },
        withData: { prepare: ended('stage-back', 'end-back'), activate: ['swap-back'], settle: ['settle-back'] },
        schedule: ['install'],
        unschedule: ['remove'],
        restore: { prepare: ended('stage', 'end-brought'), activate: ['swap'], settle: ['settle'] },
      },
    }
  },
})
