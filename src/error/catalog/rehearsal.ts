import { entry } from '../entry.ts'
import type { Kept } from './backup.ts'

/** 655: rehearsals of a restore. */
export const rehearsal = {
  'SRV-655': entry<Kept & { readonly id: string; readonly problem: string }>({
    message: ({ service, host, id, problem }) =>
      `The rehearsal of a restore of ${service} on ${host} from the snapshot ${id} failed: ${problem}. What serves was not touched.`,
    hint: ({ service }) =>
      `The lines above say why, and -v shows all output. An app that does not listen on $PORT needs \`rehearsal: { start }\`. Older snapshots: srv snapshots <environment> ${service}`,
    exitCode: 10,
  }),
} as const
