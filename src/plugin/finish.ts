import type { Placement } from '../config/resolved.ts'
import type { Script } from '../shell/script.ts'

/**
 * Brings to an end what a run that died left half done of a service on a host: shell text that is sent behind the taking of
 * its lease, and before anything is asked. Each line that it prints is told as a warning; when it fails, the run ends there.
 * It is told the id of the run that has the lease.
 */
export type Finish = (placement: Placement, run: string) => Script
