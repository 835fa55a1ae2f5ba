/** What a fused probe answered. */
export interface Answer {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** The answer of a check. */
export type Verdict =
  | {
      readonly ok: true
      readonly found?: string
      /** What `srv doctor` warns of; other runs do not say it, as nobody could do anything about it then. */
      readonly warning?: string
    }
  | { readonly ok: false; readonly problem: string; readonly fix: string }
