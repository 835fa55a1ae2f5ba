import { entry } from '../entry.ts'
import type { Kept } from './backup.ts'

/** 660 to 669: the folders that snapshots are kept in. */
export const vault = {
  'SRV-660': entry<Kept & { readonly owner: string; readonly of: string }>({
    message: ({ service, host, where, owner, of }) =>
      `${where} is of another machine than ${service} on ${host}: it was begun for ${owner}, and this is ${of}. Nothing was changed there, and nothing was taken from it.`,
    hint: ({ service, host }) =>
      `Hosts that share a name, in two environments or configs, need a \`to\` of their own, or another name. When it is the same host, made anew or moved: srv backup <environment> ${service} --adopt; to restore on it first: srv restore <environment> ${service} --from ${host}`,
    exitCode: 9,
  }),
  'SRV-661': entry<Kept & { readonly data: string }>({
    message: ({ service, host, where, data }) =>
      `The snapshots of ${service} on ${host} would be in ${where}, and its data are in ${data}: one is in the other, so that each snapshot would have all those before it. Nothing was made.`,
    hint: () =>
      'Name a folder in `to` that is no part of the data and has none of them in it: /srv-backups, or a second disk.',
    exitCode: 9,
  }),
  'SRV-662': entry<Kept & { readonly id: string; readonly problem: string }>({
    message: ({ service, host, where, id, problem }) =>
      `${id === '' ? '' : `The snapshot ${id} of ${service} on ${host} was made. `}Older snapshots of ${service} on ${host} were not removed from ${where}, or not all of them: ${problem}.`,
    hint: ({ service }) => `\`-v\` shows all output. Once that is mended: srv prune <environment> ${service}`,
    exitCode: 10,
  }),
} as const
