import { entry } from '../entry.ts'
import type { Kept } from './backup.ts'

/** 660 to 663, 665 to 667: the folders that snapshots are kept in. */
export const vault = {
  'SRV-660': entry<Kept & { readonly owner: string; readonly of: string }>({
    message: ({ service, host, where, owner, of }) =>
      `${where} does not belong to ${service} on ${host}, but to another machine: it was started for ${owner}, and this is ${of}. Nothing was changed there, and nothing was restored from it.`,
    hint: ({ service, host }) =>
      `Hosts that share a name, in two environments or configs, each need their own \`to\`, or another name. If it is the same host, reinstalled or moved: srv backup <environment> ${service} --adopt; to restore to it first: srv restore <environment> ${service} --from ${host}`,
    exitCode: 9,
  }),
  'SRV-661': entry<Kept & { readonly data: string }>({
    message: ({ service, host, where, data }) =>
      `The snapshots of ${service} on ${host} would be in ${where}, and its data is in ${data}: one is inside the other, so each snapshot would contain all earlier ones. Nothing was created there.`,
    hint: () => 'Set `to` to a folder that is neither inside the data nor contains it: /srv-backups, or a second disk.',
    exitCode: 9,
  }),
  'SRV-662': entry<
    Kept & {
      readonly id: string
      readonly problem: string
      /** It is about what restores left on the host, and not about snapshots. */
      readonly isOldData?: boolean
    }
  >({
    message({ service, host, where, id, problem, isOldData = false }) {
      if (isOldData) {
        return `${where}, which a restore of ${service} on ${host} left there, was not removed, or not all of it: ${problem}. The data that is in use was not touched.`
      }
      return `${id === '' ? '' : `The snapshot ${id} of ${service} on ${host} was made. `}Older snapshots of ${service} on ${host} were not removed from ${where}, or not all of them: ${problem}.`
    },
    hint: ({ service, isOldData = false }) =>
      `\`-v\` shows all output. Once that is fixed: srv prune <environment> ${service}${isOldData ? ' --old-data' : ''}`,
    exitCode: 10,
  }),
  'SRV-663': entry<Kept & { readonly id: string; readonly problem: string }>({
    message: ({ service, host, where, id, problem }) =>
      `The snapshot ${id} of ${service} on ${host} was made in ${where} and is complete, but what is done behind that was not finished: ${problem}. \`latest\` there may still lead to an older one, what failed backups had copied may still be there, and no older snapshot was removed.`,
    hint: ({ service }) =>
      `\`-v\` shows all output. Once that is fixed, the next backup does it all: srv backup <environment> ${service}`,
    exitCode: 10,
  }),
  'SRV-665': entry<Kept & { readonly id: string }>({
    message: ({ service, host, where, id }) =>
      `The snapshot ${id} is no longer in ${where}: it was removed after it had been chosen for ${service} on ${host}, as a prune does. The data of ${service} on ${host} was not changed.`,
    hint: ({ service }) =>
      `Run it again with one that is left: srv snapshots <environment> ${service}. One that is pinned is never pruned: srv prune <environment> ${service} --pin <id>`,
    exitCode: 10,
  }),
  'SRV-666': entry<Kept & { readonly id: string; readonly isChanged?: boolean }>({
    message: ({ service, host, where, id, isChanged = false }) =>
      `The snapshot ${id} of ${service} on ${host}, in ${where}, has ${isChanged ? 'a snapshot.json that was changed after it was written: it does not match its checksum, snapshot.sum' : 'no snapshot.json that can be read: it is missing, empty or damaged'}, so nobody can tell what the snapshot should be. Its files were not touched, and no prune removes it.`,
    hint: ({ service, where, id, isChanged = false }) =>
      `Use another one, srv snapshots <environment> ${service}, and check the disk that holds this one. To look at its files: ${where}/${id}/data. If they are of no use, remove the folder ${id} there.${isChanged ? ' If it was changed on purpose, and all that it says is right, remove snapshot.sum in that folder: then it counts again.' : ''}`,
    exitCode: 10,
  }),
  'SRV-667': entry<Kept & { readonly problem: string }>({
    message: ({ service, host, where, problem }) =>
      `What is kept of ${service} on ${host} in ${where} could not be looked at: ${problem}. This says nothing about the snapshots there, and nothing of them was changed.`,
    hint: ({ service }) =>
      `\`-v\` shows all output. Which keepers can be asked: srv snapshots <environment> ${service}`,
    exitCode: 10,
  }),
} as const
