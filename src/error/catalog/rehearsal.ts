import { entry } from '../entry.ts'
import type { Kept } from './backup.ts'

/** 655: rehearsals of a restore. */
export const rehearsal = {
  'SRV-655': entry<Kept & { readonly id: string; readonly problem: string }>({
    message: ({ service, host, id, problem }) =>
      `A restore of ${service} on ${host} from the snapshot ${id} would not work: ${problem}. This was a rehearsal: what serves was not touched.`,
    hint: ({ service }) =>
      `The lines above say why, and -v shows all output. Older snapshots: srv snapshots <environment> ${service}`,
    exitCode: 10,
  }),
} as const
