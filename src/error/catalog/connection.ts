/** 2xx: a host could not be reached, logged in to, or identified. */
export const connection = {}
