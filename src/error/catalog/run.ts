/** 5xx: a run failed; each text says what serves now. */
export const run = {}
