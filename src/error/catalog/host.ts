/** 3xx: a host is not ready for what was asked of it. */
export const host = {}
