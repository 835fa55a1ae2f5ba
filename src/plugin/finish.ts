import type { Placement } from '../config/resolved.ts'
import type { Script } from '../shell/script.ts'

/**
 * Completes or undoes what a run that died left half done for a service on a host: shell text that is sent right after its
 * lease was taken, before anything is asked. Each line that it prints becomes a warning; when it fails, the run ends there.
 * It gets the id of the run that holds the lease.
 */
export type Finish = (placement: Placement, run: string) => Script
