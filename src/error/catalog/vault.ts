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
} as const
