/** 1xx: the command line, the config or a secret is wrong; nothing was contacted. */
export const usage = {}
